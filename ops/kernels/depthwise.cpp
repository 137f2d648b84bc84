#include <rewind/ops/kernels/depthwise.h>

#include <algorithm>
#include <utility>
#include <vector>

#include <rewind/ops/kernels/targets.h>
#include <rewind/tensor/allocator.h>
#include <rewind/tensor/parallel.h>
#include <rewind/tensor/profile_scope.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/ops/kernels/depthwise.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/ops/kernels/lanes-inl.h>

#ifndef REWIND_OPS_KERNELS_DEPTHWISE_ONCE
#define REWIND_OPS_KERNELS_DEPTHWISE_ONCE
namespace rw::kernels {
namespace {

// Results that are computed together: the widest vector.
constexpr int64_t block = 16;

// A plane with zeros around it. Rows are long enough for a whole block at every window.
struct Padded {
  int64_t row;  // elements from row to row
  const float* data;
};

// The windows of one plane: y[i][j] takes kh x kw elements of the padded plane from (i, j) on.
struct Windows {
  int64_t oh, ow, kh, kw;
};

}  // namespace
}  // namespace rw::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::CappedTag<float, block>;

// `rows` rows of results of a square filter. What is loaded serves all of them.
template <size_t rows, size_t size>
HWY_INLINE void correlate_rows(const float* x, int64_t row, const hn::Vec<Floats> (&w)[size * size],
                               hn::Vec<Floats> bias, float* y, int64_t width) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t j = 0; j < width; j += lanes) {
    hn::Vec<Floats> sums[rows];
    for (auto& sum : sums) sum = bias;
#pragma GCC unroll 16
    for (size_t i = 0; i < rows + size - 1; ++i)
      for (size_t b = 0; b < size; ++b) {
        const auto v = in_register(hn::LoadU(d, x + static_cast<int64_t>(i) * row + j + b));
        for (size_t a = 0; a < size; ++a)
          if (a <= i && i < a + rows) sums[i - a] = hn::MulAdd(v, w[a * size + b], sums[i - a]);
      }
    for (size_t i = 0; i < rows; ++i)
      store_up_to(d, sums[i], y + static_cast<int64_t>(i) * width + j, width - j);
  }
}

template <size_t size>
void correlate_square(const Windows& s, const Padded& x, const float* w, float bias, float* y) {
  constexpr int64_t rows = 4;
  const Floats d;
  hn::Vec<Floats> taps[size * size];
  for (size_t i = 0; i < size * size; ++i) taps[i] = hn::Set(d, w[i]);
  int64_t i = 0;
  for (; i + rows <= s.oh; i += rows)
    correlate_rows<rows, size>(x.data + i * x.row, x.row, taps, hn::Set(d, bias), y + i * s.ow,
                               s.ow);
  for (; i < s.oh; ++i)
    correlate_rows<1, size>(x.data + i * x.row, x.row, taps, hn::Set(d, bias), y + i * s.ow, s.ow);
}

void correlate_any(const Windows& s, const Padded& x, const float* w, float bias, float* y) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < s.oh; ++i, y += s.ow)
    for (int64_t j = 0; j < s.ow; j += lanes) {
      auto sum = hn::Set(d, bias);
      for (int64_t a = 0; a < s.kh; ++a)
        for (int64_t b = 0; b < s.kw; ++b)
          sum = hn::MulAdd(hn::LoadU(d, x.data + (i + a) * x.row + j + b),
                           hn::Set(d, w[a * s.kw + b]), sum);
      store_up_to(d, sum, y + j, s.ow - j);
    }
}

// y = x * w + bias, for all results of a plane.
void correlate(const Windows& s, const Padded& x, const float* w, float bias, float* y) {
  if (s.kh == 3 && s.kw == 3)
    correlate_square<3>(s, x, w, bias, y);
  else if (s.kh == 5 && s.kw == 5)
    correlate_square<5>(s, x, w, bias, y);
  else if (s.kh == 7 && s.kw == 7)
    correlate_square<7>(s, x, w, bias, y);
  else
    correlate_any(s, x, w, bias, y);
}

