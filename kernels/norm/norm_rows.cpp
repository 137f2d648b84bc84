#include <rewind/kernels/norm/norm_rows.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/allocator.h>
#include <rewind/tensor/dispatch.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/norm/norm_rows.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// Few enough values for a float to sum up by lane, and for the first-level cache.
constexpr int64_t chunk = 1 << 12;

template <class D>
HWY_INLINE double total(D d, hn::Vec<D> v) {
  return static_cast<double>(hn::GetLane(hn::SumOfLanes(d, v)));
}

template <class T>
double chunk_sum(const T* x, int64_t n) {
  const hn::ScalableTag<Compute<T>> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    s0 = hn::Add(s0, load(d, x + i));
    s1 = hn::Add(s1, load(d, x + i + lanes));
    s2 = hn::Add(s2, load(d, x + i + 2 * lanes));
    s3 = hn::Add(s3, load(d, x + i + 3 * lanes));
  }
  for (; i + lanes <= n; i += lanes) s0 = hn::Add(s0, load(d, x + i));
  if (i < n) s1 = hn::Add(s1, load_part(d, x + i, n - i, 0));
  return total(d, hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)));
}

struct Sums {
  double sum, product;
};

// The sums of f and of f * c, where c = x - center and f is g or, without one, c itself.
template <bool with_g, class T, class P = Compute<T>>
Sums chunk_sums(const T* g, const T* x, int64_t n, P center) {
  const hn::ScalableTag<P> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto k = hn::Set(d, center);
  auto s0 = hn::Zero(d), s1 = s0, p0 = s0, p1 = s0;
  const auto add = [&](auto factor, auto c, auto& s, auto& p) HWY_ATTR {
    s = hn::Add(s, factor);
    p = hn::MulAdd(factor, c, p);
  };
  const auto whole = [&](int64_t i, auto& s, auto& p) HWY_ATTR {
    const auto c = hn::Sub(load(d, x + i), k);
    if constexpr (with_g)
      add(load(d, g + i), c, s, p);
    else
      add(c, c, s, p);
  };
  int64_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    whole(i, s0, p0);
    whole(i + lanes, s1, p1);
  }
  for (; i + lanes <= n; i += lanes) whole(i, s0, p0);
  if (i < n) {
    const auto c = hn::Sub(load_part(d, x + i, n - i, center), k);
    if constexpr (with_g)
      add(load_part(d, g + i, n - i, 0), c, s1, p1);
    else
      add(c, c, s1, p1);
  }
  return {total(d, hn::Add(s0, s1)), total(d, hn::Add(p0, p1))};
}

struct Moments {
  double mean, m2;
};

// Each chunk is looked at twice while it is in the cache.
template <class T, class P = Compute<T>>
Moments moments(const T* x, int64_t n) {
  Moments all = {0, 0};
  for (int64_t i = 0; i < n; i += chunk) {
    const int64_t count = std::min(chunk, n - i);
    const auto size = static_cast<double>(count);
    const P center = static_cast<P>(chunk_sum(x + i, count) / size);
    const Sums s = chunk_sums<false>(x + i, x + i, count, center);
    const double mean = static_cast<double>(center) + s.sum / size;
    const double delta = mean - all.mean, share = size / static_cast<double>(i + count);
    all.mean += delta * share;
    all.m2 += s.product - s.sum * s.sum / size + delta * delta * static_cast<double>(i) * share;
  }
  return all;
}

// The sum of the squares, as moments about 0.
template <class T, class P = Compute<T>>
Moments square_moments(const T* x, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i += chunk)
    sum += chunk_sums<false>(x + i, x + i, std::min(chunk, n - i), P(0)).product;
  return {0, sum};
}

// A mean as the type computed in, and what that leaves of it.
template <class P>
struct Split {
  explicit Split(double mean)
      : center(static_cast<P>(mean)), lost(mean - static_cast<double>(center)) {}
  P center;
  double lost;
};

template <class T, class P = Compute<T>>
Sums sums(const T* g, const T* x, int64_t n, double mean) {
  const Split<P> m(mean);
  Sums all = {0, 0};
  for (int64_t i = 0; i < n; i += chunk) {
    const Sums s = chunk_sums<true>(g + i, x + i, std::min(chunk, n - i), m.center);
    all.sum += s.sum;
    all.product += s.product;
  }
  return {all.sum, all.product - m.lost * all.sum};
}

