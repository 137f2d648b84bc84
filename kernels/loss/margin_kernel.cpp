#include <rewind/kernels/loss/margin_kernel.h>

#include <algorithm>
#include <limits>
#include <vector>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/loss/margin_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// How far x lies above the limit, if so; 0 where either is NaN, as PyTorch has it.
template <class D, class V>
HWY_INLINE V excess(D, V x, V limit) {
  return hn::IfThenElseZero(hn::Gt(x, limit), hn::Sub(x, limit));
}

// --- One target ---------------------------------------------------------------------------------

template <class T>
Compute<T> margin_row(const T* x, int64_t target, bool squared, double margin, int64_t n) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  const C at = static_cast<C>(x[target]) - static_cast<C>(margin);
  const auto limit = hn::Set(d, at);
  // All classes but the target: those before and those after it.
  auto total = hn::Zero(d);
  const auto add = [&](const T* p, int64_t count) HWY_ATTR {
    for_each_vector(d, count, [&](auto load, auto) HWY_ATTR {
      const auto z = excess(d, load(p, at), limit);
      total = squared ? hn::MulAdd(z, z, total) : hn::Add(total, z);
    });
  };
  add(x, target);
  add(x + target + 1, n - target - 1);
  return hn::GetLane(hn::SumOfLanes(d, total));
}

template <class T>
void margin_row_backward(const T* x, int64_t target, double factor, bool squared, double margin,
                         T* dx, int64_t n) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  const C at = static_cast<C>(x[target]) - static_cast<C>(margin);
  const auto limit = hn::Set(d, at), f = hn::Set(d, static_cast<C>(squared ? 2 * factor : factor));
  auto total = hn::Zero(d);
  const auto write = [&](int64_t from, int64_t count) HWY_ATTR {
    for_each_vector(d, count, [&](auto load, auto store) HWY_ATTR {
      const auto other = load(x + from, at);
      const auto slope = squared ? hn::Mul(excess(d, other, limit), f)
                                 : hn::IfThenElseZero(hn::Gt(other, limit), f);
      total = hn::Add(total, slope);
      store(slope, dx + from);
    });
  };
  write(0, target);
  write(target + 1, n - target - 1);
  dx[target] = static_cast<T>(-hn::GetLane(hn::SumOfLanes(d, total)));
}

// --- Several targets ----------------------------------------------------------------------------

int64_t count_targets(const int64_t* targets, int64_t n) {
  return std::find_if(targets, targets + n, [](int64_t t) { return t < 0; }) - targets;
}

// The scores of a row in the type that is computed in, without those of targets.
template <class T>
void hide_targets(const T* x, const int64_t* targets, int64_t count, Compute<T>* others,
                  int64_t n) {
  for (int64_t i = 0; i < n; ++i) others[i] = static_cast<Compute<T>>(x[i]);
  for (int64_t k = 0; k < count; ++k)
    others[targets[k]] = -std::numeric_limits<Compute<T>>::infinity();
}

template <class T>
void multilabel_row(const T* x, const int64_t* targets, Compute<T>* others, T* y, int64_t n) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  constexpr C least = -std::numeric_limits<C>::infinity();
  const int64_t count = count_targets(targets, n);
  hide_targets(x, targets, count, others, n);
  C sum = 0;
  for (int64_t k = 0; k < count; ++k) {
    const auto limit = hn::Set(d, static_cast<C>(x[targets[k]]) - 1);
    auto total = hn::Zero(d);
    for_each_vector(d, n, [&](auto load, auto) HWY_ATTR {
      total = hn::Add(total, excess(d, load(others, least), limit));
    });
    sum += hn::GetLane(hn::SumOfLanes(d, total));
  }
  *y = static_cast<T>(sum / static_cast<C>(n));
}

