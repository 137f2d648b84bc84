#include <rewind/kernels/loss/ctc_kernel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/loss/ctc_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/lanes-inl.h>
#include <rewind/kernels/simd/math-inl.h>

// Graves et al., "Connectionist temporal classification", 2006, in logarithms and float64. States
// are the labels and the blanks around them: 2 length + 1.

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

constexpr double impossible = -std::numeric_limits<double>::infinity();

// The states of a sequence, and what a step of the recursion takes.
template <class T>
struct States {
  explicit States(const CtcSequence& s)
      : sequence(s),
        count(2 * s.length + 1),
        skips(static_cast<size_t>(count + 2), impossible),
        emissions(static_cast<size_t>(count)) {
    for (int64_t i = 1; i < s.length; ++i)
      if (s.labels[i] != s.labels[i - 1]) skips[static_cast<size_t>(2 * i + 1)] = 0;
  }

  int64_t class_of(int64_t state) const {
    return state % 2 ? sequence.labels[state / 2] : sequence.blank;
  }
  const T* row(int64_t t) const {
    return static_cast<const T*>(sequence.log_probs) + t * sequence.step_stride;
  }
  // The log-probability of each state's class at a step.
  const double* emissions_at(int64_t t) {
    const T* p = row(t);
    const auto blank = static_cast<double>(p[sequence.blank]);
    double* e = emissions.data();
    for (int64_t i = 0; i < sequence.length; ++i) {
      e[2 * i] = blank;
      e[2 * i + 1] = static_cast<double>(p[sequence.labels[i]]);
    }
    e[count - 1] = blank;
    return e;
  }

  const CtcSequence& sequence;
  int64_t count;
  std::vector<double> skips;  // 0 where a path may come from two states before, past a blank
  std::vector<double> emissions;
};

// The greater one becomes a, unless one is NaN.
template <class V>
HWY_INLINE void put_greater_first(V& a, V& b) {
  const auto wrong = hn::Gt(b, a);
  const V greater = hn::IfThenElse(wrong, b, a);
  b = hn::IfThenElse(wrong, a, b);
  a = greater;
}

// log(exp(a) + exp(b) + exp(c)); the power of the greatest, over itself, is 1.
template <class D, class V>
HWY_INLINE V log_sum(D d, V a, V b, V c) {
  put_greater_first(a, b);
  put_greater_first(a, c);
  const auto none = hn::Eq(a, hn::Set(d, impossible));
  const V base = hn::IfThenZeroElse(none, a);
  const V rest = hn::Add(exp_of(d, hn::Sub(b, base)), exp_of(d, hn::Sub(c, base)));
  return hn::IfThenElse(none, a, hn::Add(log_of(d, hn::Add(rest, hn::Set(d, 1))), base));
}

// Rows of alpha begin with two impossible states.
template <class T>
double forward(const CtcSequence& s, double* alpha) {
  if (s.steps == 0) return s.length == 0 ? 0 : -impossible;
  States<T> states(s);
  const int64_t n = states.count, width = n + 2;
  const hn::ScalableTag<double> d;
  std::fill_n(alpha, width, impossible);
  const double* e = states.emissions_at(0);
  alpha[2] = e[0];
  if (n > 1) alpha[3] = e[1];
  for (int64_t t = 1; t < s.steps; ++t) {
    const double* before = alpha + (t - 1) * width;
    double* now = alpha + t * width;
    e = states.emissions_at(t);
    now[0] = now[1] = impossible;
    for_each_vector(d, n, [&](auto load, auto store) HWY_ATTR {
      const auto skipped = hn::Add(load(before, impossible), load(states.skips.data(), impossible));
      const auto sum =
          log_sum(d, load(before + 2, impossible), load(before + 1, impossible), skipped);
      store(hn::Add(sum, load(e, 0.0)), now + 2);
    });
  }
  const double* last = alpha + (s.steps - 1) * width + 2;
  const double a = last[n - 1], b = n > 1 ? last[n - 2] : impossible;
  const double most = a > b ? a : b;
  if (most == impossible && a == b) return -impossible;
  return -(std::log(std::exp(a - most) + std::exp(b - most)) + most);
}

