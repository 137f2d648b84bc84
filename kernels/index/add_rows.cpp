#include <rewind/kernels/index/add_rows.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/index/add_rows.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

constexpr int64_t piece = 1024;  // of a row: its sums stay in the nearest cache

// sum[k] += x[k]
template <class T>
void add_piece(const T* x, int64_t n, float* sum) {
  for_each_vector(hn::ScalableTag<float>(), n, [&](auto load, auto store) HWY_ATTR {
    store(hn::Add(load(sum, 0.f), load(x, 0.f)), sum);
  });
}

// y[k] += the sum of x[member][k], k in [0, n), for members `inner` apart.
template <class T>
void add_members(const T* x, int64_t inner, const int64_t* members, int64_t count, T* y,
                 int64_t n) {
  HWY_ALIGN float sum[piece];
  convert_floats(y, sum, n);
  if (count <= addends) {
    for (int64_t i = 0; i < count; ++i) add_piece(x + members[i] * inner, n, sum);
    return convert_floats(sum, y, n);
  }
  HWY_ALIGN double total[piece];
  std::copy_n(sum, n, total);
  for (int64_t i = 0; i < count;) {
    std::fill_n(sum, n, 0.f);
    for (const int64_t end = std::min(count, i + addends); i < end; ++i)
      add_piece(x + members[i] * inner, n, sum);
    for (int64_t k = 0; k < n; ++k) total[k] += double{sum[k]};
  }
  for (int64_t k = 0; k < n; ++k) sum[k] = static_cast<float>(total[k]);
  convert_floats(sum, y, n);
}

// y += the rows of x that members [0, count) name.
void AddMembers(DType dtype, const void* x, int64_t inner, const int64_t* members, int64_t count,
                void* y) {
  dispatch_among<Float16, BFloat16>(dtype, [&]<class T>() {
    for (int64_t k = 0; k < inner; k += piece)
      add_members(static_cast<const T*>(x) + k, inner, members, count, static_cast<T*>(y) + k,
                  std::min(piece, inner - k));
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(AddMembers);

namespace {

// Which entries of an index name each place that is named, in their order.
struct Places {
  std::vector<int64_t> members;
  std::vector<int64_t> first;  // of a place among the members, and at last their number

  Places(const int64_t* index, int64_t step, int64_t n) : members(static_cast<size_t>(n)) {
    const auto place = [=](int64_t member) { return index[member * step]; };
    std::iota(members.begin(), members.end(), 0);
    std::stable_sort(members.begin(), members.end(),
                     [&](int64_t a, int64_t b) { return place(a) < place(b); });
    for (size_t i = 0; i < members.size(); ++i)
      if (i == 0 || place(members[i]) != place(members[i - 1]))
        first.push_back(static_cast<int64_t>(i));
    first.push_back(n);
  }
};

}  // namespace

void add_rows(DType dtype, int64_t outer, int64_t n, int64_t places, int64_t inner,
              const int64_t* index, int64_t step, const void* x, void* y) {
  if (n == 0) return;
  const Places named(index, step, n);
  const auto count = static_cast<int64_t>(named.first.size()) - 1;
  const auto bytes = inner * static_cast<int64_t>(itemsize(dtype));
  const int64_t grain = 1 + (1 << 14) / std::max<int64_t>(1, inner * n / count);
  parallel_for(0, outer * count, grain, [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; ++at) {
      const int64_t o = at / count;
      const auto k = static_cast<size_t>(at % count);
      const int64_t* members = named.members.data() + named.first[k];
      HWY_DYNAMIC_DISPATCH(AddMembers)
      (dtype, static_cast<const char*>(x) + o * n * bytes, inner, members,
       named.first[k + 1] - named.first[k],
       static_cast<char*>(y) + (o * places + index[*members * step]) * bytes);
    }
  });
}

}  // namespace rw::kernels
#endif
