// Included once per target by Highway sources: elementary functions of vectors of float32 and
// float64, over the whole range. tests/kernels/math_test.cpp holds their errors.
#if defined(REWIND_KERNELS_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_MATH_INL_H_
#undef REWIND_KERNELS_MATH_INL_H_
#else
#define REWIND_KERNELS_MATH_INL_H_
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <cmath>
#include <cstdint>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// --- Parts ---------------------------------------------------------------------------------------

// c[0] + c[1] x + c[2] x^2 + …
template <class D, class V, size_t n>
HWY_INLINE V polynomial(D d, V x, const hn::TFromD<D> (&c)[n]) {
  V y = hn::Set(d, c[n - 1]);
  for (size_t k = n - 1; k-- > 0;) y = hn::MulAdd(y, x, hn::Set(d, c[k]));
  return y;
}

// Whether a times b plus c is rounded once.
constexpr bool has_fused = HWY_NATIVE_FMA != 0;

// a b + c, rounded once or nearly so: float32 in float64 where the target has no such instruction.
// float64 then has no such function.
template <class D, class V>
HWY_INLINE V fused(D d, V a, V b, V c) {
  if constexpr (has_fused) {
    return hn::MulAdd(a, b, c);
  } else {
    HWY_ALIGN float v[3][hn::MaxLanes(d)];
    hn::Store(a, d, v[0]);
    hn::Store(b, d, v[1]);
    hn::Store(c, d, v[2]);
    for (size_t i = 0; i < hn::Lanes(d); ++i)
      v[0][i] = static_cast<float>(static_cast<double>(v[0][i]) * v[1][i] + v[2][i]);
    return hn::Load(d, v[0]);
  }
}

// f of each lane: for arguments that are rare.
template <class D, class V, class F>
HWY_NOINLINE V by_element(D d, V x, F f) {
  using T = hn::TFromD<D>;
  HWY_ALIGN T v[hn::MaxLanes(d)];
  hn::Store(x, d, v);
  for (size_t i = 0; i < hn::Lanes(d); ++i) v[i] = static_cast<T>(f(v[i]));
  return hn::Load(d, v);
}
template <class D, class V, class F>
HWY_NOINLINE V by_element(D d, V x, V y, F f) {
  using T = hn::TFromD<D>;
  HWY_ALIGN T v[hn::MaxLanes(d)], w[hn::MaxLanes(d)];
  hn::Store(x, d, v);
  hn::Store(y, d, w);
  for (size_t i = 0; i < hn::Lanes(d); ++i) v[i] = static_cast<T>(f(v[i], w[i]));
  return hn::Load(d, v);
}

// The lesser and the greater of x and a number; NaN where x is.
template <class D, class V>
HWY_INLINE V at_most(D d, V x, hn::TFromD<D> limit) {
  const V most = hn::Set(d, limit);
  return hn::IfThenElse(hn::Gt(x, most), most, x);
}
template <class D, class V>
HWY_INLINE V at_least(D d, V x, hn::TFromD<D> limit) {
  const V least = hn::Set(d, limit);
  return hn::IfThenElse(hn::Lt(x, least), least, x);
}
// x, but no further from zero than `most`; NaN stays.
template <class D, class V>
HWY_INLINE V within(D d, V x, hn::TFromD<D> most) {
  return at_least(d, at_most(d, x, most), -most);
}

template <class T>
struct Format;
template <>
struct Format<float> {
  static constexpr int fraction_bits = 23;
  static constexpr int32_t bias = 127;
  static constexpr int32_t root_of_half = 0x3f3504f3;  // the bits of sqrt(1/2)
  // x + round_at - round_at is the nearest integer to x, which the low bits of x + round_at hold.
  static constexpr float round_at = 0x1.8p23f;
};
template <>
struct Format<double> {
  static constexpr int fraction_bits = 52;
  static constexpr int64_t bias = 1023;
  static constexpr int64_t root_of_half = 0x3fe6a09e667f3bcd;
  static constexpr double round_at = 0x1.8p52;
};

