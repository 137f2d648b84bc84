// Included once per target by Highway sources: exponentials and logarithms.
#if defined(REWIND_KERNELS_EXP_LOG_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_EXP_LOG_INL_H_
#undef REWIND_KERNELS_EXP_LOG_INL_H_
#else
#define REWIND_KERNELS_EXP_LOG_INL_H_
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <cstdint>
#include <limits>

#include <rewind/kernels/simd/number_parts-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

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

// 2^f = 1 + f q(f) for |f| <= 1/2.
template <class T>
struct Exp2;
template <>
struct Exp2<float> {
  static constexpr float q[] = {0.693147188f,    0.2402265076f,   0.05550357114f,
                                0.009618082557f, 0.001339086336f, 0.0001545316295f};
};
template <>
struct Exp2<double> {
  static constexpr double q[] = {
      0.693147180559945309,     0.240226506959100712,    0.055504108664821627,
      0.00961812910762847949,   0.00133335581464064707,  0.000154035303933707334,
      0.0000152527338415567726, 1.32154868087055628e-6,  1.01780570877339411e-7,
      7.05489730415549928e-9,   4.45581790833606449e-10, 2.57293241773623042e-11};
};

// exp(b x) - 1 for b x <= 0, b > 0, in fewer steps. What one reduction loses of a large exponent is
// small against the result: 2^n t + (2^n - 1) with 2^f = 1 + t, log2(e) b x = n + f.
template <class D, class V, class T = hn::TFromD<D>>
HWY_INLINE V expm1_of_negative(D d, V x, T b) {
  const hn::RebindToSigned<D> di;
  const V to_log2 = hn::Set(d, static_cast<T>(1.4426950408889634 * b));
  const V round_at = hn::Set(d, Format<T>::round_at), one = hn::Set(d, T(1));
  const V bounded = at_least(d, x, T(-50) / b);  // where the result has become -1
  const V shifted = hn::MulAdd(bounded, to_log2, round_at);
  const V f = hn::MulSub(bounded, to_log2, hn::Sub(shifted, round_at));
  const V t = hn::Mul(f, polynomial(d, f, Exp2<T>::q));
  const V scale = power_of_2(d, exponent_in(d, hn::BitCast(di, shifted)));
  const V y = hn::MulAdd(scale, t, hn::Sub(scale, one));
  return hn::Or(y, hn::Set(d, T(-0.0)));  // of -0 as well
}

// 1 / x to about half of its digits, where there is an instruction for that, or to all of them: one
// step of Newton's method makes it exact.
template <class D, class V>
HWY_INLINE V nearly_inverse(D d, V x) {
  if constexpr (sizeof(hn::TFromD<D>) == 4 && HWY_TARGET <= HWY_AVX3)
    return hn::ApproximateReciprocal(x);  // to 14 bits
  else
    return hn::Div(hn::Set(d, hn::TFromD<D>(1)), x);
}

// 1 / x for |x| about 1, to the last bit but one.
template <class D, class V>
HWY_INLINE V inverse_of(D d, V x) {
  const V y = nearly_inverse(d, x);
  return hn::MulAdd(hn::NegMulAdd(y, x, hn::Set(d, hn::TFromD<D>(1))), y, y);
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
  // The exponent is in the low bits of e.n, and all else is shifted out.
  const auto exponent = hn::ShiftLeft<Format<T>::fraction_bits>(e.n);
  const V s = hn::BitCast(d, hn::Sub(hn::BitCast(di, one), exponent));
  const V base = hn::Add(one, s), divisor = hn::Add(base, e.t);
  const V base_lost = hn::Sub(hn::Min(one, s), hn::Sub(base, hn::Max(one, s)));
  const V lost = hn::Add(hn::Sub(e.t, hn::Sub(divisor, base)), base_lost);
  const V inverse = nearly_inverse(d, divisor);
  const V error = hn::NegMulAdd(inverse, lost, hn::NegMulAdd(inverse, divisor, one));
  const V y = hn::Mul(hn::MulAdd(error, inverse, inverse), s);
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

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