// sums[a][b] += the products of windows that begin at `x` by `rows` rows of g. What is loaded of x
// serves all of them.
template <size_t rows, size_t kh, size_t kw>
HWY_INLINE void correlate_with_rows(const float* x, int64_t row, const float* g, int64_t g_row,
                                    int64_t width, hn::Vec<Floats> (&sums)[kh * kw]) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t j = 0; j < width; j += lanes) {
    hn::Vec<Floats> factors[rows];
    for (size_t i = 0; i < rows; ++i)
      factors[i] = hn::LoadU(d, g + static_cast<int64_t>(i) * g_row + j);
#pragma GCC unroll 16
    for (size_t i = 0; i < rows + kh - 1; ++i)
      for (size_t b = 0; b < kw; ++b) {
        const auto v = in_register(hn::LoadU(d, x + static_cast<int64_t>(i) * row + j + b));
        for (size_t a = 0; a < kh; ++a)
          if (a <= i && i < a + rows)
            sums[a * kw + b] = hn::MulAdd(v, factors[i - a], sums[a * kw + b]);
      }
  }
}

// totals[a][b] += the sum of x[i + a][j + b] * g[i][j] over a plane, for windows of this size that
// begin at `x`. Both are padded.
template <size_t kh, size_t kw>
void correlate_with_by(const Windows& s, const Padded& x, const Padded& g, double* totals) {
  constexpr int64_t rows = 4;
  const Floats d;
  hn::Vec<Floats> sums[kh * kw];
  for (auto& sum : sums) sum = hn::Zero(d);
  int64_t i = 0;
  for (; i + rows <= s.oh; i += rows)
    correlate_with_rows<rows, kh, kw>(x.data + i * x.row, x.row, g.data + i * g.row, g.row, s.ow,
                                      sums);
  for (; i < s.oh; ++i)
    correlate_with_rows<1, kh, kw>(x.data + i * x.row, x.row, g.data + i * g.row, g.row, s.ow,
                                   sums);
  for (size_t a = 0; a < kh; ++a)
    for (size_t b = 0; b < kw; ++b)
      totals[static_cast<int64_t>(a) * s.kw + static_cast<int64_t>(b)] +=
          static_cast<double>(hn::GetLane(hn::SumOfLanes(d, sums[a * kw + b])));
}

