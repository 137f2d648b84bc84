// Included once per target by Highway sources: the gamma function's logarithm and its derivatives,
// the complementary error function, and the inverse of the error function.
#if defined(REWIND_KERNELS_GAMMA_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_GAMMA_INL_H_
#undef REWIND_KERNELS_GAMMA_INL_H_
#else
#define REWIND_KERNELS_GAMMA_INL_H_
#endif

#include <hwy/highway.h>

#include <cmath>
#include <limits>

#include <rewind/kernels/simd/trig-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// --- Error function ------------------------------------------------------------------------------

// erfc(x) = exp(-x^2) p((x - center) / (x + center)) / (1 + 2 x) from 0.46 up to `most`, where it
// becomes 0.
template <class T>
struct Erfc;
template <>
struct Erfc<float> {
  static constexpr float p[] = {1.27697837f,    -0.0927634984f,  -0.16603002f,
                                0.164040416f,   -0.0542214066f,  -0.00793578383f,
                                0.00869940873f, 0.000928977213f, -0.00131488231f};
  static constexpr float center = 2, most = 10.2f;
};
template <>
struct Erfc<double> {
  static constexpr double p[] = {
      1.2329951186255526,     -0.13962111684056155,    0.015379652102608946,
      0.068097054254575615,   -0.10103906603564207,    0.093732835002615561,
      -0.066330365827917681,  0.037167515465703439,    -0.016197733869067032,
      0.0050319706465880611,  -0.00075777459318192189, -0.00019926046664633812,
      0.00015062719294057714, -2.4385759195330552e-05, -1.1236635181299749e-05,
      5.67908065482032e-06,   3.1774340763513205e-07,  -7.8186473578817661e-07,
      5.1669516423696438e-08, 7.4198978991386289e-08,  -6.7218632699351611e-09};
  static constexpr double center = 4, most = 27.5;
};
template <class D, class V>
HWY_INLINE V erfc_of(D d, V x) {
  using T = hn::TFromD<D>;
  if constexpr (sizeof(T) == 8 && !has_fused) {
    return by_element(d, x, [](T v) { return std::erfc(v); });
  } else {
    const V one = hn::Set(d, T(1)), center = hn::Set(d, Erfc<T>::center);
    const V near = hn::Sub(one, erf_of(d, x));
    const auto tail = hn::Ge(x, hn::Set(d, T(0.46)));
    if (hn::AllFalse(d, tail)) return near;
    const V t = at_most(d, at_least(d, x, T(0.46)), Erfc<T>::most);
    const V square = hn::Mul(t, t), lost = fused(d, t, t, hn::Neg(square));
    const V e = exp_of(d, hn::Neg(square)), exact = hn::NegMulAdd(e, lost, e);
    const V v = hn::Div(hn::Sub(t, center), hn::Add(t, center));
    const V share = hn::Div(paired_polynomial(d, v, Erfc<T>::p), hn::Add(hn::Add(t, t), one));
    return hn::IfThenElse(tail, hn::Mul(exact, share), near);
  }
}

