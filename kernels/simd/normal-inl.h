// Included once per target by Highway sources: functions of the normal distribution.
#if defined(REWIND_KERNELS_NORMAL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_NORMAL_INL_H_
#undef REWIND_KERNELS_NORMAL_INL_H_
#else
#define REWIND_KERNELS_NORMAL_INL_H_
#endif

#include <hwy/highway.h>

#include <cmath>
#include <limits>

#include <rewind/kernels/simd/gamma-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// exp(x^2), with what rounding x^2 loses.
template <class D, class V>
HWY_INLINE V exp_of_square(D d, V x) {
  using T = hn::TFromD<D>;
  const V square = hn::Mul(x, x), e = exp_of(d, square);
  if constexpr (sizeof(T) == 8 && !has_fused) {
    return e;
  } else {
    const V lost = fused(d, x, x, hn::Neg(square));
    const V exact = hn::MulAdd(e, lost, e);
    return hn::IfThenElse(hn::Lt(square, hn::Set(d, sizeof(T) == 4 ? T(88) : T(709))), exact, e);
  }
}

// erfc(x) exp(x^2). From 0.46 on by the polynomial of erfc_of, which is that, and from `most` on by
// the first terms of the asymptotic series (DLMF 7.12.1); for x < 0 2 exp(x^2) less that of -x.
template <class D, class V>
HWY_INLINE V erfcx_of(D d, V x) {
  using T = hn::TFromD<D>;
  using E = Erfc<T>;
  const V one = hn::Set(d, T(1)), center = hn::Set(d, E::center), size = hn::Abs(x);
  const V t = hn::Min(hn::Max(size, hn::Set(d, T(0.46))), hn::Set(d, E::most));
  const V v = hn::Div(hn::Sub(t, center), hn::Add(t, center));
  V y = hn::Div(paired_polynomial(d, v, E::p), hn::Add(hn::Add(t, t), one));
  const auto near = hn::Lt(size, hn::Set(d, T(0.46)));
  if (!hn::AllFalse(d, near))
    y = hn::IfThenElse(near, hn::Mul(hn::Sub(one, erf_of(d, size)), exp_of_square(d, size)), y);
  const auto far = hn::Gt(size, hn::Set(d, E::most));
  if (HWY_UNLIKELY(!hn::AllFalse(d, far))) {
    static constexpr T terms[] = {T(1),      T(-0.5),      T(0.75),       T(-1.875),
                                  T(6.5625), T(-29.53125), T(162.421875), T(-1055.7421875)};
    const V inverse = hn::Div(one, size);
    const V series = polynomial(d, hn::Mul(inverse, inverse), terms);
    y = hn::IfThenElse(far, hn::Mul(hn::Mul(inverse, hn::Set(d, T(0.56418958354775629))), series),
                       y);
  }
  const auto negative = hn::Lt(x, hn::Zero(d));
  if (!hn::AllFalse(d, negative)) {
    const V e = exp_of_square(d, size);
    y = hn::IfThenElse(negative, hn::Sub(hn::Add(e, e), y), y);
  }
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

// erfc(-x / sqrt(2)) / 2
template <class D, class V>
HWY_INLINE V ndtr_of(D d, V x) {
  using T = hn::TFromD<D>;
  const V y = erfc_of(d, hn::Mul(x, hn::Set(d, T(-0.70710678118654752))));
  return hn::Mul(y, hn::Set(d, T(0.5)));
}

// log(ndtr(x)): below -1 by erfcx, above by the other tail.
template <class D, class V>
HWY_INLINE V log_ndtr_of(D d, V x) {
  using T = hn::TFromD<D>;
  const V half = hn::Set(d, T(0.5)), bound = hn::Set(d, T(-1));
  const auto tail = hn::Lt(x, bound);
  const V t = hn::Mul(x, hn::Set(d, T(0.70710678118654752)));
  V y = hn::Zero(d);
  if (!hn::AllTrue(d, tail)) y = log1p_of(d, hn::Neg(hn::Mul(half, erfc_of(d, t))));
  if (!hn::AllFalse(d, tail)) {
    const V share = log_of(d, hn::Mul(half, erfcx_of(d, hn::Neg(t))));
    const V far = hn::Sub(share, hn::Mul(hn::Mul(half, x), x));
    const auto infinite = hn::Eq(x, hn::Set(d, -std::numeric_limits<T>::infinity()));
    y = hn::IfThenElse(tail, hn::IfThenElse(infinite, x, far), y);
  }
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

// The inverse of ndtr in its lower tail, p <= 0.25: Abramowitz and Stegun's 26.2.23, good to
// 4.5e-4, and Newton's steps for log(ndtr(x)) = log(p), which is nearly straight there.
template <class D, class V>
HWY_INLINE V ndtri_of_tail(D d, V p) {
  using T = hn::TFromD<D>;
  static constexpr T above[] = {T(2.515517), T(0.802853), T(0.010328)};
  static constexpr T below[] = {T(1), T(1.432788), T(0.189269), T(0.001308)};
  const V log_p = log_of(d, p), half = hn::Set(d, T(0.5));
  const V t = hn::Sqrt(hn::Mul(hn::Set(d, T(-2)), log_p));
  V x = hn::Sub(hn::Div(polynomial(d, t, above), polynomial(d, t, below)), t);
  for (int step = 0; step < (sizeof(T) == 4 ? 1 : 2); ++step) {
    // With w = erfcx(-x / sqrt(2)) / 2: log(ndtr(x)) = log(w) - x^2 / 2, whose slope is
    // 1 / (sqrt(2 pi) w).
    const V w = hn::Mul(half, erfcx_of(d, hn::Mul(x, hn::Set(d, T(-0.70710678118654752)))));
    const V off = hn::Sub(hn::NegMulAdd(hn::Mul(half, x), x, log_of(d, w)), log_p);
    x = hn::Sub(x, hn::Mul(off, hn::Mul(w, hn::Set(d, T(2.5066282746310005)))));
  }
  return x;
}
// sqrt(2) erfinv(2 p - 1), whose w is had from p itself; beyond the end of its polynomials by the
// tail.
template <class D, class V>
HWY_INLINE V ndtri_of(D d, V p) {
  using T = hn::TFromD<D>;
  const V one = hn::Set(d, T(1)), zero = hn::Zero(d), other = hn::Sub(one, p);
  const V share = hn::Min(p, other), product = hn::Mul(hn::Mul(p, other), hn::Set(d, T(4)));
  V x = hn::Mul(erfinv_by(d, hn::Sub(hn::Add(p, p), one), hn::Neg(log_of(d, product))),
                hn::Set(d, T(1.4142135623730951)));
  const auto tail = hn::Not(hn::Ge(share, hn::Set(d, std::numeric_limits<T>::epsilon())));
  if (HWY_LIKELY(hn::AllFalse(d, tail))) return x;
  const V infinity = hn::Set(d, std::numeric_limits<T>::infinity());
  const auto positive = hn::Gt(share, zero);
  V end = ndtri_of_tail(d, hn::IfThenElse(hn::And(tail, positive), share, hn::Set(d, T(0.25))));
  end = hn::IfThenElse(positive, end, hn::Neg(infinity));
  x = hn::IfThenElse(tail, hn::IfThenElse(hn::Gt(p, other), hn::Neg(end), end), x);
  const auto inside = hn::And(hn::Ge(p, zero), hn::Le(p, one));
  return hn::IfThenElse(inside, x, hn::Set(d, std::numeric_limits<T>::quiet_NaN()));
}

// -x log(x)
template <class D, class V>
HWY_INLINE V entr_of(D d, V x) {
  using T = hn::TFromD<D>;
  const V zero = hn::Zero(d);
  const V y = hn::Neg(hn::Mul(x, log_of(d, x)));
  const V below = hn::Set(d, -std::numeric_limits<T>::infinity());
  return hn::IfThenElse(hn::Eq(x, zero), zero, hn::IfThenElse(hn::Lt(x, zero), below, y));
}

// x = mantissa 2^exponent. What is not finite, or 0, is its own mantissa, with an exponent of 0.
template <class V>
struct BinaryParts {
  V mantissa, exponent;
};
template <class D, class V>
HWY_INLINE BinaryParts<V> binary_parts(D d, V x) {
  using T = hn::TFromD<D>;
  const hn::RebindToSigned<D> di;
  using I = hn::TFromD<decltype(di)>;
  constexpr int digits = sizeof(T) == 4 ? 23 : 52;
  constexpr I mask = sizeof(T) == 4 ? I(0xff) : I(0x7ff), below_one = mask / 2 - 1;
  const V size = hn::Abs(x), zero = hn::Zero(d);
  const auto ordinary =
      hn::And(hn::Gt(size, zero), hn::Le(size, hn::Set(d, std::numeric_limits<T>::max())));
  const auto small = hn::Lt(size, hn::Set(d, std::numeric_limits<T>::min()));
  const V lift = hn::Set(d, sizeof(T) == 4 ? T(0x1p24) : T(0x1p54));
  const auto bits = hn::BitCast(di, hn::IfThenElse(small, hn::Mul(x, lift), x));
  const auto field = hn::Set(di, static_cast<I>(mask << digits));
  const auto e = hn::Sub(hn::ShiftRight<digits>(hn::And(bits, field)), hn::Set(di, below_one));
  const auto m = hn::Or(hn::AndNot(field, bits), hn::Set(di, static_cast<I>(below_one << digits)));
  const V lifted = hn::IfThenElseZero(small, hn::Set(d, T(sizeof(T) == 4 ? 24 : 54)));
  return {hn::IfThenElse(ordinary, hn::BitCast(d, m), x),
          hn::IfThenElseZero(ordinary, hn::Sub(hn::ConvertTo(d, e), lifted))};
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