template <bool with_g, class T, class P = Compute<T>>
void combine(const T* g, const T* x, int64_t n, double mean, double a, double b, double shift,
             T* y) {
  const hn::ScalableTag<P> d;
  const Split<P> m(mean);
  const auto center = hn::Set(d, m.center), va = hn::Set(d, static_cast<P>(a));
  const auto vb = hn::Set(d, static_cast<P>(b));
  const auto vs = hn::Set(d, static_cast<P>(shift - m.lost * b));
  for_each_vector(d, n, [&](auto load_at, auto store_at) HWY_ATTR {
    auto v = hn::MulAdd(hn::Sub(load_at(x, P(0)), center), vb, vs);
    if constexpr (with_g) v = hn::MulAdd(load_at(g, P(0)), va, v);
    store_at(v, y);
  });
}

// --- Parameters by element -----------------------------------------------------------------------

// What makes (x - center) * scale + shift of x the normalised value.
template <class P>
struct Normalizer {
  Normalizer(double mean, double variance, double eps) {
    const Split<P> m(mean);
    const double r = 1 / std::sqrt(variance + eps);
    center = m.center;
    scale = static_cast<P>(r);
    shift = static_cast<P>(-m.lost * r);
  }
  P center, scale, shift;
};

template <class D, class V, class P>
HWY_INLINE V normalized(D d, V x, const Normalizer<P>& r) {
  return hn::MulAdd(hn::Sub(x, hn::Set(d, r.center)), hn::Set(d, r.scale), hn::Set(d, r.shift));
}

template <class T, class P = Compute<T>>
void forward(const NormRows& r, const T* x, const P* weight, const P* bias, T* y, double* mean,
             double* variance) {
  const hn::ScalableTag<P> d;
  for (int64_t i = 0; i < r.rows; ++i, x += r.n, y += r.n) {
    const Moments m = r.centered ? moments(x, r.n) : square_moments(x, r.n);
    mean[i] = m.mean;
    variance[i] = m.m2 / static_cast<double>(r.n);
    const Normalizer<P> row(mean[i], variance[i], r.eps);
    const int64_t first = i % r.groups * r.n;
    for_each_vector(d, r.n, [&](auto load_at, auto store_at) HWY_ATTR {
      const auto xh = normalized(d, load_at(x, P(0)), row);
      store_at(hn::MulAdd(xh, load_at(weight + first, P(0)), load_at(bias + first, P(0))), y);
    });
  }
}

// Some rows of one group at once: they share the way to the sums by column.
template <size_t count, class T, class P>
void backward_rows(const NormRows& r, const T* g, const T* x, const P* weight, const double* mean,
                   const double* variance, T* dx, P* dw, P* db) {
  const hn::ScalableTag<P> d;
  P center[count], scale[count], shift[count];
  hn::Vec<decltype(d)> sum[count], product[count];
  for (size_t k = 0; k < count; ++k) {
    const Normalizer<P> row(mean[k], variance[k], r.eps);
    center[k] = row.center;
    scale[k] = row.scale;
    shift[k] = row.shift;
    sum[k] = product[k] = hn::Zero(d);
  }
  for_each_vector(d, r.n, [&](auto load_at, auto store_at) HWY_ATTR {
    const auto w = load_at(weight, P(0));
    auto total_g = load_at(db, P(0)), total_gx = load_at(dw, P(0));
    for (size_t k = 0; k < count; ++k) {
      const auto offset = static_cast<int64_t>(k) * r.n;
      const auto vg = load_at(g + offset, P(0));
      const auto c = hn::Sub(load_at(x + offset, center[k]), hn::Set(d, center[k]));
      const auto xh = hn::MulAdd(c, hn::Set(d, scale[k]), hn::Set(d, shift[k]));
      const auto h = hn::Mul(vg, w);
      total_g = hn::Add(total_g, vg);
      total_gx = hn::MulAdd(vg, xh, total_gx);
      sum[k] = hn::Add(sum[k], h);
      product[k] = hn::MulAdd(h, xh, product[k]);
    }
    store_at(total_g, db);
    store_at(total_gx, dw);
  });
  if (!dx) return;
  for (size_t k = 0; k < count; ++k) {
    const auto offset = static_cast<int64_t>(k) * r.n;
    const double share = -static_cast<double>(scale[k]) / static_cast<double>(r.n);
    const double b = share * total(d, product[k]);
    const auto vb = hn::Set(d, static_cast<P>(b * static_cast<double>(scale[k])));
    const auto vc = hn::Set(d, center[k]), va = hn::Set(d, scale[k]);
    const auto vs = hn::Set(d, static_cast<P>(b * static_cast<double>(shift[k])));
    // Taken off before it is scaled, and not in one step with the product, so that a row of one
    // value has a gradient of exactly 0.
    const double by_mean = r.centered ? total(d, sum[k]) / static_cast<double>(r.n) : 0;
    const auto mean_h = hn::Set(d, static_cast<P>(by_mean));
    for_each_vector(d, r.n, [&](auto load_at, auto store_at) HWY_ATTR {
      const auto v = hn::MulAdd(hn::Sub(load_at(x + offset, P(0)), vc), vb, vs);
      const auto h = in_register(hn::Mul(load_at(g + offset, P(0)), load_at(weight, P(0))));
      store_at(hn::MulAdd(hn::Sub(h, mean_h), va, v), dx + offset);
    });
  }
}

