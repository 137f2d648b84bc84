#include <algorithm>
#include <cmath>
#include <limits>

#include <rewind/autograd/autograd.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_forms.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/factories.h>

namespace rw {

using namespace detail;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
}  // namespace

Tensor abs(const Tensor& x) {
  return activation_by_input("abs", UnaryOp::abs, BinaryOp::abs_grad, x, {}, no_curve,
                             Integers::stay);
}

namespace {

Tensor negative(const Tensor& x, Spare spare) {
  const profile_scope scope("neg");
  check_defined("neg", x);
  check<DTypeError>(x.dtype() != boolean, "neg: not defined for bool; use logical_not");
  return record("neg", unary(UnaryOp::neg, x, {}, spare), {x},
                [](Tensor g, Needs) -> Grads { return -std::move(g); });
}

}  // namespace

Tensor neg(const Tensor& x) { return negative(x, {}); }
Tensor operator-(TensorArg x) { return from_spare(negative(x.get(), x), x); }

Tensor square(const Tensor& input) {
  const profile_scope scope("square");
  check_defined("square", input);
  const Tensor x = input.dtype() == boolean ? input.to(int64) : input;
  return record("square", unary(UnaryOp::square, x), {x},
                [x = save(x)](const Tensor& g, Needs) -> Grads { return mul(mul(g, x.get()), 2); });
}

Tensor sign(const Tensor& x) { return step_function("sign", UnaryOp::sign, x); }
Tensor floor(const Tensor& x) { return step_function("floor", UnaryOp::floor, x); }
Tensor ceil(const Tensor& x) { return step_function("ceil", UnaryOp::ceil, x); }
Tensor round(const Tensor& x) { return step_function("round", UnaryOp::round, x); }

Tensor sqrt(const Tensor& x) {
  return by_result("sqrt", UnaryOp::sqrt, x, [](const Tensor& y) { return 0.5 / y; });
}
Tensor rsqrt(const Tensor& x) {
  return by_result("rsqrt", UnaryOp::rsqrt, x, [](const Tensor& y) { return y * y * y * -0.5; });
}
Tensor reciprocal(const Tensor& x) {
  return by_result("reciprocal", UnaryOp::reciprocal, x, [](const Tensor& y) { return -(y * y); });
}
Tensor exp(const Tensor& x) {
  return by_result("exp", UnaryOp::exp, x, [](const Tensor& y) { return y; });
}
Tensor expm1(const Tensor& x) {
  return by_result("expm1", UnaryOp::expm1, x, [](const Tensor& y) { return y + 1; });
}
Tensor log(const Tensor& x) {
  return by_input("log", UnaryOp::log, x, [](const Tensor& t) { return reciprocal(t); });
}
Tensor log1p(const Tensor& x) {
  return by_input("log1p", UnaryOp::log1p, x, [](const Tensor& t) { return reciprocal(t + 1); });
}
Tensor sin(const Tensor& x) {
  return by_input("sin", UnaryOp::sin, x, [](const Tensor& t) { return cos(t); });
}
Tensor cos(const Tensor& x) {
  return by_input("cos", UnaryOp::cos, x, [](const Tensor& t) { return neg(sin(t)); });
}
// 2 / sqrt(pi) exp(-x^2)
Tensor erf(const Tensor& x) {
  return by_input("erf", UnaryOp::erf, x,
                  [](const Tensor& t) { return exp(neg(square(t))) * 1.1283791670955126; });
}

// --- Activations --------------------------------------------------------------------------------

Tensor tanh(TensorArg x) {
  return activation_by_result("tanh", UnaryOp::tanh, BinaryOp::tanh_grad, x,
                              [](const Tensor& g, const Tensor& y) { return g * y * -2; });
}

Tensor sigmoid(TensorArg x) {
  return activation_by_result("sigmoid", UnaryOp::sigmoid, BinaryOp::sigmoid_grad, x,
                              [](const Tensor& g, const Tensor& y) { return g * (1 - y * 2); });
}

Tensor relu(TensorArg x) {
  refuse_bool("relu", x.get());
  return activation_by_result("relu", UnaryOp::relu, BinaryOp::relu_grad, x, no_curve,
                              Integers::stay);
}

Tensor leaky_relu(TensorArg x, double negative_slope) {
  return activation_by_input("leaky_relu", UnaryOp::leaky_relu, BinaryOp::leaky_relu_grad, x,
                             {negative_slope, 0}, no_curve);
}

namespace {

// a (exp(b x) - 1) where x is not positive.
Tensor exponential_unit(const char* name, TensorArg x, double a, double b) {
  const auto curve = [=](const Tensor& g, const Tensor& t) {
    return where(gt(t, 0), 0, g * (a * b * b) * exp(clamp_max(t, 0) * b));
  };
  return activation_by_input(name, UnaryOp::elu, BinaryOp::elu_grad, x, {a, b}, curve);
}

}  // namespace

