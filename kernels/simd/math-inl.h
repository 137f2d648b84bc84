// Included once per target by Highway sources: elementary functions of vectors of float32 and
// float64, over the whole range. tests/kernels/math_errors.cpp holds their errors.
#if defined(REWIND_KERNELS_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_MATH_INL_H_
#undef REWIND_KERNELS_MATH_INL_H_
#else
#define REWIND_KERNELS_MATH_INL_H_
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <cmath>

#include <rewind/kernels/simd/exp_log-inl.h>
#include <rewind/kernels/simd/number_parts-inl.h>
#include <rewind/kernels/simd/power-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// --- Sine and cosine -----------------------------------------------------------------------------

// sin(r) = r + r^3 s(r^2), cos(r) = 1 - r^2 / 2 + r^4 c(r^2) for |r| <= pi / 4. pi / 2 is the sum
// of three numbers, after Cody and Waite, "Software Manual for the Elementary Functions", 1980; up
// to `most` its multiples are subtracted exactly.
template <class T>
struct Sine;
template <>
struct Sine<float> {
  static constexpr float half_pi[] = {0x1.921fb6p+0f, -0x1.777a5cp-25f, -0x1.ee59dap-50f};
  static constexpr float s[] = {-0.166666552f, 0.00833215564f, -0.00019514632f};
  static constexpr float c[] = {0.0416666456f, -0.00138873095f, 2.44324128e-05f};
  static constexpr float most = 0x1p16f;
};
template <>
struct Sine<double> {
  static constexpr double half_pi[] = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54,
                                       -0x1.f1976b7ed8fbcp-110};
  static constexpr double s[] = {-0.1666666666666663,     0.0083333333333220055,
                                 -0.00019841269829495652, 2.7557313587660449e-06,
                                 -2.505074231292331e-08,  1.5895904970586424e-10};
  static constexpr double c[] = {0.041666666666666595,   -0.0013888888888872895,
                                 2.4801587288748156e-05, -2.755731414861744e-07,
                                 2.087569657207771e-09,  -1.13583104763117e-11};
  static constexpr double most = 0x1p24;
};

// sin(r) and cos(r) with x = r + quarter pi / 2, |r| <= pi / 4, for |x| <= Sine::most.
template <class D>
struct SineParts {
  hn::Vec<D> sine, cosine;
  hn::Vec<hn::RebindToSigned<D>> quarter;
};
template <class D, class V>
HWY_INLINE SineParts<D> sine_parts(D d, V x) {
  using T = hn::TFromD<D>;
  using S = Sine<T>;
  const hn::RebindToSigned<D> di;
  const V round_at = hn::Set(d, Format<T>::round_at);
  const V shifted = hn::MulAdd(x, hn::Set(d, T(0.63661977236758134)), round_at);
  const V n = hn::Sub(shifted, round_at);
  // r + low = x - n pi / 2. The first difference is exact, and so are those that tell what the
  // second lost.
  const V first = fused(d, hn::Neg(n), hn::Set(d, S::half_pi[0]), x);
  const V part = hn::Mul(n, hn::Set(d, S::half_pi[1]));
  const V part_lost = fused(d, n, hn::Set(d, S::half_pi[1]), hn::Neg(part));
  const V r = hn::Sub(first, part);
  const V lost = hn::Sub(hn::Sub(hn::Sub(first, r), part), part_lost);
  const V low = hn::NegMulAdd(n, hn::Set(d, S::half_pi[2]), lost);

  const V r2 = hn::Mul(r, r);
  const V sine = hn::Add(r, hn::MulAdd(hn::Mul(r, r2), polynomial(d, r2, S::s), low));
  // What 1 - r^2 / 2 loses goes with the rest.
  const V one = hn::Set(d, T(1)), half = hn::Mul(r2, hn::Set(d, T(0.5)));
  const V most = hn::Sub(one, half), rest = hn::Sub(hn::Sub(one, most), half);
  const V fourth = hn::NegMulAdd(r, low, hn::Mul(hn::Mul(r2, r2), polynomial(d, r2, S::c)));
  const V cosine = hn::Add(most, hn::Add(rest, fourth));
  return {sine, cosine, hn::BitCast(di, shifted)};
}
// Whether a quarter is odd: then sine and cosine change places.
template <class D, class VI>
HWY_INLINE auto is_odd(D d, VI quarter) {
  const hn::RebindToSigned<D> di;
  return hn::MaskFromVec(hn::BitCast(d, hn::Neg(hn::And(quarter, hn::Set(di, 1)))));
}

// sin(x + quarters pi / 2) for |x| <= Sine::most.
template <int quarters, class D, class V>
HWY_INLINE V sine_of_moderate(D d, V x) {
  using T = hn::TFromD<D>;
  const hn::RebindToSigned<D> di;
  const auto parts = sine_parts(d, x);
  const auto quarter = hn::Add(parts.quarter, hn::Set(di, quarters));
  const auto negative =
      hn::BitCast(d, hn::ShiftLeft<8 * sizeof(T) - 2>(hn::And(quarter, hn::Set(di, 2))));
  return hn::Xor(hn::IfThenElse(is_odd(d, quarter), parts.cosine, parts.sine), negative);
}

