#include <rewind/kernels/distance/distance_kernel.h>

#include <algorithm>
#include <cmath>

#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/allocator.h>
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

constexpr int64_t grain = 1 << 15;  // differences that a thread takes at least

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

// --- Points of b, a panel of some at a time ------------------------------------------------------

constexpr int64_t panel_vectors = 2, group = 4;  // as many points of a meet a panel at once

template <class T>
int64_t panel_width() {
  return panel_vectors * static_cast<int64_t>(hn::Lanes(hn::ScalableTag<T>()));
}

// Points of [size, m] from number j on, side by side, with zeros in place of those beyond m: rows
// of a large power of two would meet in few places of the caches.
template <class T>
void pack_panel(const T* x, int64_t size, int64_t m, int64_t j, T* to) {
  const int64_t width = panel_width<T>(), count = std::min(width, m - j);
  for (int64_t k = 0; k < size; ++k, to += width) {
    std::copy_n(x + k * m + j, count, to);
    std::fill_n(to + count, width - count, T(0));
  }
}

template <class T>
detail::CachedVector<T> packed(const PointPairs& pairs) {
  const int64_t width = panel_width<T>(), panels = (pairs.m + width - 1) / width;
  detail::CachedVector<T> all(static_cast<size_t>(panels * pairs.size * width));
  const int64_t each = std::max<int64_t>(1, pairs.size * width);
  parallel_for(0, panels, grain / each + 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      pack_panel(static_cast<const T*>(pairs.b), pairs.size, pairs.m, i * width,
                 all.data() + i * pairs.size * width);
  });
  return all;
}

// y [group, width]: from points number i and after it to those of a panel. Beyond the last of a
// that one is taken again.
template <template <class> class Norm, class T>
void distances_to_panel(const PointPairs& pairs, int64_t i, const T* panel, T* y) {
  const hn::ScalableTag<T> d;
  using N = Norm<decltype(d)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto row = [&](int64_t r) {
    return static_cast<const T*>(pairs.a) + std::min(i + r, pairs.n - 1) * pairs.size;
  };
  const T *a0 = row(0), *a1 = row(1), *a2 = row(2), *a3 = row(3);
  const auto p = hn::Set(d, static_cast<T>(pairs.p)), zero = hn::Zero(d);
  auto t00 = zero, t01 = zero, t10 = zero, t11 = zero;
  auto t20 = zero, t21 = zero, t30 = zero, t31 = zero;
  for (int64_t k = 0; k < pairs.size; ++k, panel += panel_vectors * lanes) {
    const auto b0 = load(d, panel), b1 = load(d, panel + lanes);
    const auto x0 = hn::Set(d, a0[k]), x1 = hn::Set(d, a1[k]);
    t00 = N::add(d, t00, hn::Sub(x0, b0), p);
    t01 = N::add(d, t01, hn::Sub(x0, b1), p);
    t10 = N::add(d, t10, hn::Sub(x1, b0), p);
    t11 = N::add(d, t11, hn::Sub(x1, b1), p);
    const auto x2 = hn::Set(d, a2[k]), x3 = hn::Set(d, a3[k]);
    t20 = N::add(d, t20, hn::Sub(x2, b0), p);
    t21 = N::add(d, t21, hn::Sub(x2, b1), p);
    t30 = N::add(d, t30, hn::Sub(x3, b0), p);
    t31 = N::add(d, t31, hn::Sub(x3, b1), p);
  }
  for (const auto& t : {t00, t01, t10, t11, t20, t21, t30, t31}) {
    store(d, N::distance(d, t, p), y);
    y += lanes;
  }
}

// --- The sum over a for a vector of b -----------------------------------------------------------

// Numbers of the points of a, four after four of all points: [size / 4, n, 4], the last one of
// a point again beyond it.
template <class T>
detail::CachedVector<T> in_fours(const PointPairs& pairs) {
  const int64_t fours = (pairs.size + 3) / 4;
  detail::CachedVector<T> all(static_cast<size_t>(fours * pairs.n * 4));
  const T* a = static_cast<const T*>(pairs.a);
  parallel_for(0, fours, grain / (4 * pairs.n + 1) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = 0; i < pairs.n; ++i)
      for (int64_t at = begin; at < end; ++at)
        for (int64_t k = 0; k < 4; ++k)
          all[static_cast<size_t>((at * pairs.n + i) * 4 + k)] =
              a[i * pairs.size + std::min(at * 4 + k, pairs.size - 1)];
  });
  return all;
}

// db of up to a vector of points from number j on, for the numbers from k on, up to four. They
// share what is loaded of w and y, which are packed.
template <template <class> class Norm, class T>
void backward_of(const PointPairs& pairs, const T* fours, const T* w, const T* y, int64_t j,
                 int64_t k, T* db) {
  const hn::ScalableTag<T> d;
  using N = Norm<decltype(d)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t rest = pairs.m - j, last = pairs.size - 1;
  const int64_t k1 = std::min(k + 1, last), k2 = std::min(k + 2, last), k3 = std::min(k + 3, last);
  const T* b = static_cast<const T*>(pairs.b) + j;
  const auto p = hn::Set(d, static_cast<T>(pairs.p)), zero = hn::Zero(d);
  const auto b0 = load_up_to(d, b + k * pairs.m, rest), b1 = load_up_to(d, b + k1 * pairs.m, rest);
  const auto b2 = load_up_to(d, b + k2 * pairs.m, rest), b3 = load_up_to(d, b + k3 * pairs.m, rest);
  auto t0 = zero, t1 = zero, t2 = zero, t3 = zero;
  for (int64_t i = 0; i < pairs.n; ++i, fours += 4, w += lanes) {
    const auto g = load(d, w);
    const auto distance = y ? load(d, y + i * lanes) : zero;
    t0 = hn::MulAdd(g, N::slope(d, hn::Sub(b0, hn::Set(d, fours[0])), p, distance), t0);
    t1 = hn::MulAdd(g, N::slope(d, hn::Sub(b1, hn::Set(d, fours[1])), p, distance), t1);
    t2 = hn::MulAdd(g, N::slope(d, hn::Sub(b2, hn::Set(d, fours[2])), p, distance), t2);
    t3 = hn::MulAdd(g, N::slope(d, hn::Sub(b3, hn::Set(d, fours[3])), p, distance), t3);
  }
  store_up_to(d, t0, db + k * pairs.m + j, rest);
  store_up_to(d, t1, db + k1 * pairs.m + j, rest);
  store_up_to(d, t2, db + k2 * pairs.m + j, rest);
  store_up_to(d, t3, db + k3 * pairs.m + j, rest);
}

