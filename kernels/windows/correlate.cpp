#include <rewind/kernels/windows/correlate.h>

#include <algorithm>
#include <utility>

#include <rewind/kernels/simd/targets.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/windows/correlate.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::CappedTag<float, correlate_block>;

// Loops over arrays of vectors are unrolled: only then does the compiler keep them in registers.

void Copy(const float* x, int64_t h, int64_t w, float* y, int64_t row) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < h; ++i, x += w, y += row)
    for (int64_t j = 0; j < w; j += lanes)
      store_up_to(d, load_up_to(d, x + j, w - j), y + j, w - j);
}

// sums[i][f] += the products of windows of one plane, i rows below `x`, by filter f. What is loaded
// serves all of them. `weight(f, a, b)` is a vector; rows before `begin` and from `end` on are
// zero.
template <size_t rows, size_t filters, size_t size, class Weight>
HWY_INLINE void add_products(const float* x, int64_t row, int64_t begin, int64_t end,
                             const Weight& weight, hn::Vec<Floats> (&sums)[rows][filters]) {
#pragma GCC unroll 16
  for (size_t i = 0; i < rows + size - 1; ++i) {
    const auto at = static_cast<int64_t>(i);
    if (at < begin || at >= end) continue;
    for (size_t b = 0; b < size; ++b) {
      const auto v = in_register(hn::LoadU(Floats(), x + at * row + b));
      for (size_t a = 0; a < size; ++a)
        if (a <= i && i < a + rows)
          for (size_t f = 0; f < filters; ++f)
            sums[i - a][f] = hn::MulAdd(v, weight(f, a, b), sums[i - a][f]);
    }
  }
}

// --- One plane from one -------------------------------------------------------------------------

template <size_t rows, size_t size>
HWY_INLINE void correlate_rows(const float* x, int64_t row, const hn::Vec<Floats> (&w)[size * size],
                               hn::Vec<Floats> bias, float* y, int64_t width) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t j = 0; j < width; j += lanes) {
    hn::Vec<Floats> sums[rows][1];
    for (auto& sum : sums) sum[0] = bias;
    add_products<rows, 1, size>(
        x + j, row, 0, rows + size - 1,
        [&](size_t, size_t a, size_t b) HWY_ATTR { return w[a * size + b]; }, sums);
    for (size_t i = 0; i < rows; ++i)
      store_up_to(d, sums[i][0], y + static_cast<int64_t>(i) * width + j, width - j);
  }
}

template <size_t size>
void correlate_square(const Windows& s, const PaddedPlanes& x, const float* w, float bias,
                      float* y) {
  constexpr int64_t rows = 4;
  const Floats d;
  hn::Vec<Floats> taps[size * size];
  for (size_t i = 0; i < size * size; ++i) taps[i] = hn::Set(d, w[i]);
  int64_t i = s.begin;
  for (; i + rows <= s.end; i += rows)
    correlate_rows<rows, size>(x.data + i * x.row, x.row, taps, hn::Set(d, bias), y + i * s.ow,
                               s.ow);
  for (; i < s.end; ++i)
    correlate_rows<1, size>(x.data + i * x.row, x.row, taps, hn::Set(d, bias), y + i * s.ow, s.ow);
}

void correlate_any(const Windows& s, const PaddedPlanes& x, const float* w, float bias, float* y) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = s.begin; i < s.end; ++i)
    for (int64_t j = 0; j < s.ow; j += lanes) {
      auto sum = hn::Set(d, bias);
      for (int64_t a = 0; a < s.kh; ++a)
        for (int64_t b = 0; b < s.kw; ++b)
          sum = hn::MulAdd(hn::LoadU(d, x.data + (i + a) * x.row + j + b),
                           hn::Set(d, w[a * s.kw + b]), sum);
      store_up_to(d, sum, y + i * s.ow + j, s.ow - j);
    }
}

void OnePlane(const Windows& s, const PaddedPlanes& x, const float* w, float bias, float* y) {
  if (s.kh == 3 && s.kw == 3)
    correlate_square<3>(s, x, w, bias, y);
  else if (s.kh == 5 && s.kw == 5)
    correlate_square<5>(s, x, w, bias, y);
  else if (s.kh == 7 && s.kw == 7)
    correlate_square<7>(s, x, w, bias, y);
  else
    correlate_any(s, x, w, bias, y);
}