// erfinv(x) = x p(w), w = -log(1 - x^2), by parts of the range of w or its square root, after
// Giles, "Approximating the erfinv function", 2010.
template <class T>
struct Erfinv;
template <>
struct Erfinv<float> {
  static constexpr float center = 2.5f, most = 5;  // of w
  static constexpr float p[] = {1.50140929f,      0.246640772f,    -0.00417734636f,
                                -0.00125375891f,  0.000218312984f, -4.38034658e-06f,
                                -3.45477952e-06f, 3.42224695e-07f, 2.26059775e-08f};
  static constexpr float tail_center = 3;  // of its root
  static constexpr float tail[] = {
      2.83297682f,     1.00167477f,   0.0094435541f,   -0.0076347338f,   0.00570041733f,
      -0.00361017161f, 0.0014519277f, -2.9263585e-05f, -0.000283833797f, 9.43182749e-05f};
};
template <>
struct Erfinv<double> {
  static constexpr double center = 3, most = 6.25;
  static constexpr double p[] = {
      1.6235420064648298,      0.2416304041661583,     -0.0057381352210055534,
      -0.00083618177690942283, 0.00019506132441155687, -1.2716422638412891e-05,
      -1.7480020922419747e-06, 4.499854250457933e-07,  -2.3688731005859818e-08,
      -5.4671786787188334e-09, 1.1108003986199143e-09, -3.1425689850084889e-11,
      -1.732972340598266e-11,  2.6990055879349767e-12, 6.5014757693577127e-15,
      -5.2937423570276273e-14, 6.2846166556431344e-15, 2.7501787541728476e-16,
      -1.5625642967364117e-16, 1.2799526030460687e-17, 1.5794739876801708e-18,
      -3.882808078468251e-19,  9.2602364402458026e-21, 4.2719764159468917e-21,
      -3.5932028927020693e-22};
  static constexpr double tail_center = 3.25, tail_most = 4;
  static constexpr double tail[] = {
      3.0838856104922208,      1.0052589676941652,      0.0053709145535716799,
      -0.003751208508215561,   0.0024914420969817607,   -0.0016882755357337071,
      0.00095328936374356377,  -0.00035503780975963814, 2.4031257015092525e-05,
      6.8287086547533766e-05,  -4.7318984120112452e-05, 1.2465167157087251e-05,
      2.9257291901789823e-06,  -3.986084395214756e-06,  1.4987130784186127e-06,
      -2.7004219280868947e-08, -2.7134511054394561e-07, 1.3104351499972014e-07,
      6.9692419776296945e-10,  -1.5102695423335065e-08};
  static constexpr double end_center = 5;
  static constexpr double end[] = {
      4.8499064014085844,      1.0103004648645455,      -0.00013871931837351699,
      -0.00021503011983024694, 7.5995277920249402e-05,  -1.9681770676949253e-05,
      4.5260543285596712e-06,  -9.9302947749828847e-07, 2.2904362741369041e-07,
      -6.7556030353736618e-08, 2.90449093207894e-08,    -1.5255160181292604e-08,
      7.7774285398267629e-09,  -3.4714379338967435e-09, 1.3589365341575844e-09,
      -4.3738896637339477e-10, 4.6977303446028029e-11,  4.2802433037307053e-11,
      -1.5439278197222415e-11};
};
// By x and w.
template <class D, class V>
HWY_INLINE V erfinv_by(D d, V x, V w) {
  using T = hn::TFromD<D>;
  using E = Erfinv<T>;
  V p = paired_polynomial(d, hn::Sub(w, hn::Set(d, E::center)), E::p);
  const auto tail = hn::Gt(w, hn::Set(d, E::most));
  if (!hn::AllFalse(d, tail)) {
    const V root = hn::Sqrt(hn::Max(w, hn::Set(d, E::most)));
    V far = paired_polynomial(d, hn::Sub(root, hn::Set(d, E::tail_center)), E::tail);
    if constexpr (sizeof(T) == 8) {
      const V end = paired_polynomial(d, hn::Sub(root, hn::Set(d, E::end_center)), E::end);
      far = hn::IfThenElse(hn::Gt(root, hn::Set(d, E::tail_most)), end, far);
    }
    p = hn::IfThenElse(tail, far, p);
    const V infinity = hn::Set(d, std::numeric_limits<T>::infinity());
    p = hn::IfThenElse(hn::Eq(hn::Abs(x), hn::Set(d, T(1))), infinity, p);
  }
  return hn::Mul(x, p);
}
template <class D, class V>
HWY_INLINE V erfinv_of(D d, V x) {
  const V one = hn::Set(d, hn::TFromD<D>(1));
  return erfinv_by(d, x, hn::Neg(log_of(d, hn::Mul(hn::Sub(one, x), hn::Add(one, x)))));
}

// --- Gamma function ------------------------------------------------------------------------------

