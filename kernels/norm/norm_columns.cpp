#include <rewind/kernels/norm/norm_columns.h>

#include <algorithm>
#include <type_traits>

#include <rewind/kernels/simd/targets.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/norm/norm_columns.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Calls f(tag, first column, number of vectors as a constant). The last vector overlaps the one
// before it, which does no harm since results are only written.
template <class D, class F>
void for_columns(D d, int64_t width, F&& f) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + 4 * lanes <= width; i += 4 * lanes) f(d, i, std::integral_constant<size_t, 4>());
  for (; i < width; i += lanes)
    f(d, std::min(i, width - lanes), std::integral_constant<size_t, 1>());
}
template <class P, class F>
void for_columns(int64_t width, F&& f) {
  const hn::ScalableTag<P> full;
  if (width >= static_cast<int64_t>(hn::Lanes(full)))
    for_columns(full, width, f);
  else if (width >= 4)
    for_columns(hn::CappedTag<P, 4>(), width, f);
  else
    for_columns(hn::CappedTag<P, 1>(), width, f);
}

// Columns [at, at + vectors * lanes) of sum_columns.
template <size_t vectors, bool with_g, class D, class T, class P>
void sum_columns_at(D d, const T* g, const T* x, int64_t rows, int64_t stride, const P* center,
                    P* sum, P* product, int64_t at) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  hn::Vec<D> k[vectors], s[vectors], p[vectors];
  for (size_t v = 0; v < vectors; ++v) {
    k[v] = hn::LoadU(d, center + at + static_cast<int64_t>(v) * lanes);
    s[v] = p[v] = hn::Zero(d);
  }
  for (int64_t r = 0; r < rows; ++r) {
    int64_t i = r * stride + at;
    for (size_t v = 0; v < vectors; ++v, i += lanes) {
      const auto centered = hn::Sub(load(d, x + i), k[v]);
      auto factor = centered;
      if constexpr (with_g) factor = load(d, g + i);
      s[v] = hn::Add(s[v], factor);
      p[v] = hn::MulAdd(factor, centered, p[v]);
    }
  }
  for (size_t v = 0; v < vectors; ++v, at += lanes) {
    hn::StoreU(s[v], d, sum + at);
    hn::StoreU(p[v], d, product + at);
  }
}

template <bool with_g, class T, class P>
void sum_columns(const T* g, const T* x, int64_t rows, int64_t width, int64_t stride,
                 const P* center, P* sum, P* product) {
  for_columns<P>(width, [&]<size_t n>(auto d, int64_t at, std::integral_constant<size_t, n>) {
    sum_columns_at<n, with_g>(d, g, x, rows, stride, center, sum, product, at);
  });
}

template <bool with_g, class T, class P>
void combine_columns(const T* g, const T* x, int64_t rows, int64_t width, int64_t stride,
                     const P* center, const P* a, const P* b, const P* shift, T* y) {
  for (int64_t r = 0; r < rows; ++r, x += stride, y += stride) {
    for_columns<P>(
        width, [&]<size_t n>(auto d, int64_t at, std::integral_constant<size_t, n>) HWY_ATTR {
          for (size_t v = 0; v < n; ++v, at += static_cast<int64_t>(hn::Lanes(d))) {
            const auto centered = hn::Sub(load(d, x + at), hn::LoadU(d, center + at));
            auto sum = hn::MulAdd(centered, hn::LoadU(d, b + at), hn::LoadU(d, shift + at));
            if constexpr (with_g) sum = hn::MulAdd(load(d, g + at), hn::LoadU(d, a + at), sum);
            store(d, sum, y + at);
          }
        });
    if constexpr (with_g) g += stride;
  }
}