// --- Several planes from several ----------------------------------------------------------------

// `rows` rows of results from row i on.
template <size_t rows, size_t filters, size_t size>
HWY_INLINE void correlate_rows_of_planes(const Windows& s, const PaddedPlanes& x, int64_t channels,
                                         const float* w, const float* bias, int64_t i, float* y) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t taps = size * size;
  for (int64_t j = 0; j < s.ow; j += lanes) {
    hn::Vec<Floats> sums[rows][filters];
#pragma GCC unroll 8
    for (size_t r = 0; r < rows; ++r)
#pragma GCC unroll 8
      for (size_t f = 0; f < filters; ++f) sums[r][f] = hn::Set(d, bias ? bias[f] : 0.0f);
    for (int64_t c = 0; c < channels; ++c)
      add_products<rows, filters, size>(
          x.data + c * x.plane + i * x.row + j, x.row, x.begin - i, x.end - i,
          [&](size_t f, size_t a, size_t b) HWY_ATTR {
            return hn::Set(d, w[(static_cast<int64_t>(f) * channels + c) * taps +
                                static_cast<int64_t>(a * size + b)]);
          },
          sums);
#pragma GCC unroll 8
    for (size_t r = 0; r < rows; ++r)
#pragma GCC unroll 8
      for (size_t f = 0; f < filters; ++f)
        store_up_to(d, sums[r][f],
                    y + (static_cast<int64_t>(f) * s.oh + i + static_cast<int64_t>(r)) * s.ow + j,
                    s.ow - j);
  }
}

template <size_t filters, size_t size>
void correlate_filters(const Windows& s, const PaddedPlanes& x, int64_t channels, const float* w,
                       const float* bias, float* y) {
  constexpr int64_t rows = HWY_MAX_BYTES >= 64 ? 4 : 2;
  int64_t i = s.begin;
  for (; i + rows <= s.end; i += rows)
    correlate_rows_of_planes<rows, filters, size>(s, x, channels, w, bias, i, y);
  for (; i < s.end; ++i) correlate_rows_of_planes<1, filters, size>(s, x, channels, w, bias, i, y);
}

using CorrelateFilters = void (*)(const Windows&, const PaddedPlanes&, int64_t, const float*,
                                  const float*, float*);

template <size_t size, size_t... i>
void correlate_squares(const Windows& s, const PaddedPlanes& x, int64_t channels, const float* w,
                       const float* bias, int64_t filters, float* y, std::index_sequence<i...>) {
  static constexpr CorrelateFilters some_filters[] = {correlate_filters<i + 1, size>...};
  constexpr int64_t most = sizeof...(i);
  for (int64_t f = 0; f < filters; f += most) {
    const int64_t count = std::min(most, filters - f);
    some_filters[count - 1](s, x, channels, w + f * channels * int64_t{size * size},
                            bias ? bias + f : nullptr, y + f * s.oh * s.ow);
  }
}

void Planes(const Windows& s, const PaddedPlanes& x, int64_t channels, const float* w,
            const float* bias, int64_t filters, float* y) {
  // As many sums as leave registers for what is loaded.
  constexpr std::make_index_sequence<HWY_MAX_BYTES >= 64 ? 6 : 4> together;
  if (s.kh == 3)
    correlate_squares<3>(s, x, channels, w, bias, filters, y, together);
  else
    correlate_squares<5>(s, x, channels, w, bias, filters, y, together);
}

// --- Pixels from planes -------------------------------------------------------------------------

// `pixels` adjacent results from (i, j) on, of `vectors` vectors of filters, or of the first
// `filters` of these. What is loaded of the weight serves all pixels.
template <size_t vectors, size_t pixels>
void correlate_run(const Windows& s, const PaddedPlanes& x, const PixelFilters& w, int64_t first,
                   int64_t i, int64_t j, float* y) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto at = [&](size_t v) HWY_ATTR { return first + static_cast<int64_t>(v) * lanes; };
  hn::Vec<Floats> sums[pixels][vectors];