void correlate_with(const Windows& s, const Padded& x, const Padded& g, double* totals) {
  if (s.kh == 3 && s.kw == 3) return correlate_with_by<3, 3>(s, x, g, totals);
  if (s.kh == 5 && s.kw == 5) return correlate_with_by<5, 5>(s, x, g, totals);
  for (int64_t a = 0; a < s.kh; ++a) {
    const Padded below = {x.row, x.data + a * x.row};
    if (s.kw == 7) {
      correlate_with_by<1, 7>(s, below, g, totals + a * s.kw);
      continue;
    }
    for (int64_t b = 0; b < s.kw; ++b)
      correlate_with_by<1, 1>(s, {x.row, below.data + b}, g, totals + a * s.kw + b);
  }
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(correlate);
HWY_EXPORT(correlate_with);

namespace {

int64_t round_up(int64_t n) { return (n + block - 1) / block * block; }

// Copies planes of one size between zeros, their first elements to the beginning of a cache line.
class Padding {
 public:
  // `rows` of `columns` elements, the plane's first one at `before`.
  Padding(int64_t h, int64_t w, Size2 before, int64_t rows, int64_t columns)
      : h_(h),
        w_(w),
        before_(before),
        lead_(round_up(before.w) - before.w),
        row_(round_up(lead_ + columns)),
        data_(static_cast<size_t>(rows * row_)) {
    std::fill(data_.begin(), data_.end(), 0.0f);
  }

  Padded of(const float* plane) {
    float* to = data_.data() + before_.h * row_ + lead_ + before_.w;
    for (int64_t i = 0; i < h_; ++i) std::copy_n(plane + i * w_, w_, to + i * row_);
    return {row_, data_.data() + lead_};
  }

 private:
  int64_t h_, w_;
  Size2 before_;
  int64_t lead_, row_;
  detail::CachedVector<float> data_;
};

// x as the windows of s see it.
Padding padding_of_input(const ConvSizes& s) {
  return {s.h, s.w, s.padding, s.oh + s.kh - 1, round_up(s.ow) + s.kw - 1};
}

// The convolution that leads from g to dx, with filters turned around.
ConvSizes adjoint(const ConvSizes& s) {
  ConvSizes r = s;
  std::swap(r.h, r.oh);
  std::swap(r.w, r.ow);
  r.padding = {s.kh - 1 - s.padding.h, s.kw - 1 - s.padding.w};
  return r;
}

// `filter(c)` yields what the planes of channel c take: the filter and the bias.
template <class F>
void for_each_plane(const ConvSizes& s, const float* x, float* y, F&& filter) {
  const int64_t grain = (1 << 14) / (s.oh * s.ow) + 1;
  const Windows windows = {s.oh, s.ow, s.kh, s.kw};
  parallel_for(0, s.n * s.c, grain, [&](int64_t begin, int64_t end) {
    Padding padding = padding_of_input(s);
    for (int64_t p = begin; p < end; ++p) {
      const auto [w, bias] = filter(p % s.c);
      HWY_DYNAMIC_DISPATCH(correlate)
      (windows, padding.of(x + p * s.h * s.w), w, bias, y + p * s.oh * s.ow);
    }
  });
}

}  // namespace

bool is_depthwise(const ConvSizes& s) {
  return s.groups == s.c && s.out == s.c && s.stride == Size2(1) && s.dilation == Size2(1) &&
         s.padding.h < s.kh && s.padding.w < s.kw;
}

void depthwise_forward(const ConvSizes& s, const float* x, const float* weight, const float* bias,
                       float* y) {
  detail::report_implementation("own depthwise");
  for_each_plane(s, x, y, [&](int64_t c) {
    return std::pair(weight + c * s.kh * s.kw, bias ? bias[c] : 0.0f);
  });
}

void depthwise_backward_input(const ConvSizes& s, const float* g, const float* weight, float* dx) {
  detail::report_implementation("own depthwise");
  const int64_t size = s.kh * s.kw;
  std::vector<float> turned(weight, weight + s.c * size);
  for (int64_t c = 0; c < s.c; ++c)
    std::reverse(turned.begin() + c * size, turned.begin() + (c + 1) * size);
  for_each_plane(adjoint(s), g, dx, [&](int64_t c) {
    return std::pair<const float*, float>(turned.data() + c * size, 0);
  });
}

void depthwise_backward_weight(const ConvSizes& s, const float* x, const float* g, float* dweight) {
  detail::report_implementation("own depthwise");
  const int64_t size = s.kh * s.kw;
  const Windows windows = {s.oh, s.ow, s.kh, s.kw};
  parallel_for(0, s.c, 1, [&](int64_t begin, int64_t end) {
    Padding padding_x = padding_of_input(s);
    Padding padding_g(s.oh, s.ow, 0, s.oh, round_up(s.ow));
    std::vector<double> sums(static_cast<size_t>((end - begin) * size));
    for (int64_t n = 0; n < s.n; ++n)
      for (int64_t c = begin; c < end; ++c) {
        const int64_t plane = n * s.c + c;
        HWY_DYNAMIC_DISPATCH(correlate_with)
        (windows, padding_x.of(x + plane * s.h * s.w), padding_g.of(g + plane * s.oh * s.ow),
         sums.data() + (c - begin) * size);
      }
    std::transform(sums.begin(), sums.end(), dweight + begin * size,
                   [](double sum) { return static_cast<float>(sum); });
  });
}

}  // namespace rw::kernels
#endif
