// Included once per target by Highway sources: the tangent, inverse trigonometric functions, and
// the hyperbolic ones with their inverses.
#if defined(REWIND_KERNELS_TRIG_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_TRIG_INL_H_
#undef REWIND_KERNELS_TRIG_INL_H_
#else
#define REWIND_KERNELS_TRIG_INL_H_
#endif

#include <hwy/highway.h>

#include <cmath>
#include <limits>

#include <rewind/kernels/simd/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// pi in two parts, the second of which holds what the first lost by rounding.
template <class T>
struct Pi;
template <>
struct Pi<float> {
  static constexpr float high = 0x1.921fb6p+1f, low = -0x1.777a5cp-24f;
};
template <>
struct Pi<double> {
  static constexpr double high = 0x1.921fb54442d18p+1, low = 0x1.1a62633145c07p-53;
};

// share pi - y, where share is a power of two.
template <class D, class V, class T = hn::TFromD<D>>
HWY_INLINE V pi_minus(D d, T share, V y) {
  return hn::Sub(hn::Set(d, share * Pi<T>::high), hn::Sub(y, hn::Set(d, share * Pi<T>::low)));
}

// --- Tangent and the inverse functions -----------------------------------------------------------

template <class D, class V>
HWY_INLINE V tangent_of_moderate(D d, V x) {
  const auto parts = sine_parts(d, x);
  const auto odd = is_odd(d, parts.quarter);
  const V y = hn::Div(hn::IfThenElse(odd, hn::Neg(parts.cosine), parts.sine),
                      hn::IfThenElse(odd, parts.sine, parts.cosine));
  return hn::IfThenElse(hn::Eq(x, hn::Zero(d)), x, y);  // of either sign
}
template <class D, class V>
HWY_INLINE V tan_of(D d, V x) {
  using T = hn::TFromD<D>;
  const auto scalar = [](T v) { return std::tan(v); };
  if constexpr (sizeof(T) == 8 && !has_fused) {
    return by_element(d, x, scalar);
  } else {
    const auto moderate = hn::Le(hn::Abs(x), hn::Set(d, Sine<T>::most));
    const V y = tangent_of_moderate(d, hn::IfThenElse(moderate, x, hn::Zero(d)));
    if (HWY_UNLIKELY(!hn::AllTrue(d, moderate)))
      return hn::IfThenElse(moderate, y, by_element(d, x, scalar));
    return y;
  }
}

// asin(x) = x + x^3 p(x^2) for |x| <= 1/2, atan(x) = x + x^3 q(x^2) for |x| <= tan(pi / 8).
template <class T>
struct Arc;
template <>
struct Arc<float> {
  static constexpr float p[] = {0.166666657f,  0.0750009418f, 0.0445994027f,
                                0.0311006624f, 0.0171492379f, 0.0336908475f};
  static constexpr float q[] = {-0.333333313f, 0.199995399f, -0.142639562f, 0.107437313f,
                                -0.0645192787f};
};
template <>
struct Arc<double> {
  static constexpr double p[] = {0.16666666666666669,   0.074999999999984329, 0.044642857146355429,
                                 0.030381944138531247,  0.022372172942149889, 0.017352392720869973,
                                 0.013971212973552933,  0.011479177415184906, 0.010322814350185779,
                                 0.0054575067186403581, 0.017400879442694021, -0.014851887071247204,
                                 0.028757851367421566};
  static constexpr double q[] = {
      -0.33333333333333331,  0.19999999999999804,  -0.14285714285659828,  0.11111111105155447,
      -0.090909087535008773, 0.076922963750321427, -0.066664248857382549, 0.058789289978347752,
      -0.052304542706502442, 0.045515932206265493, -0.034570561981427744, 0.016285756855221028};
};