#pragma GCC unroll 16
  for (size_t p = 0; p < pixels; ++p)
#pragma GCC unroll 2
    for (size_t v = 0; v < vectors; ++v) sums[p][v] = hn::LoadU(d, w.bias + at(v));
  for (int64_t c = 0; c < w.channels; ++c)
    for (int64_t a = 0; a < s.kh; ++a) {
      if (i + a < x.begin || i + a >= x.end) continue;
      const float* const from = x.data + c * x.plane + (i + a) * x.row + j;
      const float* weight = w.weight + (c * s.kh + a) * s.kw * w.row;
      for (int64_t b = 0; b < s.kw; ++b, weight += w.row) {
        hn::Vec<Floats> factors[vectors];
        for (size_t v = 0; v < vectors; ++v) factors[v] = hn::LoadU(d, weight + at(v));
#pragma GCC unroll 16
        for (size_t p = 0; p < pixels; ++p) {
          const auto value = hn::Set(d, from[b + static_cast<int64_t>(p)]);
#pragma GCC unroll 2
          for (size_t v = 0; v < vectors; ++v)
            sums[p][v] = hn::MulAdd(value, factors[v], sums[p][v]);
        }
      }
    }
#pragma GCC unroll 16
  for (size_t p = 0; p < pixels; ++p)
#pragma GCC unroll 2
    for (size_t v = 0; v < vectors; ++v)
      store_up_to(d, sums[p][v], y + static_cast<int64_t>(p) * w.filters + at(v),
                  w.filters - at(v));
}

using CorrelateRun = void (*)(const Windows&, const PaddedPlanes&, const PixelFilters&, int64_t,
                              int64_t, int64_t, float*);

template <size_t... i>
CorrelateRun run_of(size_t vectors, int64_t pixels, std::index_sequence<i...>) {
  static constexpr CorrelateRun runs[2][sizeof...(i)] = {{correlate_run<1, i + 1>...},
                                                         {correlate_run<2, i + 1>...}};
  return runs[vectors - 1][pixels - 1];
}

void Pixels(const Windows& s, const PaddedPlanes& x, const PixelFilters& w, float* y) {
  // As many sums as leave registers for what is loaded.
  constexpr std::make_index_sequence<HWY_MAX_BYTES >= 64 ? 12 : 6> together;
  const auto lanes = static_cast<int64_t>(hn::Lanes(Floats()));
  const auto most = static_cast<int64_t>(together.size());
  const int64_t runs = (s.ow + most - 1) / most, pixels = (s.ow + runs - 1) / runs;
  for (int64_t i = s.begin; i < s.end; ++i)
    for (int64_t f = 0; f < w.filters;) {
      const size_t vectors = w.filters - f > lanes ? 2 : 1;
      for (int64_t j = 0; j < s.ow; j += pixels)
        run_of(vectors, std::min(pixels, s.ow - j), together)(s, x, w, f, i, j,
                                                              y + (i * s.ow + j) * w.filters);
      f += static_cast<int64_t>(vectors) * lanes;
    }
}

// --- Gradients of weights -----------------------------------------------------------------------

// sums[a][b] += the products of windows that begin at `x` by `rows` rows of g. What is loaded of x
// serves all of them.
template <bool strictly, size_t rows, size_t kh, size_t kw>
HWY_INLINE void correlate_with_rows(const float* x, int64_t row, const float* g, int64_t width,
                                    hn::Vec<Floats> (&sums)[kh * kw]) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t j = 0; j < width; j += lanes) {
    hn::Vec<Floats> factors[rows];
    for (size_t i = 0; i < rows; ++i)
      factors[i] = load_up_to(d, g + static_cast<int64_t>(i) * width + j, width - j);
#pragma GCC unroll 16
    for (size_t i = 0; i < rows + kh - 1; ++i)
      for (size_t b = 0; b < kw; ++b) {
        const float* const from = x + static_cast<int64_t>(i) * row + j + b;
        const auto v = in_register(strictly ? load_up_to(d, from, width - j) : hn::LoadU(d, from));
        for (size_t a = 0; a < kh; ++a)
          if (a <= i && i < a + rows)
            sums[a * kw + b] = hn::MulAdd(v, factors[i - a], sums[a * kw + b]);
      }
  }
}