template <class T>
void multilabel_row_slopes(const T* x, const int64_t* targets, Compute<T>* others,
                           Compute<T>* slopes, T* dx, int64_t n) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  constexpr C least = -std::numeric_limits<C>::infinity();
  const int64_t count = count_targets(targets, n);
  hide_targets(x, targets, count, others, n);
  std::fill_n(slopes, n, C(0));
  const auto one = hn::Set(d, C(1));
  for (int64_t k = 0; k < count; ++k) {
    const auto limit = hn::Set(d, static_cast<C>(x[targets[k]]) - 1);
    auto total = hn::Zero(d);
    for_each_vector(d, n, [&](auto load, auto store) HWY_ATTR {
      const auto slope = hn::IfThenElseZero(hn::Gt(load(others, least), limit), one);
      total = hn::Add(total, slope);
      store(hn::Add(load(slopes, C(0)), slope), slopes);
    });
    slopes[targets[k]] -= hn::GetLane(hn::SumOfLanes(d, total));
  }
  for (int64_t i = 0; i < n; ++i) dx[i] = static_cast<T>(slopes[i] / static_cast<C>(n));
}

// --- All rows -----------------------------------------------------------------------------------

constexpr int64_t grain = 1 << 14;  // scores that a thread takes at least

template <class F>
void for_each_row(const Scores& s, F f) {
  dispatch_floating(s.dtype, [&]<class T>() {
    const auto* x = static_cast<const T*>(s.x);
    parallel_for(0, s.rows, std::max<int64_t>(1, grain / std::max<int64_t>(1, s.classes)),
                 [&](int64_t begin, int64_t end) { f(x, begin, end); });
  });
}

void MultiMargin(const Scores& s, const int64_t* targets, const double* weights, bool squared,
                 double margin, void* ys) {
  for_each_row(s, [&]<class T>(const T* x, int64_t begin, int64_t end) {
    auto* y = static_cast<T*>(ys);
    for (int64_t i = begin; i < end; ++i) {
      const auto sum = margin_row(x + i * s.classes, targets[i], squared, margin, s.classes);
      y[i] = static_cast<T>(static_cast<Compute<T>>(weights[i]) * sum);
    }
  });
}

void MultiMarginBackward(const Scores& s, const int64_t* targets, const double* weights,
                         bool squared, double margin, void* dxs) {
  for_each_row(s, [&]<class T>(const T* x, int64_t begin, int64_t end) {
    auto* dx = static_cast<T*>(dxs);
    for (int64_t i = begin; i < end; ++i)
      margin_row_backward(x + i * s.classes, targets[i], weights[i], squared, margin,
                          dx + i * s.classes, s.classes);
  });
}

void MultilabelMargin(const Scores& s, const int64_t* targets, void* ys) {
  for_each_row(s, [&]<class T>(const T* x, int64_t begin, int64_t end) {
    std::vector<Compute<T>> others(static_cast<size_t>(s.classes));
    for (int64_t i = begin; i < end; ++i)
      multilabel_row(x + i * s.classes, targets + i * s.classes, others.data(),
                     static_cast<T*>(ys) + i, s.classes);
  });
}

void MultilabelMarginSlopes(const Scores& s, const int64_t* targets, void* dxs) {
  for_each_row(s, [&]<class T>(const T* x, int64_t begin, int64_t end) {
    std::vector<Compute<T>> others(static_cast<size_t>(s.classes)), slopes(others.size());
    for (int64_t i = begin; i < end; ++i)
      multilabel_row_slopes(x + i * s.classes, targets + i * s.classes, others.data(),
                            slopes.data(), static_cast<T*>(dxs) + i * s.classes, s.classes);
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(MultiMargin);
HWY_EXPORT(MultiMarginBackward);
HWY_EXPORT(MultilabelMargin);
HWY_EXPORT(MultilabelMarginSlopes);

void multi_margin(const Scores& scores, const int64_t* targets, const double* weights, bool squared,
                  double margin, void* y) {
  HWY_DYNAMIC_DISPATCH(MultiMargin)(scores, targets, weights, squared, margin, y);
}
void multi_margin_backward(const Scores& scores, const int64_t* targets, const double* weights,
                           bool squared, double margin, void* dx) {
  HWY_DYNAMIC_DISPATCH(MultiMarginBackward)(scores, targets, weights, squared, margin, dx);
}
void multilabel_margin(const Scores& scores, const int64_t* targets, void* y) {
  HWY_DYNAMIC_DISPATCH(MultilabelMargin)(scores, targets, y);
}
void multilabel_margin_slopes(const Scores& scores, const int64_t* targets, void* dx) {
  HWY_DYNAMIC_DISPATCH(MultilabelMarginSlopes)(scores, targets, dx);
}

}  // namespace rw::kernels
#endif