template <int quarters, class D, class V, class F>
HWY_INLINE V sine_or(D d, V x, F scalar) {
  using T = hn::TFromD<D>;
  if constexpr (sizeof(T) == 8 && !has_fused) {
    return by_element(d, x, scalar);
  } else {
    const auto moderate = hn::Le(hn::Abs(x), hn::Set(d, Sine<T>::most));
    const V y = sine_of_moderate<quarters>(d, hn::IfThenElseZero(moderate, x));
    // What a lane gives does not depend on its neighbours.
    if (HWY_UNLIKELY(!hn::AllTrue(d, moderate)))
      return hn::IfThenElse(moderate, y, by_element(d, x, scalar));
    return y;
  }
}
template <class D, class V>
HWY_INLINE V sin_of(D d, V x) {
  const V y = sine_or<0>(d, x, [](auto v) { return std::sin(v); });
  return hn::IfThenElse(hn::Eq(x, hn::Zero(d)), x, y);  // of either sign
}
template <class D, class V>
HWY_INLINE V cos_of(D d, V x) {
  return sine_or<1>(d, x, [](auto v) { return std::cos(v); });
}

// --- Hyperbolic tangent and error function -------------------------------------------------------

template <class D, class V>
HWY_INLINE V tanh_of(D d, V x) {
  using T = hn::TFromD<D>;
  if constexpr (sizeof(T) == 8) {
    return hn::IfThenElse(hn::IsNaN(x), x, hn::Tanh(d, within(d, x, 20)));
  } else {
    // x + x^3 q(x^2) near zero, 1 - 2 / (exp(2x) + 1) beyond.
    constexpr float q[] = {-0.333332807f, 0.133314416f, -0.0537397154f, 0.0206390843f,
                           -0.00570498453f};
    const V t = at_most(d, hn::Abs(x), 9.25f), one = hn::Set(d, 1.0f);
    const V u = hn::Mul(t, t);
    const V near = hn::MulAdd(hn::Mul(t, u), polynomial(d, u, q), t);
    const V e = exp_of_normal(d, hn::Add(t, t));
    const V far = hn::NegMulAdd(hn::Set(d, 2.0f), inverse_of(d, hn::Add(e, one)), one);
    return hn::CopySign(hn::IfThenElse(hn::Ge(t, hn::Set(d, 0.625f)), far, near), x);
  }
}

// x + x (q0 + x^2 q(x^2)) near zero; beyond, float32 is 1 - 2^(|x| p(|x|) - |x|), and float64
// 1 - exp(-x^2) p((|x| - 3) / (|x| + 3)).
template <class T>
struct Erf;
template <>
struct Erf<float> {
  static constexpr float q0 = 0.128379166f, q1 = -0.376126269f;
  static constexpr float q[] = {0.112835975f, -0.0268543288f, 0.00518931194f, -0.000801885499f,
                                7.88249711e-05f};
  static constexpr float p[] = {-0.628031254f,   -0.917693496f,    -0.150272593f,
                                0.0306343585f,   -0.00256749871f,  -0.000757993839f,
                                0.000318887527f, -5.02269068e-05f, 3.13496139e-06f};
  static constexpr float near = 1, most = 3.93f;
};
template <>
struct Erf<double> {
  static constexpr double q0 = 0x1.06eba8214db69p-3;
  static constexpr double q[] = {
      -0.37612638903183748,   0.11283791670954908,     -0.026866170645080147,
      0.0052239776248388364,  -0.00085483269816007395, 0.00012055331128905139,
      -1.492559549658635e-05, 1.6461001956697976e-06,  -1.6350310352746474e-07,
      1.4659665139006381e-08, -1.1372133979825455e-09, 5.9555743927142447e-11};
  static constexpr double p[] = {
      0.17900115118138996,     -0.32623356004303733,   0.24560380171232887,
      -0.15011593650076258,    0.071665837198350499,   -0.024392499318619244,
      0.0042691363116416419,   0.00070774637521695449, -0.00059706152975926127,
      4.525763022015289e-05,   6.4055760629484754e-05, -1.2888198104113965e-05,
      -8.0304184901453925e-06, 2.1813258948687838e-06, 1.600303963492112e-06,
      1.8526272855825223e-07};
  static constexpr double near = 1, most = 6;
};
template <class D, class V>
HWY_INLINE V erf_of(D d, V x) {
  using T = hn::TFromD<D>;
  const V t = at_most(d, hn::Abs(x), Erf<T>::most), one = hn::Set(d, T(1));
  const V u = hn::Mul(t, t), q0 = hn::Set(d, Erf<T>::q0);
  V near, far;
  if constexpr (sizeof(T) == 4) {
    const V rest = fused(d, polynomial(d, u, Erf<T>::q), u, hn::Set(d, Erf<T>::q1));
    near = hn::MulAdd(t, fused(d, rest, u, q0), t);
    // The exponent as an integer and the rest of it, which is rounded once.
    const hn::RebindToSigned<D> di;
    const V p = polynomial(d, t, Erf<T>::p), round_at = hn::Set(d, Format<T>::round_at);
    const V shifted = hn::Add(fused(d, t, p, hn::Neg(t)), round_at);
    const V rest_of_t = hn::Sub(hn::Sub(round_at, shifted), t);
    const V f = fused(d, t, p, rest_of_t), z = hn::MulAdd(f, polynomial(d, f, Exp2<T>::q), one);
    const auto n = hn::ShiftLeft<Format<T>::fraction_bits>(hn::BitCast(di, shifted));
    far = hn::Sub(one, hn::BitCast(d, hn::Add(hn::BitCast(di, z), n)));
  } else {
    near = hn::MulAdd(t, hn::MulAdd(polynomial(d, u, Erf<T>::q), u, q0), t);
    const V three = hn::Set(d, T(3)), v = hn::Div(hn::Sub(t, three), hn::Add(t, three));
    far = hn::NegMulAdd(exp_of_normal(d, hn::Neg(u)), polynomial(d, v, Erf<T>::p), one);
  }
  return hn::CopySign(hn::IfThenElse(hn::Ge(t, hn::Set(d, Erf<T>::near)), far, near), x);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