// 2^n for the integers n where that is a normal number.
template <class D, class VI>
HWY_INLINE hn::Vec<D> power_of_2(D d, VI n) {
  using F = Format<hn::TFromD<D>>;
  const hn::RebindToSigned<D> di;
  return hn::BitCast(d, hn::ShiftLeft<F::fraction_bits>(hn::Add(n, hn::Set(di, F::bias))));
}

// --- Exponential ---------------------------------------------------------------------------------

// exp(r) = 1 + r + r^2 q(r) for |r| <= log(2) / 2; log(2) = high + low, where the products of high
// by exponents are exact.
template <class T>
struct Exp;
template <>
struct Exp<float> {
  static constexpr float high = 0x1.62ep-1f, low = 0x1.0bfbe8p-15f;
  static constexpr float q[] = {0.49999994f, 0.166665196f, 0.0416683927f, 0.00836878084f,
                                0.00138144707f};
  static constexpr float normal = 87, most = 89, least = -104;
};
template <>
struct Exp<double> {
  static constexpr double high = 0x1.62e42fefa3800p-1, low = 0x1.ef35793c76730p-45;
  static constexpr double q[] = {0.50000000000000111,    0.1666666666666641,
                                 0.041666666666529191,   0.008333333333495627,
                                 0.0013888888943921454,  0.00019841269504751636,
                                 2.4801492763973955e-05, 2.7557587357531655e-06,
                                 2.7630378228186743e-07, 2.4999960208336418e-08};
  static constexpr double normal = 708, most = 710, least = -746;
};

// exp(x) = (1 + t) 2^n with |t| < 0.42; n in the low bits of its vector.
template <class D>
struct Exponential {
  hn::Vec<D> t;
  hn::Vec<hn::RebindToSigned<D>> n;
};
template <class D, class V>
HWY_INLINE Exponential<D> split_exp(D d, V x) {
  using T = hn::TFromD<D>;
  using E = Exp<T>;
  const hn::RebindToSigned<D> di;
  const V round_at = hn::Set(d, Format<T>::round_at), low = hn::Set(d, E::low);
  const V shifted = hn::MulAdd(x, hn::Set(d, T(1.4426950408889634)), round_at);
  const V n = hn::Sub(shifted, round_at);
  const V whole = hn::NegMulAdd(n, hn::Set(d, E::high), x), r = hn::NegMulAdd(n, low, whole);
  const V lost = hn::NegMulAdd(n, low, hn::Sub(whole, r));
  const V t = hn::Add(r, hn::MulAdd(hn::Mul(r, r), polynomial(d, r, E::q), lost));
  return {t, hn::BitCast(di, shifted)};
}
template <class D, class VI>
HWY_INLINE VI exponent_in(D d, VI n) {
  const hn::RebindToSigned<D> di;
  return hn::Sub(n, hn::BitCast(di, hn::Set(d, Format<hn::TFromD<D>>::round_at)));
}

// Where the result is a normal number; NaN gets lost.
template <class D, class V>
HWY_INLINE V exp_of_normal(D d, V x) {
  using F = Format<hn::TFromD<D>>;
  const hn::RebindToSigned<D> di;
  const auto e = split_exp(d, x);
  const V y = hn::Add(hn::Set(d, hn::TFromD<D>(1)), e.t);
  return hn::BitCast(d, hn::Add(hn::BitCast(di, y), hn::ShiftLeft<F::fraction_bits>(e.n)));
}

// y 2^n for the n of split_exp, in two steps: 2^n itself need not be a normal number.
template <class D, class V, class VI>
HWY_INLINE V scaled(D d, V y, VI shifted) {
  const auto n = exponent_in(d, shifted), half = hn::ShiftRight<1>(n);
  return hn::Mul(hn::Mul(y, power_of_2(d, half)), power_of_2(d, hn::Sub(n, half)));
}

template <class D, class V>
HWY_NOINLINE V exp_of_any(D d, V x) {
  using T = hn::TFromD<D>;
  const auto e = split_exp(d, at_least(d, at_most(d, x, Exp<T>::most), Exp<T>::least));
  return scaled(d, hn::Add(hn::Set(d, T(1)), e.t), e.n);
}

