#include <rewind/kernels/norm/norm_columns.h>

#include <algorithm>
#include <type_traits>

#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>

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
void sum_columns_with(const T* g, const T* x, int64_t rows, int64_t width, int64_t stride,
                      const P* center, P* sum, P* product) {
  for_columns<P>(width, [&]<size_t n>(auto d, int64_t at, std::integral_constant<size_t, n>) {
    sum_columns_at<n, with_g>(d, g, x, rows, stride, center, sum, product, at);
  });
}

template <bool with_g, class T, class P>
void combine_columns_with(const T* g, const T* x, int64_t rows, int64_t width, int64_t stride,
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

void SumColumns(DType dtype, const void* g, const void* x, int64_t rows, int64_t width,
                int64_t stride, const void* center, void* sum, void* product) {
  dispatch_floating(dtype, [&]<class T>() {
    using P = Compute<T>;
    const auto run = g ? sum_columns_with<true, T, P> : sum_columns_with<false, T, P>;
    run(static_cast<const T*>(g), static_cast<const T*>(x), rows, width, stride,
        static_cast<const P*>(center), static_cast<P*>(sum), static_cast<P*>(product));
  });
}

void CombineColumns(DType dtype, const void* g, const void* x, int64_t rows, int64_t width,
                    int64_t stride, const void* center, const void* a, const void* b,
                    const void* shift, void* y) {
  dispatch_floating(dtype, [&]<class T>() {
    using P = Compute<T>;
    const auto run = g ? combine_columns_with<true, T, P> : combine_columns_with<false, T, P>;
    run(static_cast<const T*>(g ? g : x), static_cast<const T*>(x), rows, width, stride,
        static_cast<const P*>(center), static_cast<const P*>(g ? a : b), static_cast<const P*>(b),
        static_cast<const P*>(shift), static_cast<T*>(y));
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(SumColumns);
HWY_EXPORT(CombineColumns);

template <class T>
void sum_columns(const T* g, const T* x, int64_t rows, int64_t width, int64_t stride,
                 const Compute<T>* center, Compute<T>* sum, Compute<T>* product) {
  HWY_DYNAMIC_DISPATCH(SumColumns)
  (dtype_of<T>, g, x, rows, width, stride, center, sum, product);
}

template <class T>
void combine_columns(const T* g, const T* x, int64_t rows, int64_t width, int64_t stride,
                     const Compute<T>* center, const Compute<T>* a, const Compute<T>* b,
                     const Compute<T>* shift, T* y) {
  HWY_DYNAMIC_DISPATCH(CombineColumns)
  (dtype_of<T>, g, x, rows, width, stride, center, a, b, shift, y);
}

#define REWIND_COLUMNS(T)                                                                         \
  template void sum_columns(const T*, const T*, int64_t, int64_t, int64_t, const Compute<T>*,     \
                            Compute<T>*, Compute<T>*);                                            \
  template void combine_columns(const T*, const T*, int64_t, int64_t, int64_t, const Compute<T>*, \
                                const Compute<T>*, const Compute<T>*, const Compute<T>*, T*);
REWIND_COLUMNS(float)
REWIND_COLUMNS(double)
REWIND_COLUMNS(Float16)
REWIND_COLUMNS(BFloat16)
#undef REWIND_COLUMNS

}  // namespace rw::kernels
#endif