// asin(|x|), or, where |x| > 1/2, pi / 2 less twice this: asin(sqrt((1 - |x|) / 2)).
template <class D, class V, class M>
HWY_INLINE V arc_sine_part(D d, V size, M large) {
  using T = hn::TFromD<D>;
  const V half = hn::Set(d, T(0.5));
  const V z = hn::IfThenElse(large, hn::NegMulAdd(size, half, half), hn::Mul(size, size));
  const V s = hn::IfThenElse(large, hn::Sqrt(z), size);
  return hn::MulAdd(hn::Mul(s, z), paired_polynomial(d, z, Arc<T>::p), s);
}
template <class D, class V>
HWY_INLINE V asin_of(D d, V x) {
  using T = hn::TFromD<D>;
  const V size = hn::Abs(x);
  const auto large = hn::Gt(size, hn::Set(d, T(0.5)));
  const V y = arc_sine_part(d, size, large);
  return hn::CopySign(hn::IfThenElse(large, pi_minus(d, T(0.5), hn::Add(y, y)), y), x);
}
template <class D, class V>
HWY_INLINE V acos_of(D d, V x) {
  using T = hn::TFromD<D>;
  const V size = hn::Abs(x);
  const auto large = hn::Gt(size, hn::Set(d, T(0.5)));
  const V y = arc_sine_part(d, size, large), twice = hn::Add(y, y);
  const auto negative = hn::Lt(x, hn::Zero(d));
  const V beyond = hn::IfThenElse(negative, pi_minus(d, T(1), twice), twice);
  return hn::IfThenElse(large, beyond, pi_minus(d, T(0.5), hn::CopySign(y, x)));
}

// atan(y / x) for x and y that are not negative: by the tangent of the difference to 0, pi / 4 or
// pi / 2.
template <class D, class V>
HWY_INLINE V arc_of_quotient(D d, V y, V x) {
  using T = hn::TFromD<D>;
  const auto low = hn::Le(y, hn::Mul(x, hn::Set(d, T(0.41421356237309505))));
  const auto middle = hn::Le(y, hn::Mul(x, hn::Set(d, T(2.4142135623730950))));
  const V numerator = hn::IfThenElse(low, y, hn::IfThenElse(middle, hn::Sub(y, x), hn::Neg(x)));
  const V divisor = hn::IfThenElse(low, x, hn::IfThenElse(middle, hn::Add(y, x), y));
  const V u = hn::Div(numerator, divisor), z = hn::Mul(u, u);
  const V part = hn::MulAdd(hn::Mul(u, z), paired_polynomial(d, z, Arc<T>::q), u);
  const V high = hn::IfThenZeroElse(
      low, hn::IfThenElse(middle, hn::Set(d, Pi<T>::high / 4), hn::Set(d, Pi<T>::high / 2)));
  const V rest = hn::IfThenZeroElse(
      low, hn::IfThenElse(middle, hn::Set(d, Pi<T>::low / 4), hn::Set(d, Pi<T>::low / 2)));
  return hn::Add(high, hn::Add(part, rest));
}
template <class D, class V>
HWY_INLINE V atan_of(D d, V x) {
  return hn::CopySign(arc_of_quotient(d, hn::Abs(x), hn::Set(d, hn::TFromD<D>(1))), x);
}
template <class D, class V>
HWY_INLINE V atan2_of(D d, V y, V x) {
  using T = hn::TFromD<D>;
  // Where neither a sum overflows nor a quotient of zeros comes up.
  const V least = hn::Set(d, std::numeric_limits<T>::min()), most = hn::Set(d, T(1e37));
  const V width = hn::Abs(x), height = hn::Abs(y);
  const auto ordinary = hn::And(hn::And(hn::Le(width, most), hn::Le(height, most)),
                                hn::Or(hn::Ge(width, least), hn::Ge(height, least)));
  const V part = arc_of_quotient(d, height, width);
  const V z =
      hn::CopySign(hn::IfThenElse(hn::Lt(x, hn::Zero(d)), pi_minus(d, T(1), part), part), y);
  if (HWY_UNLIKELY(!hn::AllTrue(d, ordinary)))
    return hn::IfThenElse(ordinary, z,
                          by_element(d, y, x, [](T v, T w) { return std::atan2(v, w); }));
  return z;
}

