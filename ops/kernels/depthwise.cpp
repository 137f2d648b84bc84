#include <rewind/ops/kernels/depthwise.h>

#include <algorithm>
#include <utility>
#include <vector>

#include <rewind/tensor/allocator.h>
#include <rewind/tensor/parallel.h>
#include <rewind/tensor/profile_scope.h>

// Three targets cover the machines there are; each costs its time to compile.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
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

// y = x * w + bias, for all results of a plane. w is one filter; `size` is that of a square one,
// 0 where it is not known.
template <int64_t size>
void correlate_by(const Windows& s, const Padded& x, const float* w, float bias, float* y) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t kh = size ? size : s.kh, kw = size ? size : s.kw;
  for (int64_t i = 0; i < s.oh; ++i, y += s.ow)
    for (int64_t j = 0; j < s.ow; j += lanes) {
      auto sum = hn::Set(d, bias);
      for (int64_t a = 0; a < kh; ++a)
        for (int64_t b = 0; b < kw; ++b)
          sum = hn::MulAdd(hn::LoadU(d, x.data + (i + a) * x.row + j + b),
                           hn::Set(d, w[a * kw + b]), sum);
      if (j + lanes <= s.ow)
        hn::StoreU(sum, d, y + j);
      else
        store_part(d, sum, y + j, s.ow - j);
    }
}

void correlate(const Windows& s, const Padded& x, const float* w, float bias, float* y) {
  if (s.kh == 3 && s.kw == 3)
    correlate_by<3>(s, x, w, bias, y);
  else
    correlate_by<0>(s, x, w, bias, y);
}

// totals[a][b] += the sum of x[i + a][j + b] * g[i][j] over a plane, for windows of this size that
// begin at `x`. Both are padded.
template <int64_t rows, int64_t columns>
void correlate_with_by(const Windows& s, const Padded& x, const Padded& g, double* totals) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  hn::Vec<Floats> sums[static_cast<size_t>(rows * columns)];
  for (auto& sum : sums) sum = hn::Zero(d);
  for (int64_t i = 0; i < s.oh; ++i)
    for (int64_t j = 0; j < s.ow; j += lanes) {
      const auto v = hn::LoadU(d, g.data + i * g.row + j);
      for (int64_t a = 0; a < rows; ++a)
        for (int64_t b = 0; b < columns; ++b)
          sums[a * columns + b] =
              hn::MulAdd(hn::LoadU(d, x.data + (i + a) * x.row + j + b), v, sums[a * columns + b]);
    }
  for (int64_t a = 0; a < rows; ++a)
    for (int64_t b = 0; b < columns; ++b)
      totals[a * s.kw + b] +=
          static_cast<double>(hn::GetLane(hn::SumOfLanes(d, sums[a * columns + b])));
}

void correlate_with(const Windows& s, const Padded& x, const Padded& g, double* totals) {
  if (s.kh == 3 && s.kw == 3) return correlate_with_by<3, 3>(s, x, g, totals);
  for (int64_t a = 0; a < s.kh; ++a)
    for (int64_t b = 0; b < s.kw; ++b)
      correlate_with_by<1, 1>(s, {x.row, x.data + a * x.row + b}, g, totals + a * s.kw + b);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(correlate);
HWY_EXPORT(correlate_with);

namespace {

// Copies planes of one size between zeros.
class Padding {
 public:
  // `rows` of `columns` elements, the plane's first one at `before`.
  Padding(int64_t h, int64_t w, Size2 before, int64_t rows, int64_t columns)
      : h_(h), w_(w), before_(before), row_(columns), data_(static_cast<size_t>(rows * columns)) {
    std::fill(data_.begin(), data_.end(), 0.0f);
  }

  Padded of(const float* plane) {
    float* to = data_.data() + before_.h * row_ + before_.w;
    for (int64_t i = 0; i < h_; ++i) std::copy_n(plane + i * w_, w_, to + i * row_);
    return {row_, data_.data()};
  }

 private:
  int64_t h_, w_;
  Size2 before_;
  int64_t row_;
  detail::CachedVector<float> data_;
};

int64_t round_up(int64_t n) { return (n + block - 1) / block * block; }

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
    std::vector<double> sums(static_cast<size_t>(size));
    for (int64_t c = begin; c < end; ++c) {
      std::fill(sums.begin(), sums.end(), 0.0);
      for (int64_t n = 0; n < s.n; ++n) {
        const int64_t plane = n * s.c + c;
        HWY_DYNAMIC_DISPATCH(correlate_with)
        (windows, padding_x.of(x + plane * s.h * s.w), padding_g.of(g + plane * s.oh * s.ow),
         sums.data());
      }
      std::transform(sums.begin(), sums.end(), dweight + c * size,
                     [](double sum) { return static_cast<float>(sum); });
    }
  });
}

}  // namespace rw::kernels
#endif
