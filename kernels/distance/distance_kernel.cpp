#include <rewind/kernels/distance/distance_kernel.h>

#include <algorithm>
#include <cmath>

#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/parallel.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/distance/distance_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/lanes-inl.h>
#include <rewind/kernels/simd/math-inl.h>
#include <rewind/kernels/simd/power-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// --- Norms: how a difference z enters the total, the distance of a total, and the derivative by z
// but for a factor of the pair ------------------------------------------------------------------

template <class D>
struct Count {
  using V = hn::Vec<D>;
  static HWY_INLINE V add(D d, V total, V z, V) {
    return hn::Add(total, hn::IfThenZeroElse(hn::Eq(z, hn::Zero(d)), hn::Set(d, 1)));
  }
  static HWY_INLINE V distance(D, V total, V) { return total; }
  static HWY_INLINE V slope(D d, V, V, V) { return hn::Zero(d); }
};

template <class D, class V>
HWY_INLINE V sign_of(D d, V z) {
  const auto none = hn::Or(hn::Eq(z, hn::Zero(d)), hn::IsNaN(z));
  return hn::IfThenElse(none, z, hn::CopySign(hn::Set(d, 1), z));
}

template <class D>
struct Manhattan {
  using V = hn::Vec<D>;
  static HWY_INLINE V add(D, V total, V z, V) { return hn::Add(total, hn::Abs(z)); }
  static HWY_INLINE V distance(D, V total, V) { return total; }
  static HWY_INLINE V slope(D d, V z, V, V) { return sign_of(d, z); }
};

template <class D>
struct Euclid {
  using V = hn::Vec<D>;
  static HWY_INLINE V add(D, V total, V z, V) { return hn::MulAdd(z, z, total); }
  static HWY_INLINE V distance(D, V total, V) { return hn::Sqrt(total); }
  static HWY_INLINE V slope(D, V z, V, V) { return z; }
};

template <class D>
struct Chebyshev {
  using V = hn::Vec<D>;
  static HWY_INLINE V add(D, V total, V z, V) {
    const V size = hn::Abs(z);  // not Max: NaN stays
    return hn::IfThenElse(hn::Or(hn::Gt(size, total), hn::IsNaN(size)), size, total);
  }
  static HWY_INLINE V distance(D, V total, V) { return total; }
  static HWY_INLINE V slope(D d, V z, V, V y) {
    return hn::IfThenElseZero(hn::Eq(hn::Abs(z), y), sign_of(d, z));
  }
};

template <class D>
struct Minkowski {
  using V = hn::Vec<D>;
  static HWY_INLINE V add(D d, V total, V z, V p) {
    return hn::Add(total, pow_of(d, hn::Abs(z), p));
  }
  static HWY_INLINE V distance(D d, V total, V p) {
    return pow_of(d, total, hn::Div(hn::Set(d, 1), p));
  }
  // 0 where z is: its power would be infinite for p < 1.
  static HWY_INLINE V slope(D d, V z, V p, V) {
    const V size = pow_of(d, hn::Abs(z), hn::Sub(p, hn::Set(d, 1)));
    return hn::IfThenZeroElse(hn::Eq(z, hn::Zero(d)), hn::CopySign(size, z));
  }
};

// Calls f with the norm of this power.
template <class D, class F>
HWY_INLINE void with_norm(double p, F&& f) {
  if (p == 0) return f(Count<D>());
  if (p == 1) return f(Manhattan<D>());
  if (p == 2) return f(Euclid<D>());
  if (std::isinf(p)) return f(Chebyshev<D>());
  f(Minkowski<D>());
}

// --- From one point to a run of others ---------------------------------------------------------

