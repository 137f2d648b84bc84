// Included once per target by Highway sources: the functions of special_unary_ops.inc and
// special_binary_ops.inc that take more than a line.
#if defined(REWIND_KERNELS_SPECIAL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_SPECIAL_INL_H_
#undef REWIND_KERNELS_SPECIAL_INL_H_
#else
#define REWIND_KERNELS_SPECIAL_INL_H_
#endif

#include <cmath>
#include <limits>
#include <numeric>

#include <rewind/kernels/pointwise/functions-inl.h>
#include <rewind/kernels/pointwise/polynomials-inl.h>
#include <rewind/kernels/simd/bessel-inl.h>
#include <rewind/kernels/simd/bessel_waves-inl.h>
#include <rewind/kernels/simd/gamma-inl.h>
#include <rewind/kernels/simd/incomplete_gamma-inl.h>
#include <rewind/kernels/simd/normal-inl.h>
#include <rewind/kernels/simd/zeta-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// --- Powers and logarithms of 2 and 10 -----------------------------------------------------------

// high exponent + (high + low) log(1 + fraction) of x = 2^exponent (1 + fraction), where `share` is
// what the exponent counts.
template <class D, class V, class T = hn::TFromD<D>>
HWY_INLINE V scaled_log(D d, V x, T share, T share_low, T high, T low) {
  const auto small = hn::Lt(x, hn::Set(d, std::numeric_limits<T>::min()));
  const T lift = sizeof(T) == 4 ? T(0x1p24) : T(0x1p54);
  const auto parts = parts_of(d, hn::IfThenElse(small, hn::Mul(x, hn::Set(d, lift)), x));
  const V e =
      hn::Sub(parts.exponent, hn::IfThenElseZero(small, hn::Set(d, T(sizeof(T) == 4 ? 24 : 54))));
  V log;
  if constexpr (sizeof(T) == 4)
    log = log_of_parts(d, hn::Zero(d), parts.fraction);
  else
    log = hn::Log(d, hn::Add(parts.fraction, hn::Set(d, T(1))));
  const V rest = hn::MulAdd(log, hn::Set(d, low), hn::Mul(e, hn::Set(d, share_low)));
  const V y = hn::MulAdd(e, hn::Set(d, share), hn::MulAdd(log, hn::Set(d, high), rest));
  return log_ends(d, x, y, 0);
}
template <class D, class V>
HWY_INLINE V log2_of(D d, V x) {
  if constexpr (sizeof(hn::TFromD<D>) == 4)
    return scaled_log(d, x, 1.0f, 0.0f, 0x1.715476p+0f, 0x1.4ae0cp-26f);
  else
    return scaled_log(d, x, 1.0, 0.0, 0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56);
}
template <class D, class V>
HWY_INLINE V log10_of(D d, V x) {
  if constexpr (sizeof(hn::TFromD<D>) == 4)
    return scaled_log(d, x, 0x1.344p-2f, 0x1.3509f8p-18f, 0x1.bcb7b2p-2f, -0x1.5b235ep-27f);
  else
    return scaled_log(d, x, 0x1.34413509f7800p-2, 0x1.fef311f12b358p-46, 0x1.bcb7b1526e50ep-2,
                      0x1.95355baaafad3p-57);
}

// 2^x = 2^n 2^f, n being the integer nearest to x.
template <class D, class V>
HWY_INLINE V exp2_of(D d, V x) {
  using T = hn::TFromD<D>;
  const hn::RebindToSigned<D> di;
  const T most = sizeof(T) == 4 ? T(129) : T(1025), least = sizeof(T) == 4 ? T(-151) : T(-1080);
  const V t = at_least(d, at_most(d, x, most), least);
  const V round_at = hn::Set(d, Format<T>::round_at), shifted = hn::Add(t, round_at);
  const V f = hn::Sub(t, hn::Sub(shifted, round_at));
  const V y = hn::MulAdd(f, polynomial(d, f, Exp2<T>::q), hn::Set(d, T(1)));
  return scaled(d, y, hn::BitCast(di, shifted));
}

// log(x / (1 - x)), x within [lower, upper] where `lower` is not negative; the lower bound wins.
template <class D, class V>
HWY_INLINE V logit_of(D d, V x, V lower, V upper) {
  using T = hn::TFromD<D>;
  const V one = hn::Set(d, T(1));
  const auto bounded = hn::Ge(lower, hn::Zero(d));
  const V below = hn::IfThenElse(hn::Gt(x, upper), upper, x);
  x = hn::IfThenElse(bounded, hn::IfThenElse(hn::Lt(x, lower), lower, below), x);
  return log_of(d, hn::Div(x, hn::Sub(one, x)));
}

