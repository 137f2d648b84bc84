// Included once per target by Highway sources: Hurwitz's zeta function and what is made of it, in
// float64.
#if defined(REWIND_KERNELS_ZETA_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_ZETA_INL_H_
#undef REWIND_KERNELS_ZETA_INL_H_
#else
#define REWIND_KERNELS_ZETA_INL_H_
#endif

#include <hwy/highway.h>

#include <cmath>
#include <limits>

#include <rewind/kernels/simd/power-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// The sum of 1 / (q + k)^s for k from 0, s > 1 and q > 0: some terms, and the others by
// Euler's and Maclaurin's formula.
template <class D, class V>
HWY_NOINLINE V hurwitz_zeta(D d, V s, V q) {
  constexpr double bernoulli[] = {12.0,
                                  -720.0,
                                  30240.0,
                                  -1209600.0,
                                  47900160.0,
                                  -1.8924375803183791606e9,
                                  7.47242496e10,
                                  -2.950130727918164224e12,
                                  1.1646782814350067249e14,
                                  -4.5979787224074726105e15,
                                  1.8152105401943546773e17,
                                  -7.1661652561756670113e18};  // (2k)! / B_2k
  const V one = hn::Set(d, 1.0), less = hn::Sub(s, one), minus_s = hn::Neg(s);
  const V eps = hn::Set(d, std::numeric_limits<double>::epsilon() / 2);
  // The formula's terms fall only where a is about as large as s. All that is left is less than
  // a term and the integral over the others.
  const V large = hn::Max(s, hn::Set(d, 12.0));
  V sum = hn::Zero(d), a = q, power = pow_of(d, a, minus_s);
  auto going = hn::Lt(a, large), open = hn::Eq(s, s);
  while (!hn::AllFalse(d, going)) {
    sum = hn::Add(sum, hn::IfThenElseZero(going, power));
    const V rest = hn::MulAdd(power, hn::Div(a, less), power);
    const auto settled = hn::And(going, hn::Le(rest, hn::Mul(eps, sum)));
    open = hn::AndNot(settled, open);
    a = hn::IfThenElse(going, hn::Add(a, one), a);
    power = pow_of(d, a, minus_s);
    going = hn::And(hn::AndNot(settled, going), hn::Lt(a, large));
  }
  // a * power would not be more than 0 at times.
  const V integral = hn::Div(pow_of(d, a, hn::Neg(less)), less);
  const V half = hn::MulAdd(power, hn::Set(d, 0.5), integral);
  sum = hn::Add(sum, hn::IfThenElseZero(open, half));
  const V inverse = hn::Div(one, a), square = hn::Mul(inverse, inverse);
  V term = hn::Mul(hn::Mul(power, inverse), s);
  for (int k = 0; k < 12 && !hn::AllFalse(d, open); ++k) {
    const V share = hn::Mul(term, hn::Set(d, 1 / bernoulli[k]));
    sum = hn::Add(sum, hn::IfThenElseZero(open, share));
    open = hn::And(open, hn::Gt(hn::Abs(share), hn::Mul(eps, hn::Abs(sum))));
    const V next = hn::Add(s, hn::Set(d, 2.0 * k + 1));
    term = hn::Mul(hn::Mul(term, square), hn::Mul(next, hn::Add(next, one)));
  }
  return sum;
}

// The same for s > 1 and any q that is not an integer of at most 0, where s is one if q < 0: the
// terms for q + k < 0 are such sums too, up to their sign.
template <class D, class V>
HWY_NOINLINE V zeta_anywhere(D d, V s, V q) {
  const V zero = hn::Zero(d), one = hn::Set(d, 1.0), size = hn::Neg(q);
  const auto negative = hn::Lt(q, zero);
  if (HWY_LIKELY(hn::AllFalse(d, negative))) return hurwitz_zeta(d, s, q);
  const V whole = hn::Floor(size), below = hn::Sub(size, whole), count = hn::Add(whole, one);
  const V y = hurwitz_zeta(d, s, hn::IfThenElse(negative, hn::Sub(one, below), q));
  const V t = hn::IfThenElse(negative, below, one);
  const V part = hn::Sub(hurwitz_zeta(d, s, t), hurwitz_zeta(d, s, hn::Add(t, count)));
  const V half = hn::Mul(s, hn::Set(d, 0.5));
  const V signed_part = hn::IfThenElse(hn::Eq(half, hn::Floor(half)), part, hn::Neg(part));
  return hn::IfThenElse(negative, hn::Add(y, signed_part), y);
}

// The same for any numbers.
template <class D, class V>
HWY_NOINLINE V zeta_of(D d, V s, V q) {
  const V zero = hn::Zero(d), one = hn::Set(d, 1.0);
  const V nan = hn::Set(d, std::numeric_limits<double>::quiet_NaN());
  const V infinity = hn::Set(d, std::numeric_limits<double>::infinity());
  const auto negative = hn::Lt(q, zero), endless = hn::Eq(s, infinity);
  const auto pole = hn::Or(hn::Eq(s, one), hn::And(hn::Le(q, zero), hn::Eq(q, hn::Floor(q))));
  const auto undefined = hn::And(negative, hn::Or(endless, hn::Ne(s, hn::Floor(s))));
  const auto outside = hn::Or(hn::Not(hn::Ge(s, one)), hn::IsNaN(q));
  const auto special =
      hn::Or(hn::Or(pole, outside), hn::Or(undefined, hn::Or(endless, hn::Eq(q, infinity))));
  V y = zeta_anywhere(d, hn::IfThenElse(special, hn::Set(d, 2.0), s),
                      hn::IfThenElse(special, one, q));
  if (HWY_LIKELY(hn::AllFalse(d, special))) return y;
  y = hn::IfThenZeroElse(hn::Or(endless, hn::Eq(q, infinity)), y);
  y = hn::IfThenElse(hn::And(endless, hn::Le(q, one)),
                     hn::IfThenElse(hn::Eq(q, one), one, infinity), y);
  y = hn::IfThenElse(undefined, nan, y);
  return hn::IfThenElse(outside, nan, hn::IfThenElse(pole, infinity, y));
}

// The n-th derivative of digamma, n >= 1: (-1)^(n + 1) n! times the sum of 1 / (x + k)^(n + 1).
template <class D, class V>
HWY_NOINLINE V polygamma_of(D d, V x, double n) {
  const double size = std::tgamma(n + 1);
  const V infinity = hn::Set(d, std::numeric_limits<double>::infinity());
  const V scale = hn::Set(d, std::fmod(n, 2) == 1 ? size : -size);
  const V y = hn::Mul(scale, zeta_of(d, hn::Set(d, n + 1), x));
  const V at_end = hn::IfThenElseZero(hn::Lt(x, hn::Zero(d)),
                                      hn::Set(d, std::numeric_limits<double>::quiet_NaN()));
  return hn::IfThenElse(hn::Eq(hn::Abs(x), infinity), at_end, y);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
