// Included once per target by the sources of optimizers: a rule, written for one element, on all
// elements of a parameter.
#if defined(REWIND_KERNELS_RULE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_RULE_INL_H_
#undef REWIND_KERNELS_RULE_INL_H_
#else
#define REWIND_KERNELS_RULE_INL_H_
#endif

#include <hwy/highway.h>

#include <type_traits>

#include <rewind/kernels/simd/lanes-inl.h>
#include <rewind/kernels/simd/number_parts-inl.h>
#include <rewind/kernels/update/update.h>
#include <rewind/tensor/dispatch.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// A vector of numbers that is written as one number.
template <class D>
struct Number {
  using V = hn::Vec<D>;
  V v;

  static HWY_INLINE Number of(double x) { return {hn::Set(D(), static_cast<hn::TFromD<D>>(x))}; }

  friend HWY_INLINE Number operator+(Number a, Number b) { return {hn::Add(a.v, b.v)}; }
  friend HWY_INLINE Number operator-(Number a, Number b) { return {hn::Sub(a.v, b.v)}; }
  friend HWY_INLINE Number operator*(Number a, Number b) { return {hn::Mul(a.v, b.v)}; }
  friend HWY_INLINE Number operator/(Number a, Number b) { return {hn::Div(a.v, b.v)}; }
  friend HWY_INLINE Number operator-(Number a) { return {hn::Neg(a.v)}; }
  friend HWY_INLINE Number operator+(Number a, double b) { return a + of(b); }
  friend HWY_INLINE Number operator*(double a, Number b) { return of(a) * b; }

  friend HWY_INLINE Number sqrt(Number a) { return {hn::Sqrt(a.v)}; }
  friend HWY_INLINE Number abs(Number a) { return {hn::Abs(a.v)}; }
  friend HWY_INLINE Number max(Number a, Number b) { return {hn::Max(a.v, b.v)}; }
  // a b + c in one.
  friend HWY_INLINE Number fma(Number a, Number b, Number c) { return {hn::MulAdd(a.v, b.v, c.v)}; }
  friend HWY_INLINE Number fma(double a, Number b, Number c) { return fma(of(a), b, c); }
  // g + decay p, and for a decay of 0 g alone, also where p is infinite.
  friend HWY_INLINE Number decayed(double decay, Number p, Number g) {
    return decay == 0 ? g : fma(decay, p, g);
  }
  // -1, 0 or 1 by the sign of a; NaN of NaN.
  friend HWY_INLINE Number sign(Number a) { return by_sign(a, of(1), of(-1), a); }
  // One of three by the sign of a; `other` where it is 0 or NaN.
  friend HWY_INLINE Number by_sign(Number a, Number positive, Number negative, Number other) {
    const V zero = hn::Zero(D());
    return {hn::IfThenElse(hn::Gt(a.v, zero), positive.v,
                           hn::IfThenElse(hn::Lt(a.v, zero), negative.v, other.v))};
  }
  friend HWY_INLINE Number clamp(Number a, double low, double high) {
    return {hn::Min(hn::Max(a.v, of(low).v), of(high).v)};
  }
};

template <class Rule, class Options, size_t slots, class T>
void update_as(const Update& u, int64_t begin, int64_t end) {
  const hn::ScalableTag<T> d;
  using N = Number<std::remove_const_t<decltype(d)>>;
  // Copies, of which the compiler sees that the results don't lie in them.
  const Options o = *static_cast<const Options*>(u.options);
  const std::array<double, 4> numbers = u.numbers;
  const bool is_first = u.is_first;
  T* const param = static_cast<T*>(u.param) + begin;
  const T* const grad = static_cast<const T*>(u.grad) + begin;
  T* slot[slots];
  for (size_t j = 0; j < slots; ++j)
    slot[j] = u.slots[j] ? static_cast<T*>(u.slots[j]) + begin : nullptr;
  for_each_vector(d, end - begin, [&](auto load, auto store) HWY_ATTR {
    N p{load(param, T(0))}, g{load(grad, T(0))}, s[slots];
    for (size_t j = 0; j < slots; ++j) s[j].v = slot[j] ? load(slot[j], T(0)) : hn::Zero(d);
    if (o.maximize) g = -g;
    Rule::update(o, numbers, is_first, p, g, s);
    store(p.v, param);
    for (size_t j = 0; j < slots; ++j)
      if (slot[j]) store(normal_or_zero(d, s[j].v), slot[j]);
  });
}

// The rule, which has `static void update(const Options&, const std::array<double, 4>& numbers,
// bool is_first, N& param, N grad, N (&state)[slots])`, on elements [begin, end) of float32 or
// float64. Numbers of the state that fade away end at zero.
template <class Rule, class Options, size_t slots>
void update_by(const Update& u, int64_t begin, int64_t end) {
  dispatch_among<float, double>(
      u.dtype, [&]<class T>() { update_as<Rule, Options, slots, T>(u, begin, end); });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