// y[0], …, y[count - 1]: from the point at `a` to those from number `from` on.
template <template <class> class Norm, class T>
void distances_of(const PointPairs& pairs, const T* a, int64_t from, int64_t count, T* y) {
  const hn::ScalableTag<T> d;
  using N = Norm<decltype(d)>;
  constexpr int64_t width = 4;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const T* b = static_cast<const T*>(pairs.b) + from;
  const auto p = hn::Set(d, static_cast<T>(pairs.p)), zero = hn::Zero(d);
  int64_t j = 0;
  for (; j + width * lanes <= count; j += width * lanes) {
    auto t0 = zero, t1 = zero, t2 = zero, t3 = zero;
    for (int64_t k = 0; k < pairs.size; ++k) {
      const T* at = b + k * pairs.m + j;
      const auto x = hn::Set(d, a[k]);
      t0 = N::add(d, t0, hn::Sub(x, load(d, at)), p);
      t1 = N::add(d, t1, hn::Sub(x, load(d, at + lanes)), p);
      t2 = N::add(d, t2, hn::Sub(x, load(d, at + 2 * lanes)), p);
      t3 = N::add(d, t3, hn::Sub(x, load(d, at + 3 * lanes)), p);
    }
    store(d, N::distance(d, t0, p), y + j);
    store(d, N::distance(d, t1, p), y + j + lanes);
    store(d, N::distance(d, t2, p), y + j + 2 * lanes);
    store(d, N::distance(d, t3, p), y + j + 3 * lanes);
  }
  for (; j < count; j += lanes) {
    auto total = zero;
    for (int64_t k = 0; k < pairs.size; ++k) {
      const auto x = hn::Set(d, a[k]);
      const auto other = load_up_to(d, b + k * pairs.m + j, count - j);
      total = N::add(d, total, hn::Sub(x, other), p);
    }
    store_up_to(d, N::distance(d, total, p), y + j, count - j);
  }
}

// --- The sum over a for a vector of b -----------------------------------------------------------

// db of up to a vector of points from number j on, for the numbers [k, end) of each. Four at a time
// share what is loaded of w and y.
template <template <class> class Norm, class T>
void backward_of(const PointPairs& pairs, const T* w, const T* y, int64_t j, int64_t k, int64_t end,
                 T* db) {
  const hn::ScalableTag<T> d;
  using N = Norm<decltype(d)>;
  const int64_t rest = pairs.m - j;
  const auto* a = static_cast<const T*>(pairs.a);
  const T* b = static_cast<const T*>(pairs.b) + j;
  const auto p = hn::Set(d, static_cast<T>(pairs.p)), zero = hn::Zero(d);
  for (; k < end; k += 4) {
    const int64_t last = end - 1;  // beyond it the last number is computed again
    const int64_t k1 = std::min(k + 1, last), k2 = std::min(k + 2, last),
                  k3 = std::min(k + 3, last);
    const auto b0 = load_up_to(d, b + k * pairs.m, rest),
               b1 = load_up_to(d, b + k1 * pairs.m, rest);
    const auto b2 = load_up_to(d, b + k2 * pairs.m, rest),
               b3 = load_up_to(d, b + k3 * pairs.m, rest);
    auto t0 = zero, t1 = zero, t2 = zero, t3 = zero;
    for (int64_t i = 0; i < pairs.n; ++i) {
      const auto g = load_up_to(d, w + i * pairs.m + j, rest);
      const auto distance = y ? load_up_to(d, y + i * pairs.m + j, rest) : zero;
      const T* row = a + i * pairs.size;
      t0 = hn::MulAdd(g, N::slope(d, hn::Sub(b0, hn::Set(d, row[k])), p, distance), t0);
      t1 = hn::MulAdd(g, N::slope(d, hn::Sub(b1, hn::Set(d, row[k1])), p, distance), t1);
      t2 = hn::MulAdd(g, N::slope(d, hn::Sub(b2, hn::Set(d, row[k2])), p, distance), t2);
      t3 = hn::MulAdd(g, N::slope(d, hn::Sub(b3, hn::Set(d, row[k3])), p, distance), t3);
    }
    store_up_to(d, t0, db + k * pairs.m + j, rest);
    store_up_to(d, t1, db + k1 * pairs.m + j, rest);
    store_up_to(d, t2, db + k2 * pairs.m + j, rest);
    store_up_to(d, t3, db + k3 * pairs.m + j, rest);
  }
}

// --- Of all types and norms ---------------------------------------------------------------------

constexpr int64_t grain = 1 << 15;  // differences that a thread takes at least

// Points of b that stay in the caches while those of a pass.
constexpr int64_t block = 128;

template <class T>
void all_distances(const PointPairs& pairs, T* y) {
  const auto* a = static_cast<const T*>(pairs.a);
  const int64_t cost = std::max<int64_t>(1, pairs.m * pairs.size);
  with_norm<hn::ScalableTag<T>>(pairs.p, [&]<template <class> class Norm>(
                                             Norm<hn::ScalableTag<T>>) {
    parallel_for(0, pairs.n, std::max<int64_t>(1, grain / cost), [&](int64_t begin, int64_t end) {
      for (int64_t j = 0; j < pairs.m; j += block)
        for (int64_t i = begin; i < end; ++i)
          distances_of<Norm>(pairs, a + i * pairs.size, j, std::min(block, pairs.m - j),
                             y + i * pairs.m + j);
    });
  });
}

