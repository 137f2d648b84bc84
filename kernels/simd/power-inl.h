// Included once per target by Highway sources: powers and remainders.
#if defined(REWIND_KERNELS_POWER_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_POWER_INL_H_
#undef REWIND_KERNELS_POWER_INL_H_
#else
#define REWIND_KERNELS_POWER_INL_H_
#endif

#include <hwy/highway.h>

#include <cmath>
#include <limits>

#include <rewind/kernels/simd/exp_log-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// x^y = 2^(y log2(x)) for positive finite x and finite y of float32, computed in float64.
template <class D, class V>
HWY_INLINE V power_of_positive(D d, V x, V y) {
  constexpr double log2[] = {1.4426950408865742,   -0.72134752032756055, 0.48089834880304483,
                             -0.36067379313656672, 0.28853879571227176,  -0.24044643357187481,
                             0.20610712347406721,  -0.1804367515411853,  0.16021666386624531,
                             -0.14249862365025737, 0.13027560876886712,  -0.13462935137564791,
                             0.132512177946291,    -0.069739291957683067};
  constexpr double exp2[] = {1.0,
                             0.69314721496853904,
                             0.24022652782516024,
                             0.055503105504176697,
                             0.0096176930172179077,
                             0.0013406644050838483,
                             0.00015594665841809762};
  const hn::RebindToSigned<D> di;
  const auto parts = parts_of(d, x);
  const V logarithm =
      hn::MulAdd(parts.fraction, paired_polynomial(d, parts.fraction, log2), parts.exponent);
  const V power = hn::Max(hn::Min(hn::Mul(y, logarithm), hn::Set(d, 200.0)), hn::Set(d, -200.0));
  const V round_at = hn::Set(d, Format<double>::round_at);
  const V shifted = hn::Add(power, round_at);
  const V z = paired_polynomial(d, hn::Sub(power, hn::Sub(shifted, round_at)), exp2);
  const auto n = hn::ShiftLeft<Format<double>::fraction_bits>(hn::BitCast(di, shifted));
  return hn::BitCast(d, hn::Add(hn::BitCast(di, z), n));
}
// A number in two parts, the second of which holds what the first lost by rounding.
template <class V>
struct Double {
  V high, low;
};
// a + b for |a| >= |b|, and a b.
template <class V>
HWY_INLINE Double<V> whole_sum(V a, V b) {
  const V sum = hn::Add(a, b);
  return {sum, hn::Sub(b, hn::Sub(sum, a))};
}
template <class V>
HWY_INLINE Double<V> whole_product(V a, V b) {
  const V product = hn::Mul(a, b);
  return {product, hn::MulSub(a, b, product)};
}

// log(1 + f) = 2 s + 2/3 s^3 + s^5 p(s^2) with s = f / (2 + f), for f from sqrt(1/2) - 1 to
// sqrt(2) - 1 in float64.
template <class D, class V>
HWY_INLINE Double<V> whole_log1p(D d, V f) {
  constexpr double p[] = {0.4000000000000225,  0.2857142857010237,  0.22222222519442456,
                          0.18181784407612248, 0.15386755533464078, 0.13256858130357924,
                          0.13195966815924939};
  const auto g = whole_sum(hn::Set(d, 2.0), f);
  const V inverse = hn::Div(hn::Set(d, 1.0), g.high), s = hn::Mul(f, inverse);
  const V s_low = hn::Mul(hn::NegMulAdd(s, g.low, hn::NegMulAdd(s, g.high, f)), inverse);
  auto z = whole_product(s, s);
  z.low = hn::MulAdd(hn::Add(s, s), s_low, z.low);
  auto q = whole_sum(hn::Set(d, 0x1.5555555555555p-1), hn::Mul(z.high, polynomial(d, z.high, p)));
  q.low = hn::Add(q.low, hn::Set(d, 0x1.5555555555555p-55));
  auto u = whole_product(z.high, q.high);
  u.low = hn::Add(u.low, hn::MulAdd(z.high, q.low, hn::Mul(z.low, q.high)));
  auto w = whole_product(s, u.high);
  w.low = hn::Add(w.low, hn::MulAdd(s, u.low, hn::Mul(s_low, u.high)));
  auto log = whole_sum(hn::Add(s, s), w.high);
  log.low = hn::Add(log.low, hn::Add(hn::Add(s_low, s_low), w.low));
  return log;
}

// x^y = exp(y log(x)) for positive finite x and finite y of float64.
template <class D, class V>
HWY_INLINE V exact_power_of_positive(D d, V x, V y) {
  const auto small = hn::Lt(x, hn::Set(d, std::numeric_limits<double>::min()));
  const auto parts = parts_of(d, hn::IfThenElse(small, hn::Mul(x, hn::Set(d, 0x1p54)), x));
  const V e = hn::Sub(parts.exponent, hn::IfThenElseZero(small, hn::Set(d, 54.0)));
  const auto of_fraction = whole_log1p(d, parts.fraction);
  auto log = whole_sum(hn::Mul(e, hn::Set(d, Exp<double>::high)), of_fraction.high);
  log.low = hn::Add(log.low, hn::MulAdd(e, hn::Set(d, Exp<double>::low), of_fraction.low));
  const auto product = whole_product(y, log.high);
  const V high = at_least(d, at_most(d, product.high, Exp<double>::most), Exp<double>::least);
  const V low = hn::IfThenElseZero(hn::Eq(high, product.high), hn::MulAdd(y, log.low, product.low));
  const auto power = split_exp(d, high);
  const V one = hn::Set(d, 1.0), z = hn::Add(one, power.t);
  return scaled(d, hn::MulAdd(z, low, z), power.n);
}