// --- Of all types and norms ---------------------------------------------------------------------

template <class T>
void all_distances(const PointPairs& pairs, T* y) {
  const int64_t width = panel_width<T>(), groups = (pairs.n + group - 1) / group;
  const detail::CachedVector<T> panels = packed<T>(pairs);
  const int64_t cost = std::max<int64_t>(1, group * pairs.m * pairs.size);
  with_norm<hn::ScalableTag<T>>(pairs.p, [&]<template <class> class Norm>(
                                             Norm<hn::ScalableTag<T>>) {
    parallel_for(0, groups, grain / cost + 1, [&](int64_t begin, int64_t end) {
      HWY_ALIGN T part[group * panel_vectors * hn::MaxLanes(hn::ScalableTag<T>())];
      for (int64_t j = 0; j < pairs.m; j += width)
        for (int64_t i = begin * group; i < std::min(end * group, pairs.n); i += group) {
          distances_to_panel<Norm>(pairs, i, panels.data() + j * pairs.size, part);
          for (int64_t r = 0; r < std::min(group, pairs.n - i); ++r)
            std::copy_n(part + r * width, std::min(width, pairs.m - j), y + (i + r) * pairs.m + j);
        }
    });
  });
}

// From the points of groups [begin, end) to those after each.
template <template <class> class Norm, class T>
void later_groups(const PointPairs& pairs, const T* panels, int64_t begin, int64_t end, T* y) {
  const int64_t n = pairs.n, width = panel_width<T>();
  HWY_ALIGN T part[group * panel_vectors * hn::MaxLanes(hn::ScalableTag<T>())];
  for (int64_t j = (begin * group + 1) / width * width; j < n; j += width)
    for (int64_t i = begin * group; i < std::min(end * group, j + width - 1); i += group) {
      distances_to_panel<Norm>(pairs, i, panels + j * pairs.size, part);
      for (int64_t r = i; r < std::min(i + group, n); ++r) {
        const int64_t from = std::max(j, r + 1), to = std::min(j + width, n);
        if (from < to)
          std::copy_n(part + (r - i) * width + from - j, to - from,
                      y + r * (2 * n - 1 - r) / 2 + from - r - 1);
      }
    }
}

template <class T>
void later_distances(const PointPairs& pairs, T* y) {
  const int64_t groups = (pairs.n + group - 1) / group, half = groups / 2;
  const int64_t cost = std::max<int64_t>(1, group * pairs.n * pairs.size);
  const detail::CachedVector<T> panels = packed<T>(pairs);
  with_norm<hn::ScalableTag<T>>(
      pairs.p, [&]<template <class> class Norm>(Norm<hn::ScalableTag<T>>) {
        // A group and the one as far from the end take as long as any other two.
        parallel_for(0, half, grain / cost + 1, [&](int64_t begin, int64_t end) {
          later_groups<Norm>(pairs, panels.data(), begin, end, y);
          later_groups<Norm>(pairs, panels.data(), groups - end, groups - begin, y);
        });
        if (groups % 2) later_groups<Norm>(pairs, panels.data(), half, half + 1, y);
      });
}

// A vector of [n, m] from column j on, for each row.
template <class T>
void pack_columns(const T* x, int64_t n, int64_t m, int64_t j, T* to) {
  const hn::ScalableTag<T> d;
  for (int64_t i = 0; i < n; ++i)
    store(d, load_up_to(d, x + i * m + j, m - j), to + i * static_cast<int64_t>(hn::Lanes(d)));
}

template <class T>
void all_backward(const PointPairs& pairs, const T* w, const T* y, T* db) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(hn::ScalableTag<T>()));
  const int64_t vectors = (pairs.m + lanes - 1) / lanes;
  const int64_t cost = std::max<int64_t>(1, lanes * pairs.size * pairs.n);
  const detail::CachedVector<T> fours = in_fours<T>(pairs);
  with_norm<hn::ScalableTag<T>>(
      pairs.p, [&]<template <class> class Norm>(Norm<hn::ScalableTag<T>>) {
        parallel_for(0, vectors, grain / cost + 1, [&](int64_t begin, int64_t end) {
          const auto size = static_cast<size_t>(pairs.n * lanes);
          detail::CachedVector<T> weights(size), distances(y ? size : 0);
          for (int64_t j = begin * lanes; j < std::min(end * lanes, pairs.m); j += lanes) {
            pack_columns(w, pairs.n, pairs.m, j, weights.data());
            if (y) pack_columns(y, pairs.n, pairs.m, j, distances.data());
            for (int64_t k = 0; k < pairs.size; k += 4)
              backward_of<Norm>(pairs, fours.data() + k * pairs.n, weights.data(),
                                y ? distances.data() : nullptr, j, k, db);
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
