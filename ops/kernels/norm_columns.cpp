#include <rewind/ops/kernels/norm_columns.h>

// Three targets cover the machines there are; each costs its time to compile.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/ops/kernels/norm_columns.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/ops/kernels/lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Columns [at, at + vectors * lanes) of sum_columns.
template <size_t vectors, bool with_g, class D, class T, class P>
void sum_columns_at(D d, const T* g, const T* x, int64_t rows, int64_t width, const P* center,
                    P* sum, P* product, int64_t at) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  hn::Vec<D> k[vectors], s[vectors], p[vectors];
  for (size_t v = 0; v < vectors; ++v) {
    k[v] = hn::LoadU(d, center + at + static_cast<int64_t>(v) * lanes);
    s[v] = p[v] = hn::Zero(d);
  }
  for (int64_t r = 0; r < rows; ++r) {
    int64_t i = r * width + at;
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
void sum_columns(const T* g, const T* x, int64_t rows, int64_t width, const P* center, P* sum,
                 P* product) {
  const hn::ScalableTag<P> d;
  const hn::CappedTag<P, 1> one;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + 4 * lanes <= width; i += 4 * lanes)
    sum_columns_at<4, with_g>(d, g, x, rows, width, center, sum, product, i);
  for (; i + lanes <= width; i += lanes)
    sum_columns_at<1, with_g>(d, g, x, rows, width, center, sum, product, i);
  for (; i < width; ++i) sum_columns_at<1, with_g>(one, g, x, rows, width, center, sum, product, i);
}

template <bool with_g, class D, class T, class P>
void combine_at(D d, const T* g, const T* x, const P* center, const P* a, const P* b,
                const P* shift, T* y) {
  const auto centered = hn::Sub(load(d, x), hn::LoadU(d, center));
  auto v = hn::MulAdd(centered, hn::LoadU(d, b), hn::LoadU(d, shift));
  if constexpr (with_g) v = hn::MulAdd(load(d, g), hn::LoadU(d, a), v);
  store(d, v, y);
}

template <bool with_g, class T, class P>
void combine_columns(const T* g, const T* x, int64_t rows, int64_t width, const P* center,
                     const P* a, const P* b, const P* shift, T* y) {
  const hn::ScalableTag<P> d;
  const hn::CappedTag<P, 1> one;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t r = 0; r < rows; ++r, x += width, y += width) {
    int64_t i = 0;
    for (; i + lanes <= width; i += lanes)
      combine_at<with_g>(d, g + i, x + i, center + i, a + i, b + i, shift + i, y + i);
    for (; i < width; ++i)
      combine_at<with_g>(one, g + i, x + i, center + i, a + i, b + i, shift + i, y + i);
    if constexpr (with_g) g += width;
  }
}

template <class T, class P>
void sum_columns_of(const T* g, const T* x, int64_t rows, int64_t width, const P* center, P* sum,
                    P* product) {
  if (g)
    sum_columns<true>(g, x, rows, width, center, sum, product);
  else
    sum_columns<false>(g, x, rows, width, center, sum, product);
}
template <class T, class P>
void combine_columns_of(const T* g, const T* x, int64_t rows, int64_t width, const P* center,
                        const P* a, const P* b, const P* shift, T* y) {
  if (g)
    combine_columns<true>(g, x, rows, width, center, a, b, shift, y);
  else
    combine_columns<false>(x, x, rows, width, center, b, b, shift, y);
}

void sum_f32(const float* g, const float* x, int64_t rows, int64_t width, const float* center,
             float* sum, float* product) {
  sum_columns_of(g, x, rows, width, center, sum, product);
}
void sum_f64(const double* g, const double* x, int64_t rows, int64_t width, const double* center,
             double* sum, double* product) {
  sum_columns_of(g, x, rows, width, center, sum, product);
}
void sum_bf16(const BFloat16* g, const BFloat16* x, int64_t rows, int64_t width,
              const float* center, float* sum, float* product) {
  sum_columns_of(g, x, rows, width, center, sum, product);
}
void combine_f32(const float* g, const float* x, int64_t rows, int64_t width, const float* center,
                 const float* a, const float* b, const float* shift, float* y) {
  combine_columns_of(g, x, rows, width, center, a, b, shift, y);
}
void combine_f64(const double* g, const double* x, int64_t rows, int64_t width,
                 const double* center, const double* a, const double* b, const double* shift,
                 double* y) {
  combine_columns_of(g, x, rows, width, center, a, b, shift, y);
}
void combine_bf16(const BFloat16* g, const BFloat16* x, int64_t rows, int64_t width,
                  const float* center, const float* a, const float* b, const float* shift,
                  BFloat16* y) {
  combine_columns_of(g, x, rows, width, center, a, b, shift, y);
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

void sum_columns(const float* g, const float* x, int64_t rows, int64_t width, const float* center,
                 float* sum, float* product) {
  HWY_DYNAMIC_DISPATCH(sum_f32)(g, x, rows, width, center, sum, product);
}
void sum_columns(const double* g, const double* x, int64_t rows, int64_t width,
                 const double* center, double* sum, double* product) {
  HWY_DYNAMIC_DISPATCH(sum_f64)(g, x, rows, width, center, sum, product);
}
void sum_columns(const BFloat16* g, const BFloat16* x, int64_t rows, int64_t width,
                 const float* center, float* sum, float* product) {
  HWY_DYNAMIC_DISPATCH(sum_bf16)(g, x, rows, width, center, sum, product);
}
void combine_columns(const float* g, const float* x, int64_t rows, int64_t width,
                     const float* center, const float* a, const float* b, const float* shift,
                     float* y) {
  HWY_DYNAMIC_DISPATCH(combine_f32)(g, x, rows, width, center, a, b, shift, y);
}
void combine_columns(const double* g, const double* x, int64_t rows, int64_t width,
                     const double* center, const double* a, const double* b, const double* shift,
                     double* y) {
  HWY_DYNAMIC_DISPATCH(combine_f64)(g, x, rows, width, center, a, b, shift, y);
}
void combine_columns(const BFloat16* g, const BFloat16* x, int64_t rows, int64_t width,
                     const float* center, const float* a, const float* b, const float* shift,
                     BFloat16* y) {
  HWY_DYNAMIC_DISPATCH(combine_bf16)(g, x, rows, width, center, a, b, shift, y);
}

}  // namespace rw::kernels
#endif