template <class D, class V>
HWY_INLINE V exp_of(D d, V x) {
  const auto normal = hn::Lt(hn::Abs(x), hn::Set(d, Exp<hn::TFromD<D>>::normal));
  if (HWY_UNLIKELY(!hn::AllTrue(d, normal))) return exp_of_any(d, x);
  return exp_of_normal(d, x);
}

// 2^n t + (2^n - 1), where exp(x) = (1 + t) 2^n.
template <class D, class V>
HWY_INLINE V expm1_of(D d, V x) {
  using T = hn::TFromD<D>;
  const auto large = hn::Gt(x, hn::Set(d, Exp<T>::normal));
  const auto e = split_exp(d, at_least(d, x, T(-50)));  // where the result has become -1
  const V scale = power_of_2(d, exponent_in(d, e.n));
  const V y = hn::MulAdd(scale, e.t, hn::Sub(scale, hn::Set(d, T(1))));
  if (HWY_UNLIKELY(!hn::AllFalse(d, large))) return hn::IfThenElse(large, exp_of_any(d, x), y);
  return hn::IfThenElse(hn::Eq(x, hn::Zero(d)), x, y);
}

// 1 / (1 + exp(-x)) = s / (s + 1 + t) with s = 2^-n, where exp(-x) = (1 + t) 2^n. What the sums of
// the divisor lose corrects its inverse.
template <class D, class V>
HWY_INLINE V sigmoid_of(D d, V x) {
  using T = hn::TFromD<D>;
  const hn::RebindToSigned<D> di;
  const V one = hn::Set(d, T(1));
  const V negated = hn::Neg(at_least(d, at_most(d, x, T(40)), -Exp<T>::normal));
  const auto e = split_exp(d, negated);
  const V s = power_of_2(d, hn::Sub(hn::Zero(di), exponent_in(d, e.n)));
  const V base = hn::Add(one, s), divisor = hn::Add(base, e.t);
  const V base_lost = hn::Sub(hn::Min(one, s), hn::Sub(base, hn::Max(one, s)));
  const V lost = hn::Add(hn::Sub(e.t, hn::Sub(divisor, base)), base_lost);
  const V inverse = hn::Div(one, divisor);
  const V y = hn::Mul(hn::NegMulAdd(hn::Mul(lost, inverse), inverse, inverse), s);
  const auto tiny = hn::Lt(x, hn::Set(d, -Exp<T>::normal));
  if (HWY_UNLIKELY(!hn::AllFalse(d, tiny))) return hn::IfThenElse(tiny, exp_of_any(d, x), y);
  return y;
}

// --- Logarithm -----------------------------------------------------------------------------------

// x = 2^exponent (1 + fraction), the fraction from sqrt(1/2) - 1 to sqrt(2) - 1: of positive normal
// numbers.
template <class D>
struct Parts {
  hn::Vec<D> exponent, fraction;
};
template <class D, class V>
HWY_INLINE Parts<D> parts_of(D d, V x) {
  using T = hn::TFromD<D>;
  using F = Format<T>;
  const hn::RebindToSigned<D> di;
  const auto bits = hn::BitCast(di, x);
  const auto above = hn::Sub(bits, hn::Set(di, F::root_of_half));
  const auto n = hn::ShiftRight<F::fraction_bits>(above);
  const auto scaled = hn::Sub(bits, hn::ShiftLeft<F::fraction_bits>(n));
  return {hn::ConvertTo(d, n), hn::Sub(hn::BitCast(d, scaled), hn::Set(d, T(1)))};
}

// log(2^e (1 + f)) = e log(2) + f + low, where the sum of the first two is kept whole and
// low = log(1 + f) - f.
template <class D, class V>
HWY_INLINE V log_of_parts(D d, V e, V f) {
  constexpr float q[] = {0.333333313f, -0.250008196f, 0.200012267f, -0.166233569f,
                         0.142017588f, -0.131601855f, 0.127615824f, -0.0763449818f};
  const V low = hn::Mul(hn::Mul(f, f), hn::MulAdd(f, polynomial(d, f, q), hn::Set(d, -0.5f)));
  const V high = hn::Mul(e, hn::Set(d, Exp<float>::high));
  const V sum = hn::Add(high, f);
  const V rest = hn::Sub(f, hn::Sub(sum, high));
  return hn::Add(sum, hn::Add(rest, hn::MulAdd(e, hn::Set(d, Exp<float>::low), low)));
}

