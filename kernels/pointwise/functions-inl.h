// Included once per target by Highway sources: the functions of unary_ops.inc and binary_ops.inc
// that take more than a line.
#if defined(REWIND_KERNELS_FUNCTIONS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_FUNCTIONS_INL_H_
#undef REWIND_KERNELS_FUNCTIONS_INL_H_
#else
#define REWIND_KERNELS_FUNCTIONS_INL_H_
#endif

#include <rewind/kernels/simd/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// x, or the least finite number where it is -infinity, which a factor of 0 would make NaN. Where x
// is NaN that factor has to be as well.
template <class D, class V>
HWY_INLINE V above_infinity(D d, V x) {
  return hn::Max(x, hn::Set(d, std::numeric_limits<hn::TFromD<D>>::lowest()));
}

template <class D, class V>
HWY_INLINE V clamp_of(D, V x, V least, V most) {
  const V low = hn::IfThenElse(hn::Lt(x, least), least, x);
  return hn::IfThenElse(hn::Gt(low, most), most, low);
}

// Whether least < x < most, an infinite one of which is none.
template <class D, class V>
HWY_INLINE auto strictly_between(D d, V x, V least, V most) {
  const V infinity = hn::Set(d, std::numeric_limits<hn::TFromD<D>>::infinity());
  const auto above = hn::Or(hn::Gt(x, least), hn::Eq(least, hn::Neg(infinity)));
  const auto below = hn::Or(hn::Lt(x, most), hn::Eq(most, infinity));
  return hn::And(hn::And(above, below), hn::Eq(x, x));
}

// x + w (y - x), from the nearer of both ends.
template <class D, class V>
HWY_INLINE V lerp_of(D d, V x, V y, V w) {
  using T = hn::TFromD<D>;
  const V way = hn::Sub(y, x), rest = hn::Sub(hn::Set(d, T(1)), w);
  const auto first_half = hn::Lt(hn::Abs(w), hn::Set(d, T(0.5)));
  return hn::IfThenElse(first_half, hn::MulAdd(w, way, x), hn::NegMulAdd(way, rest, y));
}

// x with `most` and `least` in place of infinities.
template <class D, class V>
HWY_INLINE V finite_of(D d, V x, V most, V least) {
  const V infinity = hn::Set(d, std::numeric_limits<hn::TFromD<D>>::infinity());
  return hn::IfThenElse(hn::Eq(x, infinity), most,
                        hn::IfThenElse(hn::Eq(x, hn::Neg(infinity)), least, x));
}

// x + 3 between 0 and 6.
template <class D, class V>
HWY_INLINE V hard_step(D d, V x) {
  using T = hn::TFromD<D>;
  const V three = hn::Set(d, T(3));
  return clamp_of(d, hn::Add(x, three), hn::Zero(d), hn::Set(d, T(6)));
}
template <class D, class V>
HWY_INLINE V hardswish_grad_of(D d, V g, V x) {
  using T = hn::TFromD<D>;
  const V three = hn::Set(d, T(3)), half = hn::Set(d, T(0.5));
  const V inner = hn::Mul(g, hn::MulAdd(x, hn::Set(d, T(1 / 3.0)), half));
  return hn::IfThenZeroElse(hn::Le(x, hn::Neg(three)), hn::IfThenElse(hn::Lt(x, three), inner, g));
}
template <class D, class V>
HWY_INLINE V softshrink_of(D d, V x, V lambda) {
  const V low =
      hn::IfThenElse(hn::Lt(x, hn::Neg(lambda)), hn::Add(x, lambda), hn::Mul(x, hn::Zero(d)));
  return hn::IfThenElse(hn::Gt(x, lambda), hn::Sub(x, lambda), low);
}