// sqrt(x^2 + y^2)
template <class D, class V>
HWY_INLINE V hypot_of(D d, V x, V y) {
  using T = hn::TFromD<D>;
  const V size = hn::Max(hn::Abs(x), hn::Abs(y));
  const T least = sizeof(T) == 4 ? T(1e-15) : T(1e-140), most = sizeof(T) == 4 ? T(1e18) : T(1e150);
  const auto sum = hn::MulAdd(x, x, hn::Mul(y, y));
  const auto ordinary = hn::And(hn::And(hn::Ge(size, hn::Set(d, least)), hn::Eq(sum, sum)),
                                hn::Le(size, hn::Set(d, most)));
  const V z = hn::Sqrt(sum);
  if (HWY_UNLIKELY(!hn::AllTrue(d, ordinary)))
    return hn::IfThenElse(ordinary, z,
                          by_element(d, x, y, [](T v, T w) { return std::hypot(v, w); }));
  return z;
}

// --- Hyperbolic functions ------------------------------------------------------------------------

// exp(size) / 2, where exp(size) may overflow.
template <class D, class V>
HWY_INLINE V half_exp(D d, V size) {
  const V half = hn::Set(d, hn::TFromD<D>(0.5)), e = exp_of(d, hn::Mul(size, half));
  return hn::Mul(hn::Mul(e, half), e);
}

template <class D, class V>
HWY_INLINE V sinh_of(D d, V x) {
  using T = hn::TFromD<D>;
  const V size = hn::Abs(x), one = hn::Set(d, T(1)), half = hn::Set(d, T(0.5));
  const auto large = hn::Gt(size, hn::Set(d, Exp<T>::normal));
  const V t = expm1_of(d, hn::IfThenZeroElse(large, size));
  V y = hn::Mul(half, hn::Add(t, hn::Div(t, hn::Add(t, one))));
  if (HWY_UNLIKELY(!hn::AllFalse(d, large))) y = hn::IfThenElse(large, half_exp(d, size), y);
  return hn::CopySign(y, x);
}
template <class D, class V>
HWY_INLINE V cosh_of(D d, V x) {
  using T = hn::TFromD<D>;
  const V size = hn::Abs(x), half = hn::Set(d, T(0.5));
  const auto large = hn::Gt(size, hn::Set(d, Exp<T>::normal));
  const V e = exp_of(d, hn::IfThenZeroElse(large, size));
  V y = hn::MulAdd(e, half, hn::Div(half, e));
  if (HWY_UNLIKELY(!hn::AllFalse(d, large))) y = hn::IfThenElse(large, half_exp(d, size), y);
  return y;
}

// log(2 x) for what is so large that 1 + x is x.
template <class T>
constexpr T far = sizeof(T) == 4 ? T(0x1p28) : T(0x1p56);

// log1p(x), or log(2 x) where x is far.
template <class D, class V>
HWY_INLINE V log1p_or_log_of_twice(D d, V near, V x) {
  using T = hn::TFromD<D>;
  const auto is_far = hn::Gt(x, hn::Set(d, far<T>));
  const V y = log1p_of(d, hn::IfThenElse(is_far, x, near));
  return hn::Add(y, hn::IfThenElseZero(is_far, hn::Set(d, T(0.69314718055994531))));
}
template <class D, class V>
HWY_INLINE V asinh_of(D d, V x) {
  using T = hn::TFromD<D>;
  const V size = hn::Abs(x), square = hn::Mul(x, x), one = hn::Set(d, T(1));
  const V rest = hn::Div(square, hn::Add(one, hn::Sqrt(hn::Add(square, one))));
  return hn::CopySign(log1p_or_log_of_twice(d, hn::Add(size, rest), size), x);
}
template <class D, class V>
HWY_INLINE V acosh_of(D d, V x) {
  using T = hn::TFromD<D>;
  const V one = hn::Set(d, T(1)), t = hn::Sub(x, one);
  const V y = log1p_or_log_of_twice(d, hn::Add(t, hn::Sqrt(hn::MulAdd(t, t, hn::Add(t, t)))), x);
  return hn::IfThenElse(hn::Ge(x, one), y, hn::Set(d, std::numeric_limits<T>::quiet_NaN()));
}
template <class D, class V>
HWY_INLINE V atanh_of(D d, V x) {
  using T = hn::TFromD<D>;
  const V size = hn::Abs(x), one = hn::Set(d, T(1));
  const V y = log1p_of(d, hn::Div(hn::Add(size, size), hn::Sub(one, size)));
  return hn::CopySign(hn::Mul(hn::Set(d, T(0.5)), y), x);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