// sin(pi x) / (pi x)
template <class D, class V>
HWY_INLINE V sinc_of(D d, V x) {
  using T = hn::TFromD<D>;
  const V angle = hn::Mul(x, hn::Set(d, Pi<T>::high));
  return hn::IfThenElse(hn::Eq(angle, hn::Zero(d)), hn::Set(d, T(1)),
                        hn::Div(sin_of(d, angle), angle));
}

// sin(x) / x
template <class D, class V>
HWY_INLINE V spherical_of(D d, V x) {
  using T = hn::TFromD<D>;
  const V zero = hn::Zero(d), one = hn::Set(d, T(1)), size = hn::Abs(x);
  const auto ends = hn::Eq(size, hn::Set(d, std::numeric_limits<T>::infinity()));
  const auto at_zero = hn::Eq(x, zero);
  const V t = hn::IfThenElse(hn::Or(ends, at_zero), one, x);
  const V y = hn::IfThenElse(at_zero, one, hn::Div(sin_of(d, t), t));
  return hn::IfThenElse(ends, zero, y);
}

// --- Activations ---------------------------------------------------------------------------------

// tanh(softplus(x)) = n / (n + 2) with n = e (e + 2), e = exp(x); from 20 on it is 1.
template <class D, class V>
HWY_INLINE V mish_of(D d, V x) {
  using T = hn::TFromD<D>;
  const V two = hn::Set(d, T(2)), e = exp_of(d, at_most(d, x, T(20)));
  const V n = hn::Mul(e, hn::Add(e, two));
  return hn::Mul(above_infinity(d, x), hn::Div(n, hn::Add(n, two)));
}
// (n (n + 2) + 4 x e (e + 1)) / (n + 2)^2
template <class D, class V>
HWY_INLINE V mish_slope(D d, V x) {
  using T = hn::TFromD<D>;
  const V two = hn::Set(d, T(2)), one = hn::Set(d, T(1));
  const V t = at_least(d, at_most(d, x, T(20)), T(-600)), e = exp_of(d, t);
  const V n = hn::Mul(e, hn::Add(e, two)), m = hn::Add(n, two);
  const V rest = hn::Mul(hn::Mul(hn::Set(d, T(4)), t), hn::Mul(e, hn::Add(e, one)));
  return hn::Div(hn::MulAdd(n, m, rest), hn::Mul(m, m));
}

// log(sigmoid(x))
template <class D, class V>
HWY_INLINE V logsigmoid_of(D d, V x) {
  const V zero = hn::Zero(d);
  const V rest = log1p_of(d, exp_of(d, hn::Neg(hn::Abs(x))));
  return hn::Sub(hn::IfThenElse(hn::Gt(x, zero), zero, x), rest);
}

// --- Functions of two operands -------------------------------------------------------------------

// x - y trunc(x / y), of the sign of x. The quotient may be off by one, the rest of it is exact.
template <class D, class V>
HWY_INLINE V fmod_of(D d, V x, V y) {
  using T = hn::TFromD<D>;
  const auto scalar = [](T a, T b) { return std::fmod(a, b); };
  if constexpr (sizeof(T) == 8 && !has_fused) {
    return by_element(d, x, y, scalar);
  } else {
    const V quotient = hn::Div(x, y), most = hn::Set(d, std::numeric_limits<T>::max());
    const V largest = hn::Set(d, sizeof(T) == 4 ? T(0x1p22) : T(0x1p51));
    const auto ordinary =
        hn::And(hn::Lt(hn::Abs(quotient), largest), hn::Le(hn::Max(hn::Abs(x), hn::Abs(y)), most));
    const V size = hn::Abs(y), zero = hn::Zero(d);
    V rest = fused(d, hn::Neg(hn::Trunc(quotient)), y, x);
    const auto beyond =
        hn::And(hn::Ne(rest, zero), hn::Lt(hn::Mul(hn::CopySign(hn::Set(d, T(1)), rest), x), zero));
    rest = hn::IfThenElse(beyond, hn::Add(rest, hn::CopySign(size, x)), rest);
    rest = hn::IfThenElse(hn::Ge(hn::Abs(rest), size), hn::Sub(rest, hn::CopySign(size, x)), rest);
    rest = hn::CopySign(rest, x);
    if (HWY_UNLIKELY(!hn::AllTrue(d, ordinary)))
      return hn::IfThenElse(ordinary, rest, by_element(d, x, y, scalar));
    return rest;
  }
}