// float32: the rational approximation that Eigen uses, good to a few units in the last place and
// quicker than erf_of; it may exceed 1 by as much, and NaN gets lost.
template <class D, class V>
HWY_INLINE V rough_erf(D d, V x) {
  if constexpr (sizeof(hn::TFromD<D>) == 8) {
    return erf_of(d, x);
  } else {
    constexpr float p[] = {-1.60960333262415e-02f, -2.95459980854025e-03f, -7.34990630326855e-04f,
                           -5.69250639462346e-05f, -2.10102402082508e-06f, 2.77068142495902e-08f,
                           -2.72614225801306e-10f};
    constexpr float q[] = {-1.42647390514189e-02f, -7.37332916720468e-03f, -1.68282697438203e-03f,
                           -2.13374055278905e-04f, -1.45660718464996e-05f};
    const V z = hn::Max(hn::Min(x, hn::Set(d, 4.0f)), hn::Set(d, -4.0f));
    const V z2 = hn::Mul(z, z);
    return hn::Div(hn::Mul(z, polynomial(d, z2, p)), polynomial(d, z2, q));
  }
}

// Hendrycks and Gimpel, "Gaussian error linear units", 2016. Rounding may lead below 0.
template <class D, class V>
HWY_INLINE V normal_cdf(D d, V x) {
  using T = hn::TFromD<D>;
  const V half = hn::Set(d, T(0.5));
  return hn::MulAdd(half, rough_erf(d, hn::Mul(x, hn::Set(d, T(0.70710678118654752)))), half);
}
template <class D, class V>
HWY_INLINE V gelu_of(D d, V x) {
  const V cdf = normal_cdf(d, x);  // infinity times 0 would be NaN
  return hn::IfThenZeroElse(hn::Le(cdf, hn::Zero(d)), hn::Mul(x, cdf));
}
template <class D, class V>
HWY_INLINE V gelu_slope(D d, V x) {
  using T = hn::TFromD<D>;
  const V half_square = hn::Mul(hn::Mul(x, x), hn::Set(d, T(-0.5)));
  const V density = hn::Mul(hn::Set(d, T(0.39894228040143268)),
                            exp_of_normal(d, at_least(d, half_square, -Exp<T>::normal)));
  // Where the density is 0, x may be infinite.
  const V factor = hn::IfThenZeroElse(hn::Gt(hn::Abs(x), hn::Set(d, T(40))), x);
  return hn::MulAdd(factor, density, normal_cdf(d, x));
}

// The argument of the tanh in gelu's approximation: sqrt(2 / pi) (x + 0.044715 x^3).
template <class D, class V>
HWY_INLINE V gelu_argument(D d, V x) {
  using T = hn::TFromD<D>;
  const V cube = hn::Mul(hn::Mul(x, x), x);
  return hn::Mul(hn::Set(d, T(0.79788456080286536)), hn::MulAdd(hn::Set(d, T(0.044715)), cube, x));
}
template <class D, class V>
HWY_INLINE V gelu_tanh_of(D d, V x) {
  using T = hn::TFromD<D>;
  return hn::Mul(hn::Mul(hn::Set(d, T(0.5)), above_infinity(d, x)),
                 hn::Add(hn::Set(d, T(1)), tanh_of(d, gelu_argument(d, x))));
}
template <class D, class V>
HWY_INLINE V gelu_tanh_slope(D d, V x) {
  using T = hn::TFromD<D>;
  const V one = hn::Set(d, T(1));
  x = within(d, x, 20);  // beyond, the slope is 0 or 1, and the square below may overflow
  const V t = tanh_of(d, gelu_argument(d, x));
  const V inner = hn::Mul(hn::Set(d, T(0.79788456080286536)),
                          hn::MulAdd(hn::Set(d, T(3 * 0.044715)), hn::Mul(x, x), one));
  const V slope = hn::Mul(hn::Mul(x, hn::NegMulAdd(t, t, one)), inner);
  return hn::Mul(hn::Set(d, T(0.5)), hn::Add(hn::Add(one, t), slope));
}

