// Scans that go step by step: what comes next depends on more than a total.
#include <rewind/kernels/reduce/scan_kernel.h>

#include <algorithm>
#include <type_traits>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/reduce/scan_steps.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

constexpr int64_t wide = 128, grain = 1 << 14;

// Room for a value of each row.
template <class Count>
constexpr int64_t room = std::is_same_v<Count, int64_t> ? wide : 1;

// Calls f(where the first value of up to `wide` adjacent rows lies, how many rows): for rows of
// adjacent values with a constant 1, so that what goes on stays in registers.
template <class F>
void for_rows(Groups g, const F& f) {
  if (g.inner == 1)
    return parallel_for(0, g.outer, grain / g.n + 1, [&](int64_t b, int64_t e) {
      for (; b < e; ++b) f(b * g.n, std::integral_constant<int64_t, 1>());
    });
  const int64_t width = std::min(g.inner, wide), tiles = (g.inner + width - 1) / width;
  parallel_for(0, g.outer * tiles, grain / (g.n * width) + 1, [&](int64_t b, int64_t e) {
    for (; b < e; ++b)
      f(b / tiles * g.n * g.inner + b % tiles * width,
        std::min(width, g.inner - b % tiles * width));
  });
}

// x[k] are values `step` apart, of `count` adjacent rows.
template <class T, class Count>
void recurrence_of_rows(const T* a, const T* x, T* y, int64_t n, int64_t step, bool from_end,
                        Count count) {
  double totals[room<Count>] = {};
  if (from_end) {
    const int64_t last = (n - 1) * step;
    a += last + step;  // of the place before
    x += last;
    y += last;
    step = -step;
  }
  for (int64_t k = 0; k < n; ++k, a += step, x += step, y += step)
    for (int64_t i = 0; i < count; ++i) {
      if (k > 0)
        totals[i] = totals[i] * static_cast<double>(a[i]) + static_cast<double>(x[i]);
      else
        totals[i] = static_cast<double>(x[i]);
      y[i] = static_cast<T>(totals[i]);
    }
}

void LinearRecurrence(DType dtype, Groups g, bool from_end, const void* a, const void* x, void* y) {
  dispatch_floating(dtype, [&]<class T>() {
    for_rows(g, [&](int64_t at, auto count) {
      recurrence_of_rows(static_cast<const T*>(a) + at, static_cast<const T*>(x) + at,
                         static_cast<T*>(y) + at, g.n, g.inner, from_end, count);
    });
  });
}

template <bool greatest, class T, class Count>
void extremes_of_rows(const T* x, T* y, int64_t* index, int64_t n, int64_t step, Count count) {
  using C = Compute<T>;
  C best[room<Count>];
  int64_t place[room<Count>];
  for (int64_t i = 0; i < count; ++i) {
    best[i] = static_cast<C>(x[i]);
    place[i] = 0;
  }
  for (int64_t k = 0; k < n; ++k, x += step, y += step, index += step)
    for (int64_t i = 0; i < count; ++i) {
      const C v = static_cast<C>(x[i]);
      const bool further = greatest ? !(v < best[i]) : !(v > best[i]);
      if constexpr (std::is_integral_v<C>) {
        // Which of whole numbers is greater is often a toss-up: no branch.
        const int64_t all = -static_cast<int64_t>(further);
        if constexpr (sizeof(C) < 4)
          best[i] = greatest ? std::max(best[i], v) : std::min(best[i], v);
        else  // for which compilers take vectors of one through memory
          best[i] = static_cast<C>((v & all) | (best[i] & ~all));
        place[i] = (k & all) | (place[i] & ~all);
      } else {
        // Where one is NaN neither is less: a number does not take its place.
        const bool taken = further & ((v != v) | (best[i] == best[i]));
        best[i] = taken ? v : best[i];
        place[i] = taken ? k : place[i];
      }
      y[i] = static_cast<T>(best[i]);
      index[i] = place[i];
    }
}

void CumulativeExtreme(DType dtype, Groups g, bool greatest, const void* x, void* y,
                       int64_t* index) {
  dispatch(dtype, [&]<class Element>() {
    using T = std::conditional_t<std::is_same_v<Element, bool>, uint8_t, Element>;
    for_rows(g, [&](int64_t at, auto count) {
      const auto* in = static_cast<const T*>(x) + at;
      auto* out = static_cast<T*>(y) + at;
      if (greatest)
        extremes_of_rows<true>(in, out, index + at, g.n, g.inner, count);
      else
        extremes_of_rows<false>(in, out, index + at, g.n, g.inner, count);
    });
  });
}

template <class T, class Count>
void runs_of_rows(const T* g, const int64_t* index, T* dx, int64_t n, int64_t step, Count count) {
  double totals[room<Count>] = {};
  for (int64_t k = 0; k < n; ++k)
    for (int64_t i = 0; i < count; ++i) {
      const int64_t at = k * step + i, place = index[at];
      dx[at] = T{};
      totals[i] += static_cast<double>(g[at]);
      if (k + 1 < n && index[at + step] == place) continue;
      dx[place * step + i] = static_cast<T>(totals[i]);
      totals[i] = 0;
    }
}

void AddRuns(DType dtype, Groups groups, const void* g, const int64_t* index, void* dx) {
  dispatch_floating(dtype, [&]<class T>() {
    for_rows(groups, [&](int64_t at, auto count) {
      runs_of_rows(static_cast<const T*>(g) + at, index + at, static_cast<T*>(dx) + at, groups.n,
                   groups.inner, count);
    });
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(LinearRecurrence);
HWY_EXPORT(CumulativeExtreme);
HWY_EXPORT(AddRuns);

void linear_recurrence(DType dtype, Groups groups, bool from_end, const void* a, const void* x,
                       void* y) {
  HWY_DYNAMIC_DISPATCH(LinearRecurrence)(dtype, groups, from_end, a, x, y);
}
void cumulative_extreme(DType dtype, Groups groups, bool greatest, const void* x, void* y,
                        int64_t* index) {
  HWY_DYNAMIC_DISPATCH(CumulativeExtreme)(dtype, groups, greatest, x, y, index);
}
void add_runs(DType dtype, Groups groups, const void* g, const int64_t* index, void* dx) {
  HWY_DYNAMIC_DISPATCH(AddRuns)(dtype, groups, g, index, dx);
}

}  // namespace rw::kernels
#endif