// What log makes of zero, infinity, NaN and what lies below `zero_at`.
template <class D, class V>
HWY_INLINE V log_ends(D d, V x, V y, hn::TFromD<D> zero_at) {
  using T = hn::TFromD<D>;
  const V inf = hn::Set(d, std::numeric_limits<T>::infinity()), zero = hn::Set(d, zero_at);
  y = hn::IfThenElse(hn::Eq(x, inf), inf, y);
  y = hn::IfThenElse(hn::Eq(x, zero), hn::Neg(inf), y);
  return hn::IfThenElse(hn::Ge(x, zero), y, hn::Set(d, std::numeric_limits<T>::quiet_NaN()));
}

template <class D, class V>
HWY_NOINLINE V log_of_any(D d, V x) {
  const auto small = hn::Lt(x, hn::Set(d, std::numeric_limits<float>::min()));
  const V normal = hn::IfThenElse(small, hn::Mul(x, hn::Set(d, 0x1p24f)), x);
  const auto parts = parts_of(d, normal);
  const V e = hn::Sub(parts.exponent, hn::IfThenElseZero(small, hn::Set(d, 24.0f)));
  return log_ends(d, x, log_of_parts(d, e, parts.fraction), 0);
}

template <class D, class V>
HWY_INLINE V log_of(D d, V x) {
  using T = hn::TFromD<D>;
  if constexpr (sizeof(T) == 8) {
    return log_ends(d, x, hn::Log(d, x), 0);
  } else {
    const auto normal = hn::And(hn::Ge(x, hn::Set(d, std::numeric_limits<T>::min())),
                                hn::Le(x, hn::Set(d, std::numeric_limits<T>::max())));
    if (HWY_UNLIKELY(!hn::AllTrue(d, normal))) return log_of_any(d, x);
    const auto parts = parts_of(d, x);
    return log_of_parts(d, parts.exponent, parts.fraction);
  }
}

// log(1 + x): what 1 + x loses by rounding is added to its fraction.
template <class D, class V>
HWY_INLINE V log1p_of(D d, V x) {
  using T = hn::TFromD<D>;
  if constexpr (sizeof(T) == 8) {
    return log_ends(d, x, hn::Log1p(d, x), T(-1));
  } else {
    const V one = hn::Set(d, 1.0f), sum = hn::Add(one, x);
    const V larger = hn::Max(one, x), smaller = hn::Min(one, x);
    const V lost = hn::Sub(smaller, hn::Sub(sum, larger));
    const auto parts = parts_of(d, sum);
    const auto n = hn::ConvertTo(hn::RebindToSigned<D>(),
                                 hn::Max(hn::Neg(parts.exponent), hn::Set(d, -100.0f)));
    const V fraction = hn::MulAdd(lost, power_of_2(d, n), parts.fraction);
    const V y = log_of_parts(d, parts.exponent, fraction);
    const auto ordinary =
        hn::And(hn::Gt(x, hn::Set(d, -1.0f)), hn::Le(x, hn::Set(d, std::numeric_limits<T>::max())));
    if (HWY_UNLIKELY(!hn::AllTrue(d, ordinary))) return log_ends(d, x, y, -1);
    return hn::IfThenElse(hn::Eq(x, hn::Zero(d)), x, y);
  }
}

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

// sin(x + quarters pi / 2) for |x| <= Sine::most.
template <int quarters, class D, class V>
HWY_INLINE V sine_of_moderate(D d, V x) {
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
  const V fourth = hn::NegMulAdd(r, low, hn::Mul(hn::Mul(r2, r2), polynomial(d, r2, S::c)));
  const V one = hn::Set(d, T(1));
  const V cosine = hn::Sub(one, hn::NegMulAdd(r2, hn::Set(d, T(-0.5)), hn::Neg(fourth)));

  const auto quarter = hn::Add(hn::BitCast(di, shifted), hn::Set(di, quarters));
  const auto odd = hn::MaskFromVec(hn::BitCast(d, hn::Neg(hn::And(quarter, hn::Set(di, 1)))));
  const auto negative =
      hn::BitCast(d, hn::ShiftLeft<8 * sizeof(T) - 2>(hn::And(quarter, hn::Set(di, 2))));
  return hn::Xor(hn::IfThenElse(odd, cosine, sine), negative);
}