template <class D, class V>
HWY_INLINE V silu_slope(D d, V x) {
  using T = hn::TFromD<D>;
  const V one = hn::Set(d, T(1)), s = sigmoid_of(d, x);
  const V finite = within(d, x, std::numeric_limits<T>::max());
  return hn::Mul(s, hn::MulAdd(finite, hn::Sub(one, s), one));
}

template <class D, class V>
HWY_INLINE V softplus_of(D d, V x, V beta, V threshold) {
  const V z = hn::Mul(x, beta);
  const V rest = log1p_of(d, exp_of(d, hn::Neg(hn::Abs(z))));
  const V y = hn::Add(hn::Max(x, hn::Zero(d)), hn::Div(rest, beta));
  return hn::IfThenElse(hn::Gt(z, threshold), x, y);
}
template <class D, class V>
HWY_INLINE V softplus_grad_of(D d, V g, V x, V beta, V threshold) {
  const V z = hn::Mul(x, beta);
  return hn::IfThenElse(hn::Gt(z, threshold), g, hn::Mul(g, sigmoid_of(d, z)));
}

// x where positive, a (exp(b x) - 1) elsewhere.
template <class D, class V>
HWY_INLINE V elu_of(D d, V x, V a, double b) {
  using T = hn::TFromD<D>;
  const auto positive = hn::Gt(x, hn::Zero(d));
  if (hn::AllTrue(d, positive)) return x;
  const V y = b > 0 ? expm1_of_negative(d, x, static_cast<T>(b))
                    : expm1_of(d, hn::Mul(x, hn::Set(d, static_cast<T>(b))));
  return hn::IfThenElse(positive, x, hn::Mul(a, y));
}
// b x where positive, a (exp(x) - 1) elsewhere.
template <class D, class V>
HWY_INLINE V selu_of(D d, V x, V a, V b) {
  const auto positive = hn::Gt(x, hn::Zero(d));
  const V scaled = hn::Mul(x, b);
  if (hn::AllTrue(d, positive)) return scaled;
  return hn::IfThenElse(positive, scaled, hn::Mul(a, expm1_of_negative(d, x, hn::TFromD<D>(1))));
}

template <class D, class V>
HWY_INLINE V pow_of(D d, V x, double e) {
  using T = hn::TFromD<D>;
  const V one = hn::Set(d, T(1));
  if (e == 2) return hn::Mul(x, x);
  if (e == 3) return hn::Mul(hn::Mul(x, x), x);
  if (e == 1) return x;
  if (e == 0.5) return hn::Sqrt(x);
  if (e == -0.5) return hn::Div(one, hn::Sqrt(x));
  if (e == -1) return hn::Div(one, x);
  if (e == -2) return hn::Div(one, hn::Mul(x, x));
  return pow_of(d, x, hn::Set(d, static_cast<T>(e)));
}

// --- Integers are computed in uint64_t, where overflow wraps around, and cut to their type
// --------

template <class T>
uint64_t wide(T v) {
  return static_cast<uint64_t>(v);
}

// Not std::max and std::min, of which the compiler makes no vectors.
template <class T>
T most(T a, T b) {
  return a > b ? a : b;
}
template <class T>
T least(T a, T b) {
  return a < b ? a : b;
}

template <class T>
uint64_t integer_power(T base, T exponent) {
  if constexpr (std::is_signed_v<T>)
    if (exponent < 0) return base == 1 ? 1 : base == -1 ? wide(exponent % 2 ? -1 : 1) : 0;
  uint64_t result = 1;
  for (uint64_t b = wide(base), e = wide(exponent); e > 0; e /= 2, b *= b)
    if (e % 2) result *= b;
  return result;
}

template <class T>
T integer_remainder(T a, T b) {
  if (std::is_signed_v<T> && b == static_cast<T>(-1)) return 0;  // the quotient might not fit
  const T rest = static_cast<T>(a % b);
  return rest != 0 && std::is_signed_v<T> && (rest ^ b) < 0 ? static_cast<T>(rest + b) : rest;
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