// floor(x / y) of the exact quotient, as Python has it.
template <class D, class V>
HWY_INLINE V floor_divide_of(D d, V x, V y) {
  using T = hn::TFromD<D>;
  const V zero = hn::Zero(d), one = hn::Set(d, T(1)), quotient = hn::Div(x, y);
  const V rest = fmod_of(d, x, y);
  const V whole = hn::Round(hn::Div(hn::Sub(x, rest), y));
  const V signs = hn::Mul(hn::CopySign(one, rest), hn::CopySign(one, y));
  const auto below = hn::And(hn::Ne(rest, zero), hn::Lt(signs, zero));
  V z = hn::Sub(whole, hn::IfThenElseZero(below, one));
  z = hn::IfThenElse(hn::Eq(z, zero), hn::CopySign(zero, quotient), z);
  return hn::IfThenElse(hn::Eq(y, zero), quotient, z);
}

// x log(y), and 0 where x is, unless y is NaN.
template <class D, class V>
HWY_INLINE V times_log(D d, V x, V y, V log) {
  const auto vanishes = hn::And(hn::Eq(x, hn::Zero(d)), hn::Eq(y, y));
  return hn::IfThenElse(vanishes, hn::Zero(d), hn::Mul(x, log));
}

// The distance of two numbers; 0 of equal infinities.
template <class D, class V>
HWY_INLINE V distance(D d, V x, V y) {
  return hn::IfThenElse(hn::Eq(x, y), hn::Zero(d), hn::Abs(hn::Sub(x, y)));
}
// log(exp(x) + exp(y)), and the same with powers of 2.
template <class D, class V>
HWY_INLINE V logaddexp_of(D d, V x, V y) {
  return hn::Add(hn::Max(x, y), log1p_of(d, exp_of(d, hn::Neg(distance(d, x, y)))));
}
template <class D, class V>
HWY_INLINE V logaddexp2_of(D d, V x, V y) {
  const V to_log2 = hn::Set(d, hn::TFromD<D>(1.4426950408889634));
  const V rest = log1p_of(d, exp2_of(d, hn::Neg(distance(d, x, y))));
  return hn::MulAdd(rest, to_log2, hn::Max(x, y));
}

// x s(y) (1 - s(y)) with s the sigmoid.
template <class D, class V>
HWY_INLINE V sigmoid_slope_of(D d, V x, V y) {
  return hn::Mul(x, hn::Mul(sigmoid_of(d, y), sigmoid_of(d, hn::Neg(y))));
}

// What a series may leave out of a result of this type.
template <class T>
constexpr double precision = static_cast<double>(std::numeric_limits<T>::epsilon()) / 4;

// --- Integers ------------------------------------------------------------------------------------

template <class T>
T integer_fmod(T a, T b) {
  return std::is_signed_v<T> && b == static_cast<T>(-1) ? T{} : static_cast<T>(a % b);
}
template <class T>
T integer_quotient(T a, T b) {
  if (std::is_signed_v<T> && b == static_cast<T>(-1)) return static_cast<T>(0 - wide(a));
  return static_cast<T>(a / b);
}
template <class T>
T integer_floor_quotient(T a, T b) {
  const T quotient = integer_quotient(a, b);
  const bool below = std::is_signed_v<T> && (a < 0) != (b < 0) && integer_fmod(a, b) != 0;
  return static_cast<T>(quotient - below);
}

template <class T>
uint64_t greatest_divisor(T x, T y) {
  const auto size = [](T v) { return v < T{} ? 0 - wide(v) : wide(v); };
  return std::gcd(size(x), size(y));
}
template <class T>
uint64_t least_multiple(T x, T y) {
  const uint64_t divisor = greatest_divisor(x, y);
  if (divisor == 0) return 0;
  const T z = static_cast<T>(wide(static_cast<T>(x / static_cast<T>(divisor))) * wide(y));
  return z < T{} ? 0 - wide(z) : wide(z);
}

// Beyond the bits that there are, none are left.
template <class T>
uint64_t shifted_left(T x, T n) {
  constexpr auto bits = 8 * sizeof(T);
  return n < T{} || wide(n) >= bits ? 0 : wide(x) << wide(n);
}
template <class T>
T shifted_right(T x, T n) {
  constexpr auto bits = 8 * sizeof(T);
  if (n >= T{} && wide(n) < bits) return static_cast<T>(x >> n);
  return x < T{} ? static_cast<T>(-1) : T{};
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