// For windows of this size that begin at `x`.
template <bool strictly, size_t kh, size_t kw>
void correlate_with_by(const Windows& s, const PaddedPlanes& x, const float* g, float* blocks) {
  constexpr int64_t rows = 4;
  const Floats d;
  hn::Vec<Floats> sums[kh * kw];
#pragma GCC unroll 32
  for (size_t k = 0; k < kh * kw; ++k) sums[k] = hn::LoadU(d, blocks + k * correlate_block);
  int64_t i = s.begin;
  for (; i + rows <= s.end; i += rows)
    correlate_with_rows<strictly, rows, kh, kw>(x.data + i * x.row, x.row, g + i * s.ow, s.ow,
                                                sums);
  for (; i < s.end; ++i)
    correlate_with_rows<strictly, 1, kh, kw>(x.data + i * x.row, x.row, g + i * s.ow, s.ow, sums);
#pragma GCC unroll 32
  for (size_t k = 0; k < kh * kw; ++k) hn::StoreU(sums[k], d, blocks + k * correlate_block);
}

template <bool strictly>
void correlate_with_all(const Windows& s, const PaddedPlanes& x, const float* g, float* blocks) {
  if (s.kh == 3 && s.kw == 3) return correlate_with_by<strictly, 3, 3>(s, x, g, blocks);
  if (s.kh == 5 && s.kw == 5) return correlate_with_by<strictly, 5, 5>(s, x, g, blocks);
  for (int64_t a = 0; a < s.kh; ++a) {
    PaddedPlanes from = x;
    from.data += a * x.row;
    if (s.kw == 7) {
      correlate_with_by<strictly, 1, 7>(s, from, g, blocks + a * s.kw * correlate_block);
      continue;
    }
    for (int64_t b = 0; b < s.kw; ++b, ++from.data)
      correlate_with_by<strictly, 1, 1>(s, from, g, blocks + (a * s.kw + b) * correlate_block);
  }
}

void With(const Windows& s, const PaddedPlanes& x, const float* g, bool strictly, float* blocks) {
  if (strictly)
    correlate_with_all<true>(s, x, g, blocks);
  else
    correlate_with_all<false>(s, x, g, blocks);
}

void AddBlocks(float* blocks, int64_t count, double* totals) {
  const Floats d;
  for (int64_t k = 0; k < count; ++k, blocks += correlate_block) {
    totals[k] += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, hn::LoadU(d, blocks))));
    hn::StoreU(hn::Zero(d), d, blocks);
  }
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(Copy);
HWY_EXPORT(OnePlane);
HWY_EXPORT(Planes);
HWY_EXPORT(Pixels);
HWY_EXPORT(With);
HWY_EXPORT(AddBlocks);

void copy_plane(const float* x, int64_t h, int64_t w, float* y, int64_t row) {
  HWY_DYNAMIC_DISPATCH(Copy)(x, h, w, y, row);
}

void correlate(const Windows& s, const PaddedPlanes& x, const float* w, float bias, float* y) {
  HWY_DYNAMIC_DISPATCH(OnePlane)(s, x, w, bias, y);
}

bool correlate_planes_takes(int64_t kh, int64_t kw) { return kh == kw && (kh == 3 || kh == 5); }
void correlate_planes(const Windows& s, const PaddedPlanes& x, int64_t channels, const float* w,
                      const float* bias, int64_t filters, float* y) {
  HWY_DYNAMIC_DISPATCH(Planes)(s, x, channels, w, bias, filters, y);
}

void correlate_pixels(const Windows& s, const PaddedPlanes& x, const PixelFilters& w, float* y) {
  HWY_DYNAMIC_DISPATCH(Pixels)(s, x, w, y);
}

void correlate_with(const Windows& s, const PaddedPlanes& x, const float* g, bool strictly,
                    float* blocks) {
  HWY_DYNAMIC_DISPATCH(With)(s, x, g, strictly, blocks);
}
void add_blocks(float* blocks, int64_t count, double* totals) {
  HWY_DYNAMIC_DISPATCH(AddBlocks)(blocks, count, totals);
}

}  // namespace rw::kernels
#endif