// log(gamma(2 + t)) = t p(t) for |t| <= 1/2. From `large` on Stirling's series, of this many
// `terms`; it is digamma's from `digamma_large` on.
template <class T>
struct Gamma;
template <>
struct Gamma<float> {
  static constexpr float p[] = {0.422784328f,    0.322467029f,    -0.0673522949f,
                                0.0205816254f,   -0.00738592073f, 0.00287886872f,
                                -0.00118748483f, 0.000570251257f, -0.000250562036f};
  static constexpr float large = 4.5f, digamma_large = 6, tiny = 1e-8f;
  static constexpr int steps = 2, digamma_steps = 6;
  static constexpr float stirling[] = {8.33333333e-2f, -2.77777778e-3f, 7.93650794e-4f};
  static constexpr float trigamma[] = {1.66666667e-1f, -3.33333333e-2f, 2.38095238e-2f};
  static constexpr float digamma[] = {8.33333333e-2f, -8.33333333e-3f, 3.96825397e-3f};
};
template <>
struct Gamma<double> {
  static constexpr double p[] = {
      0.42278433509846713,     0.32246703342411326,     -0.067352301053198102,
      0.02058080842778038,     -0.0073855510286719986,  0.0028905103310342671,
      -0.0011927539118428156,  0.00050966951541154583,  -0.00022315475400520507,
      9.9457673558194984e-05,  -4.4926313379155697e-05, 2.0505590755833454e-05,
      -9.4387150992115318e-06, 4.3847044045983602e-06,  -2.0439048107029907e-06,
      9.2005278949681006e-07,  -4.3252393445604814e-07, 2.7874080521135899e-07,
      -1.3219945666117874e-07};
  static constexpr double large = 7.5, digamma_large = 10, tiny = 1e-17;
  static constexpr int steps = 5, digamma_steps = 10;
  static constexpr double stirling[] = {
      8.3333333333333333e-2, -2.7777777777777778e-3, 7.9365079365079365e-4, -5.9523809523809524e-4,
      8.4175084175084175e-4, -1.9175269175269175e-3, 6.4102564102564103e-3, -2.9550653594771242e-2};
  static constexpr double trigamma[] = {
      1.6666666666666667e-1, -3.3333333333333333e-2, 2.3809523809523810e-2, -3.3333333333333333e-2,
      7.5757575757575758e-2, -2.5311355311355311e-1, 1.1666666666666667};
  static constexpr double digamma[] = {
      8.3333333333333333e-2, -8.3333333333333333e-3, 3.9682539682539683e-3, -4.1666666666666667e-3,
      7.5757575757575758e-3, -2.1092796092796093e-2, 8.3333333333333333e-2};
};

// Of x > 0. Steps by 1 lead to [1.5, 2.5]; the logarithm of their product is added.
template <class D, class V>
HWY_INLINE V lgamma_of_positive(D d, V x) {
  using T = hn::TFromD<D>;
  using G = Gamma<T>;
  const V one = hn::Set(d, T(1)), half = hn::Set(d, T(0.5));
  const V lower = hn::Set(d, T(1.5)), upper = hn::Set(d, T(2.5));
  const auto below = hn::Lt(x, lower), large = hn::Ge(x, hn::Set(d, G::large));
  V y = x, product = hn::IfThenElse(below, x, one);
  y = hn::IfThenElse(below, hn::Add(y, one), y);
  const auto again = hn::Lt(y, lower);
  product = hn::IfThenElse(again, hn::Mul(product, y), product);
  y = hn::IfThenElse(again, hn::Add(y, one), y);
  for (int k = 0; k < G::steps; ++k) {
    const auto above = hn::Ge(y, upper);
    y = hn::IfThenElse(above, hn::Sub(y, one), y);
    product = hn::IfThenElse(above, hn::Mul(product, y), product);
  }
  const V log = log_of(d, hn::IfThenElse(large, x, product));
  // Of the steps up the rounding is left out.
  const V t = hn::IfThenElse(below, hn::IfThenElse(again, x, hn::Sub(x, one)),
                             hn::Sub(y, hn::Set(d, T(2))));
  const V center =
      hn::MulAdd(t, paired_polynomial(d, t, G::p), hn::IfThenElse(below, hn::Neg(log), log));
  if (hn::AllFalse(d, large)) return center;
  const V inverse = hn::Div(one, x);
  const V series = hn::Mul(inverse, polynomial(d, hn::Mul(inverse, inverse), G::stirling));
  const V rest = hn::Add(hn::Set(d, T(0.41893853320467274)), series);  // log(2 pi) / 2 - 1 / 2
  return hn::IfThenElse(large, hn::MulAdd(hn::Sub(x, half), hn::Sub(log, one), rest), center);
}

// x less the nearest integer.
template <class V>
HWY_INLINE V off_integer(V x) {
  return hn::Sub(x, hn::Round(x));
}

// sin(pi x) of what is off an integer by `share`, without its sign.
template <class D, class V>
HWY_INLINE V sine_off_integer(D d, V share) {
  using T = hn::TFromD<D>;
  const V angle = hn::Mul(share, hn::Set(d, Pi<T>::high));
  V sine;
  if constexpr (sizeof(T) == 8 && !has_fused)
    sine = by_element(d, angle, [](T v) { return std::sin(v); });
  else
    sine = sine_of_moderate<0>(d, angle);
  return hn::IfThenZeroElse(hn::Eq(share, hn::Zero(d)), sine);
}