// From the points [begin, end) to those after each.
template <template <class> class Norm, class T>
void later_rows(const PointPairs& pairs, int64_t begin, int64_t end, T* y) {
  const auto* a = static_cast<const T*>(pairs.a);
  const int64_t n = pairs.n;
  for (int64_t j = begin + 1; j < n; j += block)
    for (int64_t i = begin; i < end; ++i) {
      const int64_t from = std::max(j, i + 1), to = std::min(j + block, n);
      if (from < to)
        distances_of<Norm>(pairs, a + i * pairs.size, from, to - from,
                           y + i * (2 * n - 1 - i) / 2 + from - i - 1);
    }
}

template <class T>
void later_distances(const PointPairs& pairs, T* y) {
  const int64_t n = pairs.n, cost = std::max<int64_t>(1, n * pairs.size / 2);
  with_norm<hn::ScalableTag<T>>(
      pairs.p, [&]<template <class> class Norm>(Norm<hn::ScalableTag<T>>) {
        // A row and the one as far from the end take as long as any other two.
        const int64_t half = n / 2;
        parallel_for(0, half, std::max<int64_t>(1, grain / cost), [&](int64_t begin, int64_t end) {
          later_rows<Norm>(pairs, begin, end, y);
          later_rows<Norm>(pairs, n - end, n - begin, y);
        });
        if (n % 2) later_rows<Norm>(pairs, half, half + 1, y);
      });
}

template <class T>
void all_backward(const PointPairs& pairs, const T* w, const T* y, T* db) {
  constexpr int64_t numbers = 64;
  const auto lanes = static_cast<int64_t>(hn::Lanes(hn::ScalableTag<T>()));
  const int64_t runs = (pairs.size + numbers - 1) / numbers;
  const int64_t vectors = (pairs.m + lanes - 1) / lanes;
  const int64_t cost = std::max<int64_t>(1, lanes * std::min(numbers, pairs.size) * pairs.n);
  with_norm<hn::ScalableTag<T>>(
      pairs.p, [&]<template <class> class Norm>(Norm<hn::ScalableTag<T>>) {
        parallel_for(0, vectors * runs, std::max<int64_t>(1, grain / cost),
                     [&](int64_t begin, int64_t end) {
                       for (int64_t at = begin; at < end; ++at) {
                         const int64_t k = at % runs * numbers;
                         backward_of<Norm>(pairs, w, y, at / runs * lanes, k,
                                           std::min(k + numbers, pairs.size), db);
                       }
                     });
      });
}

void Distances(const PointPairs& pairs, void* y) {
  if (pairs.dtype == DType::float32) return all_distances(pairs, static_cast<float*>(y));
  all_distances(pairs, static_cast<double*>(y));
}
void LaterDistances(const PointPairs& pairs, void* y) {
  if (pairs.dtype == DType::float32) return later_distances(pairs, static_cast<float*>(y));
  later_distances(pairs, static_cast<double*>(y));
}
template <class T>
void backward_in(const PointPairs& pairs, const void* w, const void* y, void* db) {
  all_backward(pairs, static_cast<const T*>(w), static_cast<const T*>(y), static_cast<T*>(db));
}
void DistancesBackward(const PointPairs& pairs, const void* w, const void* y, void* db) {
  if (pairs.dtype == DType::float32) return backward_in<float>(pairs, w, y, db);
  backward_in<double>(pairs, w, y, db);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(Distances);
HWY_EXPORT(LaterDistances);
HWY_EXPORT(DistancesBackward);

void distances(const PointPairs& pairs, void* y) { HWY_DYNAMIC_DISPATCH(Distances)(pairs, y); }
void distances_to_later(const PointPairs& pairs, void* y) {
  HWY_DYNAMIC_DISPATCH(LaterDistances)(pairs, y);
}
void distances_backward(const PointPairs& pairs, const void* w, const void* y, void* db) {
  HWY_DYNAMIC_DISPATCH(DistancesBackward)(pairs, w, y, db);
}

}  // namespace rw::kernels
#endif
