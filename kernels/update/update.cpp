#include <rewind/kernels/update/update.h>

#include <algorithm>

#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/update/update.cpp"
#include <hwy/foreach_target.h>

#include <rewind/kernels/simd/lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

void widen_bf16(const BFloat16* x, float* y, int64_t n) { convert_floats(x, y, n); }
void widen_f16(const Float16* x, float* y, int64_t n) { convert_floats(x, y, n); }
void narrow_bf16(const float* x, BFloat16* y, int64_t n) { convert_floats(x, y, n); }
void narrow_f16(const float* x, Float16* y, int64_t n) { convert_floats(x, y, n); }

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(widen_bf16);
HWY_EXPORT(widen_f16);
HWY_EXPORT(narrow_bf16);
HWY_EXPORT(narrow_f16);

namespace {

void convert_piece(const BFloat16* x, float* y, int64_t n) {
  HWY_DYNAMIC_DISPATCH(widen_bf16)(x, y, n);
}
void convert_piece(const Float16* x, float* y, int64_t n) {
  HWY_DYNAMIC_DISPATCH(widen_f16)(x, y, n);
}
void convert_piece(const float* x, BFloat16* y, int64_t n) {
  HWY_DYNAMIC_DISPATCH(narrow_bf16)(x, y, n);
}
void convert_piece(const float* x, Float16* y, int64_t n) {
  HWY_DYNAMIC_DISPATCH(narrow_f16)(x, y, n);
}

template <class T>
void update_reduced(const Update& u, int64_t begin, int64_t end, UpdateRule rule) {
  constexpr int64_t piece = 1024;
  alignas(64) float p[piece], g[piece];
  auto* const params = static_cast<T*>(u.param);
  const auto* const grads = static_cast<const T*>(u.grad);
  for (; begin < end; begin += piece) {
    const int64_t n = std::min(piece, end - begin);
    convert_piece(params + begin, p, n);
    convert_piece(grads + begin, g, n);
    Update wide = u;
    wide.param = p;
    wide.grad = g;
    wide.dtype = DType::float32;
    for (void*& slot : wide.slots)
      if (slot) slot = static_cast<float*>(slot) + begin;
    rule(wide, 0, n);
    convert_piece(p, params + begin, n);
  }
}

void update_any(const Update& u, int64_t begin, int64_t end, UpdateRule rule) {
  if (u.dtype == DType::float32 || u.dtype == DType::float64) return rule(u, begin, end);
  dispatch_among<BFloat16, Float16>(u.dtype,
                                    [&]<class T>() { update_reduced<T>(u, begin, end, rule); });
}

}  // namespace

void update_all(const std::vector<Update>& updates, UpdateRule rule) {
  std::vector<int64_t> ends;  // of each parameter in the run of all elements
  ends.reserve(updates.size());
  int64_t total = 0;
  for (const Update& u : updates) ends.push_back(total += u.n);
  constexpr int64_t grain = 1 << 15;
  parallel_for(0, total, grain, [&](int64_t begin, int64_t end) {
    auto k = static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), begin) - ends.begin());
    for (; begin < end; ++k) {
      const int64_t start = ends[k] - updates[k].n, stop = std::min(end, ends[k]);
      update_any(updates[k], begin - start, stop - start, rule);
      begin = stop;
    }
  });
}

std::vector<std::array<double, 2>> sum_all(const std::vector<Update>& updates, UpdateRule rule) {
  struct Piece {
    size_t update;
    int64_t begin, end;
  };
  constexpr int64_t piece = 8192;
  std::vector<Piece> pieces;
  for (size_t k = 0; k < updates.size(); ++k)
    for (int64_t at = 0; at < updates[k].n; at += piece)
      pieces.push_back({k, at, std::min(at + piece, updates[k].n)});
  std::vector<std::array<double, 2>> of_pieces(pieces.size());
  parallel_for(0, static_cast<int64_t>(pieces.size()), 4, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      Update u = updates[pieces[i].update];
      u.sums = of_pieces[i].data();
      update_any(u, pieces[i].begin, pieces[i].end, rule);
    }
  });
  std::vector<std::array<double, 2>> sums(updates.size());
  for (size_t i = 0; i < pieces.size(); ++i)
    for (size_t j = 0; j < 2; ++j) sums[pieces[i].update][j] += of_pieces[i][j];
  return sums;
}

}  // namespace rw::kernels
#endif