// log|gamma(x)|, which for x < 0 is log(pi / |x sin(pi x)|) - log(gamma(-x)).
template <class D, class V>
HWY_INLINE V lgamma_of(D d, V x) {
  using T = hn::TFromD<D>;
  const V size = hn::Abs(x), infinity = hn::Set(d, std::numeric_limits<T>::infinity());
  V y = lgamma_of_positive(d, size);
  const auto negative = hn::Lt(x, hn::Set(d, -Gamma<T>::tiny));
  if (HWY_UNLIKELY(!hn::AllFalse(d, negative))) {
    const V pi = hn::Set(d, Pi<T>::high), sine = sine_off_integer(d, hn::Abs(off_integer(size)));
    const V reflected = hn::Sub(log_of(d, hn::Div(pi, hn::Mul(size, sine))), y);
    const auto pole = hn::Eq(sine, hn::Zero(d));
    y = hn::IfThenElse(negative, hn::IfThenElse(pole, infinity, reflected), y);
  }
  return hn::IfThenElse(hn::Eq(size, infinity), infinity, y);
}

// The derivative of lgamma; for x < 0 that of 1 - x, less pi / tan(pi x).
template <class D, class V>
HWY_INLINE V digamma_of(D d, V x) {
  using T = hn::TFromD<D>;
  using G = Gamma<T>;
  const V one = hn::Set(d, T(1)), zero = hn::Zero(d), half = hn::Set(d, T(0.5));
  const auto negative = hn::Lt(x, zero);
  V y = hn::IfThenElse(negative, hn::Sub(one, x), x);
  V numerator = zero, divisor = one;  // of the sum of 1 / (y + k)
  for (int k = 0; k < G::digamma_steps; ++k) {
    const auto small = hn::Lt(y, hn::Set(d, G::digamma_large));
    numerator = hn::IfThenElse(small, hn::MulAdd(numerator, y, divisor), numerator);
    divisor = hn::IfThenElse(small, hn::Mul(divisor, y), divisor);
    y = hn::IfThenElse(small, hn::Add(y, one), y);
  }
  const V inverse = hn::Div(one, y), square = hn::Mul(inverse, inverse);
  const V series = hn::MulAdd(square, polynomial(d, square, G::digamma), hn::Mul(half, inverse));
  V z = hn::Sub(hn::Sub(log_of(d, y), series), hn::Div(numerator, divisor));
  if (HWY_UNLIKELY(!hn::AllFalse(d, negative))) {
    const V angle = hn::Mul(off_integer(x), hn::Set(d, Pi<T>::high));
    V tangent;
    if constexpr (sizeof(T) == 8 && !has_fused)
      tangent = by_element(d, angle, [](T v) { return std::tan(v); });
    else
      tangent = tangent_of_moderate(d, angle);
    const V reflected = hn::Sub(z, hn::Div(hn::Set(d, Pi<T>::high), tangent));
    const V nan = hn::Set(d, std::numeric_limits<T>::quiet_NaN());
    z = hn::IfThenElse(negative, hn::IfThenElse(hn::Eq(angle, zero), nan, reflected), z);
  }
  const V pole = hn::CopySign(hn::Set(d, std::numeric_limits<T>::infinity()), hn::Neg(x));
  return hn::IfThenElse(hn::Eq(x, zero), pole, z);
}

// The derivative of digamma; for x < 0 (pi / sin(pi x))^2 less that of 1 - x.
template <class D, class V>
HWY_INLINE V trigamma_of(D d, V x) {
  using T = hn::TFromD<D>;
  using G = Gamma<T>;
  const V one = hn::Set(d, T(1)), zero = hn::Zero(d), half = hn::Set(d, T(0.5));
  const auto negative = hn::Lt(x, zero);
  V y = hn::IfThenElse(negative, hn::Sub(one, x), x);
  V numerator = zero, divisor = one;  // of the sum of 1 / (y + k)^2
  for (int k = 0; k < G::digamma_steps; ++k) {
    const auto small = hn::Lt(y, hn::Set(d, G::digamma_large));
    const V square = hn::Mul(y, y);
    numerator = hn::IfThenElse(small, hn::MulAdd(numerator, square, divisor), numerator);
    divisor = hn::IfThenElse(small, hn::Mul(divisor, square), divisor);
    y = hn::IfThenElse(small, hn::Add(y, one), y);
  }
  const V inverse = hn::Div(one, y), square = hn::Mul(inverse, inverse);
  const V series = hn::MulAdd(square, polynomial(d, square, G::trigamma), one);
  const V far = hn::MulAdd(inverse, series, hn::Mul(half, square));
  V z = hn::Add(far, hn::Div(numerator, divisor));
  if (HWY_UNLIKELY(!hn::AllFalse(d, negative))) {
    const V sine = sine_off_integer(d, hn::Abs(off_integer(x)));
    const V quotient = hn::Div(hn::Set(d, Pi<T>::high), sine);
    z = hn::IfThenElse(negative, hn::Sub(hn::Mul(quotient, quotient), z), z);
  }
  return z;
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