template <class T, class P = Compute<T>>
void backward(const NormRows& r, const T* g, const T* x, const P* weight, const double* mean,
              const double* variance, T* dx, double* dw, double* db) {
  const int64_t width = r.groups * r.n;
  detail::CachedVector<P> dws(static_cast<size_t>(width)), dbs(dws.size());
  int64_t i = 0;
  const auto run = [&]<size_t count>(std::integral_constant<size_t, count>) {
    const int64_t at = i * r.n, first = i % r.groups * r.n;
    backward_rows<count>(r, g + at, x + at, weight + first, mean + i, variance + i,
                         dx ? dx + at : dx, dws.data() + first, dbs.data() + first);
    i += static_cast<int64_t>(count);
  };
  if (r.groups == 1)
    while (i + 4 <= r.rows) run(std::integral_constant<size_t, 4>());
  while (i < r.rows) run(std::integral_constant<size_t, 1>());
  std::copy(dws.begin(), dws.end(), dw);
  std::copy(dbs.begin(), dbs.end(), db);
}

// --- By dtype ------------------------------------------------------------------------------------

void RowMoments(DType dtype, const void* x, int64_t n, double* mean, double* m2) {
  dispatch_floating(dtype, [&]<class T>() {
    const Moments m = moments(static_cast<const T*>(x), n);
    *mean = m.mean;
    *m2 = m.m2;
  });
}

void RowSums(DType dtype, const void* g, const void* x, int64_t n, double mean, double* sum_g,
             double* sum_gx) {
  dispatch_floating(dtype, [&]<class T>() {
    const Sums s = sums(static_cast<const T*>(g), static_cast<const T*>(x), n, mean);
    *sum_g = s.sum;
    *sum_gx = s.product;
  });
}

void CombineRow(DType dtype, const void* g, const void* x, int64_t n, double mean, double a,
                double b, double shift, void* y) {
  dispatch_floating(dtype, [&]<class T>() {
    const auto run = g ? combine<true, T> : combine<false, T>;
    run(static_cast<const T*>(g), static_cast<const T*>(x), n, mean, a, b, shift,
        static_cast<T*>(y));
  });
}

void Forward(const NormRows& r, const void* x, const void* weight, const void* bias, void* y,
             double* mean, double* variance) {
  dispatch_floating(r.dtype, [&]<class T>() {
    using P = Compute<T>;
    forward(r, static_cast<const T*>(x), static_cast<const P*>(weight), static_cast<const P*>(bias),
            static_cast<T*>(y), mean, variance);
  });
}

void Backward(const NormRows& r, const void* g, const void* x, const void* weight,
              const double* mean, const double* variance, void* dx, double* dw, double* db) {
  dispatch_floating(r.dtype, [&]<class T>() {
    backward(r, static_cast<const T*>(g), static_cast<const T*>(x),
             static_cast<const Compute<T>*>(weight), mean, variance, static_cast<T*>(dx), dw, db);
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(RowMoments);
HWY_EXPORT(RowSums);
HWY_EXPORT(CombineRow);
HWY_EXPORT(Forward);
HWY_EXPORT(Backward);

void row_moments(DType dtype, const void* x, int64_t n, double* mean, double* m2) {
  HWY_DYNAMIC_DISPATCH(RowMoments)(dtype, x, n, mean, m2);
}
void row_sums(DType dtype, const void* g, const void* x, int64_t n, double mean, double* sum_g,
              double* sum_gx) {
  HWY_DYNAMIC_DISPATCH(RowSums)(dtype, g, x, n, mean, sum_g, sum_gx);
}
void combine_row(DType dtype, const void* g, const void* x, int64_t n, double mean, double a,
                 double b, double shift, void* y) {
  HWY_DYNAMIC_DISPATCH(CombineRow)(dtype, g, x, n, mean, a, b, shift, y);
}
void norm_rows(const NormRows& r, const void* x, const void* weight, const void* bias, void* y,
               double* mean, double* variance) {
  HWY_DYNAMIC_DISPATCH(Forward)(r, x, weight, bias, y, mean, variance);
}
void norm_rows_backward(const NormRows& r, const void* g, const void* x, const void* weight,
                        const double* mean, const double* variance, void* dx, double* dw,
                        double* db) {
  HWY_DYNAMIC_DISPATCH(Backward)(r, g, x, weight, mean, variance, dx, dw, db);
}

}  // namespace rw::kernels
#endif