// dx at one step from beta there, whose product with alpha counts each emission twice.
template <class T>
void write_step(const States<T>& states, int64_t t, const double* alpha, const double* beta,
                const double* e, double loss, double g, double* shares, T* dx) {
  const CtcSequence& s = states.sequence;
  const hn::ScalableTag<double> d;
  const auto whole = hn::Set(d, loss);
  for_each_vector(d, states.count, [&](auto load, auto store) HWY_ATTR {
    const auto both = hn::Add(load(alpha, impossible), load(beta, impossible));
    const auto none = hn::Eq(both, hn::Set(d, impossible));
    const auto share = exp_of(d, hn::Sub(hn::Add(both, whole), load(e, 0.0)));
    store(hn::IfThenZeroElse(none, share), shares);
  });
  const T* p = states.row(t);
  const hn::ScalableTag<T> dt;
  const auto factor = hn::Set(dt, static_cast<T>(g));
  for_each_vector(dt, s.classes, [&](auto load, auto store) HWY_ATTR {
    store(hn::Mul(exp_of(dt, load(p, T(0))), factor), dx);
  });
  for (int64_t i = 0; i < states.count; ++i) {
    T& at = dx[states.class_of(i)];
    at = static_cast<T>(static_cast<double>(at) - g * shares[i]);
  }
}

template <class T>
void backward(const CtcSequence& s, const double* alpha, double loss, double g, T* dx,
              int64_t step_stride) {
  States<T> states(s);
  const int64_t n = states.count, width = n + 2;
  const hn::ScalableTag<double> d;
  // Rows of beta end with two impossible states.
  std::vector<double> rows(static_cast<size_t>(2 * width), impossible);
  std::vector<double> shares(static_cast<size_t>(n));
  double *now = rows.data(), *after = now + width;
  for (int64_t t = s.steps - 1; t >= 0; --t) {
    const double* e = states.emissions_at(t);
    if (t == s.steps - 1) {
      now[n - 1] = e[n - 1];
      if (n > 1) now[n - 2] = e[n - 2];
    } else {
      std::swap(now, after);
      const double* skips = states.skips.data() + 2;
      for_each_vector(d, n, [&](auto load, auto store) HWY_ATTR {
        const auto skipped = hn::Add(load(after + 2, impossible), load(skips, impossible));
        const auto sum = log_sum(d, load(after, impossible), load(after + 1, impossible), skipped);
        store(hn::Add(sum, load(e, 0.0)), now);
      });
    }
    write_step(states, t, alpha + t * width + 2, now, e, loss, g, shares.data(),
               dx + t * step_stride);
  }
}

double Forward(const CtcSequence& s, double* alpha) {
  return s.dtype == DType::float32 ? forward<float>(s, alpha) : forward<double>(s, alpha);
}
void Backward(const CtcSequence& s, const double* alpha, double loss, double g, void* dx,
              int64_t step_stride) {
  if (s.dtype == DType::float32)
    return backward(s, alpha, loss, g, static_cast<float*>(dx), step_stride);
  backward(s, alpha, loss, g, static_cast<double*>(dx), step_stride);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(Forward);
HWY_EXPORT(Backward);

double ctc_forward(const CtcSequence& sequence, double* alpha) {
  return HWY_DYNAMIC_DISPATCH(Forward)(sequence, alpha);
}
void ctc_backward(const CtcSequence& sequence, const double* alpha, double loss, double g, void* dx,
                  int64_t step_stride) {
  HWY_DYNAMIC_DISPATCH(Backward)(sequence, alpha, loss, g, dx, step_stride);
}

}  // namespace rw::kernels
#endif