#if HWY_TARGET != HWY_SCALAR
template <class D, class V>
HWY_INLINE V pow_of_positive(D d, V x, V y) {
  if constexpr (sizeof(hn::TFromD<D>) == 8) {
    return exact_power_of_positive(d, x, y);
  } else {
    return in_float64(
        d, [](auto dd, auto v, auto w) HWY_ATTR { return power_of_positive(dd, v, w); }, x, y);
  }
}

// The cases of the C standard's pow. A mask of one of them is true for some lane.
template <class D, class V>
HWY_NOINLINE V pow_of_any(D d, V x, V y) {
  using T = hn::TFromD<D>;
  const hn::RebindToSigned<D> di;
  const V zero = hn::Zero(d), one = hn::Set(d, T(1)), size = hn::Abs(x);
  const V infinity = hn::Set(d, std::numeric_limits<T>::infinity());
  const V nan = hn::Set(d, std::numeric_limits<T>::quiet_NaN());
  const auto endless = hn::Eq(hn::Abs(y), infinity);
  const auto end = hn::Or(hn::Eq(size, zero), hn::Eq(size, infinity));
  V z = pow_of_positive(d, hn::IfThenElse(end, one, size), hn::IfThenElse(endless, one, y));
  const auto grows = hn::Xor(hn::Gt(size, one), hn::Lt(y, zero));
  const V limit = hn::IfThenElse(hn::Eq(size, one), one, hn::IfThenElseZero(grows, infinity));
  z = hn::IfThenElse(hn::Or(endless, end), limit, z);

  const auto whole = hn::Eq(hn::Round(y), y);
  const V half = hn::Mul(y, hn::Set(d, T(0.5)));
  const auto odd = hn::AndNot(hn::Eq(hn::Round(half), half), whole);
  const auto below = hn::RebindMask(d, hn::Lt(hn::BitCast(di, x), hn::Zero(di)));
  z = hn::IfThenElse(hn::And(below, odd), hn::Neg(z), z);
  const auto undefined = hn::AndNot(hn::Or(whole, hn::Or(end, endless)), hn::Lt(x, zero));
  z = hn::IfThenElse(hn::Or(undefined, hn::Or(hn::IsNaN(x), hn::IsNaN(y))), nan, z);
  return hn::IfThenElse(hn::Or(hn::Eq(y, zero), hn::Eq(x, one)), one, z);
}

#endif

template <class D, class V>
HWY_INLINE V pow_of(D d, V x, V y) {
  using T = hn::TFromD<D>;
#if HWY_TARGET != HWY_SCALAR
  if constexpr (sizeof(T) == 4 || has_fused) {
    const V most = hn::Set(d, std::numeric_limits<T>::max());
    const auto ordinary =
        hn::And(hn::And(hn::Gt(x, hn::Zero(d)), hn::Le(x, most)), hn::Le(hn::Abs(y), most));
    if (HWY_UNLIKELY(!hn::AllTrue(d, ordinary))) return pow_of_any(d, x, y);
    return pow_of_positive(d, x, y);
  }
#endif
  return by_element(d, x, y, [](T v, T w) { return std::pow(v, w); });
}

// --- Remainder -----------------------------------------------------------------------------------

// x - y floor(x / y), of the sign of y. The quotient may be off by one, the rest of it is exact.
template <class D, class V>
HWY_INLINE V remainder_of(D d, V x, V y) {
  using T = hn::TFromD<D>;
  const auto scalar = [](T a, T b) {
    const T rest = std::fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  };
  if constexpr (sizeof(T) == 8 && !has_fused) {
    return by_element(d, x, y, scalar);
  } else {
    const V quotient = hn::Div(x, y), most = hn::Set(d, std::numeric_limits<T>::max());
    const V largest = hn::Set(d, sizeof(T) == 4 ? T(0x1p22) : T(0x1p51));
    const auto ordinary =
        hn::And(hn::Lt(hn::Abs(quotient), largest), hn::Le(hn::Max(hn::Abs(x), hn::Abs(y)), most));
    if (HWY_UNLIKELY(!hn::AllTrue(d, ordinary))) return by_element(d, x, y, scalar);
    const V size = hn::Abs(y);
    V rest = fused(d, hn::Neg(hn::Trunc(quotient)), y, x);
    const V of_size = hn::CopySign(size, rest);
    rest = hn::IfThenElse(hn::Ge(hn::Abs(rest), size), hn::Sub(rest, of_size), rest);
    const auto other_sign =
        hn::And(hn::Ne(rest, hn::Zero(d)),
                hn::Lt(hn::Mul(hn::CopySign(hn::Set(d, T(1)), rest), y), hn::Zero(d)));
    return hn::IfThenElse(other_sign, hn::Add(rest, y), rest);
  }
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