template <int quarters, class D, class V, class F>
HWY_INLINE V sine_or(D d, V x, F scalar) {
  using T = hn::TFromD<D>;
  if constexpr (sizeof(T) == 8 && !has_fused) {
    return by_element(d, x, scalar);
  } else {
    const auto moderate = hn::Le(hn::Abs(x), hn::Set(d, Sine<T>::most));
    if (HWY_UNLIKELY(!hn::AllTrue(d, moderate))) return by_element(d, x, scalar);
    return sine_of_moderate<quarters>(d, x);
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
    const V far = hn::Sub(one, hn::Div(hn::Set(d, 2.0f), hn::Add(e, one)));
    return hn::CopySign(hn::IfThenElse(hn::Ge(t, hn::Set(d, 0.625f)), far, near), x);
  }
}

// x + x q(x^2) near zero; beyond, float32 is 1 - exp(|x| p(|x|) - |x|), and float64
// 1 - exp(-x^2) p((|x| - 3) / (|x| + 3)).
template <class T>
struct Erf;
template <>
struct Erf<float> {
  static constexpr float q[] = {0.128379167f,   -0.376126349f,    0.112836964f,   -0.0268591847f,
                                0.00520013273f, -0.000812990591f, 8.30876452e-05f};
  static constexpr float p[] = {-0.128465295f,   -0.636096656f,    -0.104161009f,
                                0.0212341286f,   -0.00177965639f,  -0.000525400857f,
                                0.000221035996f, -3.48146386e-05f, 2.17298839e-06f};
  static constexpr float near = 0.9375f, most = 3.93f;
};
template <>
struct Erf<double> {
  static constexpr double q[] = {
      0x1.06eba8214db69p-3,    -0.37612638903183748,   0.11283791670954908,
      -0.026866170645080147,   0.0052239776248388364,  -0.00085483269816007395,
      0.00012055331128905139,  -1.492559549658635e-05, 1.6461001956697976e-06,
      -1.6350310352746474e-07, 1.4659665139006381e-08, -1.1372133979825455e-09,
      5.9555743927142447e-11};
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
  const V near = hn::MulAdd(t, polynomial(d, hn::Mul(t, t), Erf<T>::q), t);
  V far;
  if constexpr (sizeof(T) == 4) {
    far = hn::Sub(one, exp_of_normal(d, hn::MulSub(t, polynomial(d, t, Erf<T>::p), t)));
  } else {
    const V three = hn::Set(d, T(3)), u = hn::Div(hn::Sub(t, three), hn::Add(t, three));
    const V e = exp_of_normal(d, hn::Neg(hn::Mul(t, t)));
    far = hn::NegMulAdd(e, polynomial(d, u, Erf<T>::p), one);
  }
  return hn::CopySign(hn::IfThenElse(hn::Ge(t, hn::Set(d, Erf<T>::near)), far, near), x);
}

// --- Power ---------------------------------------------------------------------------------------

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
      hn::MulAdd(parts.fraction, polynomial(d, parts.fraction, log2), parts.exponent);
  const V power = within(d, hn::Mul(y, logarithm), 200);
  const V round_at = hn::Set(d, Format<double>::round_at);
  const V shifted = hn::Add(power, round_at);
  const V z = polynomial(d, hn::Sub(power, hn::Sub(shifted, round_at)), exp2);
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
    const hn::Half<D> half;
    const hn::Rebind<double, hn::Half<D>> dd;
    const auto low = power_of_positive(dd, hn::PromoteTo(dd, hn::LowerHalf(half, x)),
                                       hn::PromoteTo(dd, hn::LowerHalf(half, y)));
    const auto high = power_of_positive(dd, hn::PromoteTo(dd, hn::UpperHalf(half, x)),
                                        hn::PromoteTo(dd, hn::UpperHalf(half, y)));
    return hn::Combine(d, hn::DemoteTo(half, high), hn::DemoteTo(half, low));
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