template <class T, class P>
void sum_columns_of(const T* g, const T* x, int64_t rows, int64_t width, int64_t stride,
                    const P* center, P* sum, P* product) {
  if (g)
    sum_columns<true>(g, x, rows, width, stride, center, sum, product);
  else
    sum_columns<false>(g, x, rows, width, stride, center, sum, product);
}
template <class T, class P>
void combine_columns_of(const T* g, const T* x, int64_t rows, int64_t width, int64_t stride,
                        const P* center, const P* a, const P* b, const P* shift, T* y) {
  if (g)
    combine_columns<true>(g, x, rows, width, stride, center, a, b, shift, y);
  else
    combine_columns<false>(x, x, rows, width, stride, center, b, b, shift, y);
}

void sum_f32(const float* g, const float* x, int64_t rows, int64_t width, int64_t stride,
             const float* center, float* sum, float* product) {
  sum_columns_of(g, x, rows, width, stride, center, sum, product);
}
void sum_f64(const double* g, const double* x, int64_t rows, int64_t width, int64_t stride,
             const double* center, double* sum, double* product) {
  sum_columns_of(g, x, rows, width, stride, center, sum, product);
}
void sum_bf16(const BFloat16* g, const BFloat16* x, int64_t rows, int64_t width, int64_t stride,
              const float* center, float* sum, float* product) {
  sum_columns_of(g, x, rows, width, stride, center, sum, product);
}
void combine_f32(const float* g, const float* x, int64_t rows, int64_t width, int64_t stride,
                 const float* center, const float* a, const float* b, const float* shift,
                 float* y) {
  combine_columns_of(g, x, rows, width, stride, center, a, b, shift, y);
}
void combine_f64(const double* g, const double* x, int64_t rows, int64_t width, int64_t stride,
                 const double* center, const double* a, const double* b, const double* shift,
                 double* y) {
  combine_columns_of(g, x, rows, width, stride, center, a, b, shift, y);
}
void combine_bf16(const BFloat16* g, const BFloat16* x, int64_t rows, int64_t width, int64_t stride,
                  const float* center, const float* a, const float* b, const float* shift,
                  BFloat16* y) {
  combine_columns_of(g, x, rows, width, stride, center, a, b, shift, y);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(sum_f32);
HWY_EXPORT(sum_f64);
HWY_EXPORT(sum_bf16);
HWY_EXPORT(combine_f32);
HWY_EXPORT(combine_f64);
HWY_EXPORT(combine_bf16);

void sum_columns(const float* g, const float* x, int64_t rows, int64_t width, int64_t stride,
                 const float* center, float* sum, float* product) {
  HWY_DYNAMIC_DISPATCH(sum_f32)(g, x, rows, width, stride, center, sum, product);
}
void sum_columns(const double* g, const double* x, int64_t rows, int64_t width, int64_t stride,
                 const double* center, double* sum, double* product) {
  HWY_DYNAMIC_DISPATCH(sum_f64)(g, x, rows, width, stride, center, sum, product);
}
void sum_columns(const BFloat16* g, const BFloat16* x, int64_t rows, int64_t width, int64_t stride,
                 const float* center, float* sum, float* product) {
  HWY_DYNAMIC_DISPATCH(sum_bf16)(g, x, rows, width, stride, center, sum, product);
}
void combine_columns(const float* g, const float* x, int64_t rows, int64_t width, int64_t stride,
                     const float* center, const float* a, const float* b, const float* shift,
                     float* y) {
  HWY_DYNAMIC_DISPATCH(combine_f32)(g, x, rows, width, stride, center, a, b, shift, y);
}
void combine_columns(const double* g, const double* x, int64_t rows, int64_t width, int64_t stride,
                     const double* center, const double* a, const double* b, const double* shift,
                     double* y) {
  HWY_DYNAMIC_DISPATCH(combine_f64)(g, x, rows, width, stride, center, a, b, shift, y);
}
void combine_columns(const BFloat16* g, const BFloat16* x, int64_t rows, int64_t width,
                     int64_t stride, const float* center, const float* a, const float* b,
                     const float* shift, BFloat16* y) {
  HWY_DYNAMIC_DISPATCH(combine_bf16)(g, x, rows, width, stride, center, a, b, shift, y);
}

}  // namespace rw::kernels
#endif
