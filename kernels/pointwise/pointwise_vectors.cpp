#include <rewind/kernels/pointwise/pointwise_vectors.h>

#include <cmath>
#include <cstring>
#include <limits>

#include <rewind/kernels/simd/targets.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/pointwise/pointwise_vectors.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Highway's functions are approximations on an interval; the ends are put right here.
template <class D, class V>
V exp_of(D d, V x) {
  using T = hn::TFromD<D>;
  const V most = hn::Set(d, sizeof(T) == 4 ? T(89) : T(710));
  const V y = hn::Exp(d, hn::Min(x, most));
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

// x, but no further from zero than `most`; NaN stays.
template <class D, class V>
V within(D d, V x, hn::TFromD<D> most) {
  const V limit = hn::Set(d, most);
  return hn::IfThenElse(hn::IsNaN(x), x, hn::Max(hn::Min(x, limit), hn::Neg(limit)));
}

// x, or the least finite number where it is -infinity, which a factor of 0 would make NaN. Where x
// is NaN that factor has to be as well.
template <class D, class V>
V above_infinity(D d, V x) {
  return hn::Max(x, hn::Set(d, std::numeric_limits<hn::TFromD<D>>::lowest()));
}

template <class D, class V>
V expm1_of(D d, V x) {
  using T = hn::TFromD<D>;
  const V most = hn::Set(d, sizeof(T) == 4 ? T(89) : T(710));
  const V least = hn::Set(d, T(-80));
  const V y = hn::Expm1(d, hn::Max(hn::Min(x, most), least));
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

template <class D, class V>
V log_ends(D d, V x, V y, V zero_at) {
  using T = hn::TFromD<D>;
  const V inf = hn::Set(d, std::numeric_limits<T>::infinity());
  y = hn::IfThenElse(hn::Eq(x, inf), inf, y);
  y = hn::IfThenElse(hn::Eq(x, zero_at), hn::Neg(inf), y);
  const V nan = hn::Set(d, std::numeric_limits<T>::quiet_NaN());
  return hn::IfThenElse(hn::Ge(x, zero_at), y, nan);
}
template <class D, class V>
V log_of(D d, V x) {
  return log_ends(d, x, hn::Log(d, x), hn::Zero(d));
}
template <class D, class V>
V log1p_of(D d, V x) {
  return log_ends(d, x, hn::Log1p(d, x), hn::Set(d, hn::TFromD<D>(-1)));
}

template <class D, class V>
V tanh_of(D d, V x) {
  const V most = hn::Set(d, hn::TFromD<D>(20));
  const V y = hn::Tanh(d, hn::Max(hn::Min(x, most), hn::Neg(most)));
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

template <class D, class V>
V sigmoid_of(D d, V x) {
  const V one = hn::Set(d, hn::TFromD<D>(1));
  return hn::Div(one, hn::Add(one, exp_of(d, hn::Neg(x))));
}

template <class D, class V, class F>
V by_element(D d, V x, F f) {
  using T = hn::TFromD<D>;
  HWY_ALIGN T v[HWY_MAX_BYTES / sizeof(T)];
  hn::Store(x, d, v);
  for (size_t i = 0; i < hn::Lanes(d); ++i) v[i] = static_cast<T>(f(v[i]));
  return hn::Load(d, v);
}

// float32: the rational approximation that Eigen uses, good to a few units in the last place; it
// may exceed 1 by as much, and NaN gets lost.
template <class D, class V>
V rough_erf(D d, V x) {
  using T = hn::TFromD<D>;
  if constexpr (sizeof(T) == 8) {
    return by_element(d, x, [](double v) { return std::erf(v); });
  } else {
    const auto c = [d](float v) { return hn::Set(d, v); };
    const V z = hn::Max(hn::Min(x, c(4)), c(-4));
    const V z2 = hn::Mul(z, z);
    V p = hn::MulAdd(z2, c(-2.72614225801306e-10f), c(2.77068142495902e-08f));
    p = hn::MulAdd(z2, p, c(-2.10102402082508e-06f));
    p = hn::MulAdd(z2, p, c(-5.69250639462346e-05f));
    p = hn::MulAdd(z2, p, c(-7.34990630326855e-04f));
    p = hn::MulAdd(z2, p, c(-2.95459980854025e-03f));
    p = hn::MulAdd(z2, p, c(-1.60960333262415e-02f));
    V q = hn::MulAdd(z2, c(-1.45660718464996e-05f), c(-2.13374055278905e-04f));
    q = hn::MulAdd(z2, q, c(-1.68282697438203e-03f));
    q = hn::MulAdd(z2, q, c(-7.37332916720468e-03f));
    q = hn::MulAdd(z2, q, c(-1.42647390514189e-02f));
    return hn::Div(hn::Mul(z, p), q);
  }
}
template <class D, class V>
V erf_of(D d, V x) {
  const V one = hn::Set(d, hn::TFromD<D>(1));
  const V y = hn::Max(hn::Min(rough_erf(d, x), one), hn::Neg(one));
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

// Hendrycks and Gimpel, "Gaussian error linear units", 2016. NaN gets lost, and rounding may lead
// below 0.
template <class D, class V>
V normal_cdf(D d, V x) {
  using T = hn::TFromD<D>;
  const V half = hn::Set(d, T(0.5));
  return hn::MulAdd(half, rough_erf(d, hn::Mul(x, hn::Set(d, T(0.70710678118654752)))), half);
}

// The argument of the tanh in the approximation: sqrt(2 / pi) (x + 0.044715 x^3).
template <class D, class V>
V gelu_argument(D d, V x) {
  using T = hn::TFromD<D>;
  const V cube = hn::Mul(hn::Mul(x, x), x);
  return hn::Mul(hn::Set(d, T(0.79788456080286536)), hn::MulAdd(hn::Set(d, T(0.044715)), cube, x));
}

template <class D, class V>
V pow_of(D d, V x, double e) {
  if (e == 2) return hn::Mul(x, x);
  if (e == 3) return hn::Mul(hn::Mul(x, x), x);
  if (e == 1) return x;
  if (e == 0.5) return hn::Sqrt(x);
  if (e == -1) return hn::Div(hn::Set(d, hn::TFromD<D>(1)), x);
  return by_element(d, x, [e](double v) { return std::pow(v, e); });
}

template <UnaryOp op, class D, class V>
V apply(D d, V x, Parameters p) {
  using T = hn::TFromD<D>;
  const V zero = hn::Zero(d), one = hn::Set(d, T(1));
  const V a = hn::Set(d, static_cast<T>(p.a)), b = hn::Set(d, static_cast<T>(p.b));
  if constexpr (op == UnaryOp::neg) return hn::Neg(x);
  if constexpr (op == UnaryOp::abs) return hn::Abs(x);
  if constexpr (op == UnaryOp::sign)
    return hn::IfThenElse(hn::Or(hn::Eq(x, zero), hn::IsNaN(x)), x, hn::CopySign(one, x));
  if constexpr (op == UnaryOp::square) return hn::Mul(x, x);
  if constexpr (op == UnaryOp::sqrt) return hn::Sqrt(x);
  if constexpr (op == UnaryOp::rsqrt) return hn::Div(one, hn::Sqrt(x));
  if constexpr (op == UnaryOp::reciprocal) return hn::Div(one, x);
  if constexpr (op == UnaryOp::exp) return exp_of(d, x);
  if constexpr (op == UnaryOp::expm1) return expm1_of(d, x);
  if constexpr (op == UnaryOp::log) return log_of(d, x);
  if constexpr (op == UnaryOp::log1p) return log1p_of(d, x);
  if constexpr (op == UnaryOp::sin) return by_element(d, x, [](T v) { return std::sin(v); });
  if constexpr (op == UnaryOp::cos) return by_element(d, x, [](T v) { return std::cos(v); });
  if constexpr (op == UnaryOp::floor) return hn::Floor(x);
  if constexpr (op == UnaryOp::ceil) return hn::Ceil(x);
  if constexpr (op == UnaryOp::round) return hn::Round(x);
  if constexpr (op == UnaryOp::tanh) return tanh_of(d, x);
  if constexpr (op == UnaryOp::sigmoid) return sigmoid_of(d, x);
  // Not Max: NaN has to come through.
  if constexpr (op == UnaryOp::relu) return hn::IfThenElse(hn::Lt(x, zero), zero, x);
  if constexpr (op == UnaryOp::leaky_relu) return hn::IfThenElse(hn::Lt(x, zero), hn::Mul(x, a), x);
  if constexpr (op == UnaryOp::silu) return hn::Mul(above_infinity(d, x), sigmoid_of(d, x));
  if constexpr (op == UnaryOp::gelu) {
    const V cdf = normal_cdf(d, x);  // infinity times 0 would be NaN
    return hn::IfThenZeroElse(hn::Le(cdf, zero), hn::Mul(x, cdf));
  }
  if constexpr (op == UnaryOp::gelu_tanh)
    return hn::Mul(hn::Mul(hn::Set(d, T(0.5)), above_infinity(d, x)),
                   hn::Add(one, tanh_of(d, gelu_argument(d, x))));
  if constexpr (op == UnaryOp::softplus) {
    const V z = hn::Mul(x, a);
    const V rest = log1p_of(d, exp_of(d, hn::Neg(hn::Abs(z))));
    return hn::IfThenElse(hn::Gt(z, b), x, hn::Add(hn::Max(x, zero), hn::Div(rest, a)));
  }
  if constexpr (op == UnaryOp::erf) return erf_of(d, x);
  if constexpr (op == UnaryOp::clamp) {
    const V low = hn::IfThenElse(hn::Lt(x, a), a, x);
    return hn::IfThenElse(hn::Gt(low, b), b, low);
  }
  if constexpr (op == UnaryOp::pow) return pow_of(d, x, p.a);
}

template <BinaryOp op, class D, class V>
V apply(D d, V x, V y, Parameters p) {
  using T = hn::TFromD<D>;
  const V zero = hn::Zero(d), one = hn::Set(d, T(1));
  const V a = hn::Set(d, static_cast<T>(p.a)), b = hn::Set(d, static_cast<T>(p.b));
  if constexpr (op == BinaryOp::add) return hn::Add(x, y);
  if constexpr (op == BinaryOp::sub) return hn::Sub(x, y);
  if constexpr (op == BinaryOp::mul) return hn::Mul(x, y);
  if constexpr (op == BinaryOp::div) return hn::Div(x, y);
  if constexpr (op == BinaryOp::maximum)
    return hn::IfThenElse(hn::Or(hn::Gt(x, y), hn::IsNaN(x)), x, y);
  if constexpr (op == BinaryOp::minimum)
    return hn::IfThenElse(hn::Or(hn::Lt(x, y), hn::IsNaN(x)), x, y);
  if constexpr (op == BinaryOp::pow) {
    HWY_ALIGN T e[HWY_MAX_BYTES / sizeof(T)];
    hn::Store(y, d, e);
    size_t i = 0;
    return by_element(d, x, [&](T v) { return std::pow(v, e[i++]); });
  }
  if constexpr (op == BinaryOp::relu_grad) return hn::IfThenZeroElse(hn::Le(y, zero), x);
  if constexpr (op == BinaryOp::tanh_grad) return hn::Mul(x, hn::NegMulAdd(y, y, one));
  if constexpr (op == BinaryOp::sigmoid_grad) return hn::Mul(x, hn::Mul(y, hn::Sub(one, y)));
  if constexpr (op == BinaryOp::leaky_relu_grad)
    return hn::IfThenElse(hn::Gt(y, zero), x, hn::Mul(x, a));
  if constexpr (op == BinaryOp::silu_grad) {
    const V s = sigmoid_of(d, y);
    const V finite = within(d, y, std::numeric_limits<T>::max());
    return hn::Mul(x, hn::Mul(s, hn::MulAdd(finite, hn::Sub(one, s), one)));
  }
  if constexpr (op == BinaryOp::gelu_grad) {
    const V half_square = hn::Mul(hn::Mul(y, y), hn::Set(d, T(-0.5)));
    const V density = hn::Mul(hn::Set(d, T(0.39894228040143268)), hn::Exp(d, half_square));
    // Where the density is 0, y may be infinite.
    const V factor = hn::IfThenZeroElse(hn::Gt(hn::Abs(y), hn::Set(d, T(40))), y);
    return hn::Mul(x, hn::MulAdd(factor, density, normal_cdf(d, y)));
  }
  if constexpr (op == BinaryOp::gelu_tanh_grad) {
    y = within(d, y, 20);  // beyond, the slope is 0 or 1, and the square below may overflow
    const V t = tanh_of(d, gelu_argument(d, y));
    const V inner = hn::Mul(hn::Set(d, T(0.79788456080286536)),
                            hn::MulAdd(hn::Set(d, T(3 * 0.044715)), hn::Mul(y, y), one));
    const V slope = hn::Mul(hn::Mul(y, hn::NegMulAdd(t, t, one)), inner);
    return hn::Mul(x, hn::Mul(hn::Set(d, T(0.5)), hn::Add(hn::Add(one, t), slope)));
  }
  if constexpr (op == BinaryOp::softplus_grad) {
    const V z = hn::Mul(y, a);
    return hn::IfThenElse(hn::Gt(z, b), x, hn::Mul(x, sigmoid_of(d, z)));
  }
  if constexpr (op == BinaryOp::clamp_grad)
    return hn::IfThenElseZero(hn::And(hn::Ge(y, a), hn::Le(y, b)), x);
  if constexpr (op == BinaryOp::abs_grad)
    return hn::IfThenElse(hn::Eq(y, zero), zero, hn::Mul(x, hn::CopySign(one, y)));
}

template <UnaryOp op, class T>
void run(Parameters p, const T* x, T* y, size_t n) {
  const hn::ScalableTag<T> d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(apply<op>(d, hn::LoadU(d, x + i), p), d, y + i);
  if (i == n) return;
  HWY_ALIGN T rest[HWY_MAX_BYTES / sizeof(T)] = {};
  std::memcpy(rest, x + i, (n - i) * sizeof(T));
  hn::Store(apply<op>(d, hn::Load(d, rest), p), d, rest);
  std::memcpy(y + i, rest, (n - i) * sizeof(T));
}

// A tail shorter than a vector passes through `rest`; a single value fills a vector.
template <class T, class D>
auto load(D d, const T* x, int step, size_t i) {
  return step ? hn::LoadU(d, x + i) : hn::Set(d, *x);
}
template <class T, class D>
auto load_rest(D d, const T* x, int step, size_t i, size_t n) {
  if (!step) return hn::Set(d, *x);
  HWY_ALIGN T rest[HWY_MAX_BYTES / sizeof(T)] = {};
  std::memcpy(rest, x + i, (n - i) * sizeof(T));
  return hn::Load(d, rest);
}

template <BinaryOp op, class T>
void run(Parameters p, const T* a, int a_step, const T* b, int b_step, T* y, size_t n) {
  const hn::ScalableTag<T> d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes)
    hn::StoreU(apply<op>(d, load(d, a, a_step, i), load(d, b, b_step, i), p), d, y + i);
  if (i == n) return;
  HWY_ALIGN T rest[HWY_MAX_BYTES / sizeof(T)];
  hn::Store(apply<op>(d, load_rest(d, a, a_step, i, n), load_rest(d, b, b_step, i, n), p), d, rest);
  std::memcpy(y + i, rest, (n - i) * sizeof(T));
}

template <class T>
using UnaryRun = void (*)(Parameters, const T*, T*, size_t);
template <class T>
using BinaryRun = void (*)(Parameters, const T*, int, const T*, int, T*, size_t);

template <class T, int... op>
UnaryRun<T> unary_by_op(UnaryOp wanted, std::integer_sequence<int, op...>) {
  static constexpr UnaryRun<T> table[] = {run<static_cast<UnaryOp>(op), T>...};
  return table[static_cast<int>(wanted)];
}
template <class T, int... op>
BinaryRun<T> binary_by_op(BinaryOp wanted, std::integer_sequence<int, op...>) {
  static constexpr BinaryRun<T> table[] = {run<static_cast<BinaryOp>(op), T>...};
  return table[static_cast<int>(wanted)];
}

template <class T>
void unary_any(UnaryOp op, Parameters p, const T* x, T* y, size_t n) {
  constexpr std::make_integer_sequence<int, static_cast<int>(UnaryOp::pow) + 1> all;
  unary_by_op<T>(op, all)(p, x, y, n);
}
template <class T>
void binary_any(BinaryOp op, Parameters p, const T* a, int a_step, const T* b, int b_step, T* y,
                size_t n) {
  constexpr std::make_integer_sequence<int, static_cast<int>(BinaryOp::abs_grad) + 1> all;
  binary_by_op<T>(op, all)(p, a, a_step, b, b_step, y, n);
}

void UnaryF32(UnaryOp op, Parameters p, const float* x, float* y, size_t n) {
  unary_any(op, p, x, y, n);
}
void UnaryF64(UnaryOp op, Parameters p, const double* x, double* y, size_t n) {
  unary_any(op, p, x, y, n);
}
void BinaryF32(BinaryOp op, Parameters p, const float* a, int a_step, const float* b, int b_step,
               float* y, size_t n) {
  binary_any(op, p, a, a_step, b, b_step, y, n);
}
void BinaryF64(BinaryOp op, Parameters p, const double* a, int a_step, const double* b, int b_step,
               double* y, size_t n) {
  binary_any(op, p, a, a_step, b, b_step, y, n);
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(UnaryF32);
HWY_EXPORT(UnaryF64);
HWY_EXPORT(BinaryF32);
HWY_EXPORT(BinaryF64);

void unary_run(UnaryOp op, Parameters p, const float* x, float* y, int64_t n) {
  HWY_DYNAMIC_DISPATCH(UnaryF32)(op, p, x, y, static_cast<size_t>(n));
}
void unary_run(UnaryOp op, Parameters p, const double* x, double* y, int64_t n) {
  HWY_DYNAMIC_DISPATCH(UnaryF64)(op, p, x, y, static_cast<size_t>(n));
}
void binary_run(BinaryOp op, Parameters p, const float* a, int a_step, const float* b, int b_step,
                float* y, int64_t n) {
  HWY_DYNAMIC_DISPATCH(BinaryF32)(op, p, a, a_step, b, b_step, y, static_cast<size_t>(n));
}
void binary_run(BinaryOp op, Parameters p, const double* a, int a_step, const double* b, int b_step,
                double* y, int64_t n) {
  HWY_DYNAMIC_DISPATCH(BinaryF64)(op, p, a, a_step, b, b_step, y, static_cast<size_t>(n));
}

}  // namespace rw::kernels
#endif