Tensor elu(TensorArg x, double alpha) { return exponential_unit("elu", x, alpha, 1); }
Tensor celu(TensorArg x, double alpha) {
  check(alpha != 0, "celu: expected an alpha other than 0");
  const Tensor& in = x.get();
  const double size = std::abs(alpha);
  if (in.defined() && in.dtype() != float64 && (size < 1e-30 || size > 1e30))
    return celu(in.to(float64), alpha).to(as_floating("celu", in).dtype());  // 1 / alpha fits there
  return exponential_unit("celu", x, alpha, 1 / alpha);
}
Tensor selu(TensorArg x) {
  constexpr double scale = 1.0507009873554805, a = scale * 1.6732632423543772;
  const auto curve = [=](const Tensor& g, const Tensor& t) {
    return where(gt(t, 0), 0, g * a * exp(clamp_max(t, 0)));
  };
  return activation_by_input("selu", UnaryOp::selu, BinaryOp::selu_grad, x, {a, scale}, curve);
}

namespace detail {

DType clamped_type(const char* op, const Tensor& x, double min, double max) {
  check_defined(op, x);
  if (x.is_floating_point()) return x.dtype();
  const auto whole = [](double v) { return v == std::floor(v); };  // infinities too, NaN not
  if (!whole(min) || !whole(max)) return get_default_dtype();
  const DType dtype = x.dtype() == boolean ? int64 : x.dtype();
  dispatch(dtype, [&]<class T>() {
    const auto least = static_cast<double>(std::numeric_limits<T>::lowest());
    const auto most = static_cast<double>(std::numeric_limits<T>::max());
    check<DTypeError>(std::min(min, max) <= most && max >= least,
                      "{}: {} holds no number in [{}, {}]", op, dtype, min, max);
  });
  return dtype;
}

}  // namespace detail

Tensor clamp(const Tensor& input, std::optional<double> least, std::optional<double> most) {
  check(least || most, "clamp: neither bound is given");
  const double min = least.value_or(-infinity), max = most.value_or(infinity);
  const Tensor x = input.to(clamped_type("clamp", input, min, max));
  // All comparisons with NaN are false: as a bound it would be none.
  if (std::isnan(min) || std::isnan(max)) return mul(x, std::numeric_limits<double>::quiet_NaN());
  // Bounds that leave nothing between them give a constant: no x is within them, an equal one
  // neither.
  const double from = min < max || !x.is_floating_point() ? min : infinity;
  return activation_by_input("clamp", UnaryOp::clamp, BinaryOp::clamp_grad, x, {from, max},
                             no_curve, Integers::stay);
}
Tensor clamp_min(const Tensor& x, double min) { return clamp(x, min, infinity); }
Tensor clamp_max(const Tensor& x, double max) { return clamp(x, -infinity, max); }
Tensor clip(const Tensor& x, std::optional<double> min, std::optional<double> max) {
  return clamp(x, min, max);
}

namespace {
// x where a second derivative is not 0, so that none of its factors is infinite beyond.
Tensor near_zero(const Tensor& x, double most) { return clamp(x, -most, most); }
}  // namespace

// With s = sigmoid(x), the second derivative is s (1 - s) (2 + x (1 - 2 s)).
Tensor silu(TensorArg x) {
  const auto curve = [](const Tensor& g, const Tensor& wide) {
    const Tensor t = near_zero(wide, 800), s = sigmoid(t);
    return g * s * (1 - s) * (t * (1 - s * 2) + 2);
  };
  return activation_by_input("silu", UnaryOp::silu, BinaryOp::silu_grad, x, {}, curve);
}

namespace {

// phi(x) (2 - x^2), phi being the standard normal density.
Tensor gelu_curve(const Tensor& g, const Tensor& wide) {
  const Tensor x = near_zero(wide, 40);
  const Tensor density = exp(square(x) * -0.5) * 0.3989422804014327;
  return g * density * (2 - square(x));
}

// With u = sqrt(2/pi) (x + 0.044715 x^3) and t = tanh(u):
// (1 - t^2) (u' + x u'' / 2 - x t u'^2), where 1 - t^2 = 4 sigmoid(2u) sigmoid(-2u).
Tensor gelu_tanh_curve(const Tensor& g, const Tensor& wide) {
  constexpr double c = 0.7978845608028654, k = 0.044715;
  const Tensor x = near_zero(wide, 20);
  const Tensor xx = square(x);
  const Tensor u = x * (xx * k + 1) * c, t = tanh(u);
  const Tensor du = (xx * (3 * k) + 1) * c, ddu = x * (6 * k * c);
  return g * (sigmoid(u * 2) * sigmoid(u * -2) * 4) * (du + x * ddu * 0.5 - x * t * square(du));
}

}  // namespace

Tensor gelu(TensorArg x, Gelu form) {
  if (form == Gelu::exact)
    return activation_by_input("gelu", UnaryOp::gelu, BinaryOp::gelu_grad, x, {}, gelu_curve);
  const Tensor& in = x.get();
  return traced("gelu_tanh",
                activation_by_input("gelu", UnaryOp::gelu_tanh, BinaryOp::gelu_tanh_grad, x, {},
                                    gelu_tanh_curve),
                {in});
}

Tensor softplus(TensorArg x, double beta, double threshold) {
  check(beta > 0, "softplus: expected beta > 0, got {}", beta);
  const auto curve = [=](const Tensor& g, const Tensor& t) {
    const Tensor s = sigmoid(t * beta);
    return where(gt(t * beta, threshold), 0, g * s * (1 - s) * beta);
  };
  return activation_by_input("softplus", UnaryOp::softplus, BinaryOp::softplus_grad, x,
                             {beta, threshold}, curve);
}

}  // namespace rw
