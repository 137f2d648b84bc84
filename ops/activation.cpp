#include <rewind/ops/activation.h>

#include <cmath>
#include <limits>

#include <rewind/ops/indexing.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/pointwise_forms.h>
#include <rewind/ops/random.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/softmax.h>

namespace rw {

using namespace detail;

// --- One function of each element ---------------------------------------------------------------

namespace {

Tensor bounded(const char* name, TensorArg x, double min, double max) {
  check_defined(name, x.get());
  check(min <= max, "{}: expected min_val <= max_val, got {} and {}", name, min, max);
  check<DTypeError>(x.get().dtype() != uint8 || min >= 0,
                    "{}: uint8 has no numbers from {} on below 0", name, min);
  return activation_by_input(name, UnaryOp::hardtanh, BinaryOp::hardtanh_grad, x, {min, max},
                             no_curve, Integers::stay);
}

}  // namespace

Tensor hardtanh(TensorArg x, double min_val, double max_val) {
  return bounded("hardtanh", x, min_val, max_val);
}
Tensor relu6(TensorArg x) { return bounded("relu6", x, 0, 6); }

Tensor hardsigmoid(TensorArg x) {
  return activation_by_input("hardsigmoid", UnaryOp::hardsigmoid, BinaryOp::hardsigmoid_grad, x, {},
                             no_curve, Integers::refuse);
}
Tensor hardswish(TensorArg x) {
  const auto curve = [](const Tensor& g, const Tensor& t) {
    return where(lt(abs(t), 3), g * (1 / 3.0), 0);
  };
  return activation_by_input("hardswish", UnaryOp::hardswish, BinaryOp::hardswish_grad, x, {},
                             curve, Integers::refuse);
}

// With u = tanh(softplus(x)) and s = sigmoid(x): s (1 - u^2) (2 + x (1 - s - 2 u s)).
Tensor mish(TensorArg x) {
  const auto curve = [](const Tensor& g, const Tensor& wide) {
    const Tensor t = clamp(wide, -300, 300), s = sigmoid(t);
    const Tensor u = tanh(softplus(t));
    return g * (s * (1 - square(u)) * (t * (1 - s - u * s * 2) + 2));
  };
  return activation_by_input("mish", UnaryOp::mish, BinaryOp::mish_grad, x, {}, curve,
                             Integers::refuse);
}

Tensor logsigmoid(TensorArg x) {
  const auto curve = [](const Tensor& g, const Tensor& t) {
    return -(g * (sigmoid(t) * sigmoid(-t)));
  };
  return activation_by_input("logsigmoid", UnaryOp::logsigmoid, BinaryOp::logsigmoid_grad, x, {},
                             curve, Integers::refuse);
}

// The derivative of 1 / (1 + |x|)^2.
Tensor softsign(TensorArg x) {
  const auto curve = [](const Tensor& g, const Tensor& t) {
    return g * -2 * sign(t) / pow(abs(t) + 1, 3);
  };
  return activation_by_input("softsign", UnaryOp::softsign, BinaryOp::softsign_grad, x, {}, curve);
}

Tensor tanhshrink(const Tensor& x) {
  refuse_bool("tanhshrink", x);
  return x - tanh(x);
}

Tensor hardshrink(TensorArg x, double lambd) {
  return activation_by_input("hardshrink", UnaryOp::hardshrink, BinaryOp::shrink_grad, x, {lambd},
                             no_curve, Integers::refuse);
}
Tensor softshrink(TensorArg x, double lambd) {
  check(lambd >= 0, "softshrink: expected lambd >= 0, got {}", lambd);
  return activation_by_input("softshrink", UnaryOp::softshrink, BinaryOp::shrink_grad, x, {lambd},
                             no_curve, Integers::refuse);
}

Tensor threshold(TensorArg x, double limit, double value) {
  return activation_by_input("threshold", UnaryOp::threshold, BinaryOp::threshold_grad, x,
                             {limit, value}, no_curve, Integers::stay);
}

// --- Gates and slopes ---------------------------------------------------------------------------

namespace {

Tensor gated(const Tensor& a, const Tensor& b);

// g s (1 - s), s being the sigmoid of b.
Tensor gate_slope(const Tensor& g, const Tensor& b) {
  return record("gate_slope", binary("glu", BinaryOp::sigmoid_slope, g, b), {g, b},
                [g = save(g), b = save(b)](const Tensor& gg, Needs needs) -> Grads {
                  const Tensor t = b.get();
                  return {needs[0] ? gate_slope(gg, t) : Tensor(),
                          needs[1] ? gate_slope(gg * g.get(), t) * (1 - sigmoid(t) * 2) : Tensor()};
                });
}

// a sigmoid(b)
Tensor gated(const Tensor& a, const Tensor& b) {
  return record("glu", binary("glu", BinaryOp::glu, a, b), {a, b},
                [a = save(a), b = save(b)](const Tensor& g, Needs needs) -> Grads {
                  const Tensor t = b.get();
                  return {needs[0] ? gated(g, t) : Tensor(),
                          needs[1] ? gate_slope(g * a.get(), t) : Tensor()};
                });
}

}  // namespace

Tensor glu(const Tensor& x, int64_t dim) {
  const profile_scope scope("glu");
  check_floating("glu", x);
  check<ShapeError>(x.dim() > 0, "glu: expected at least one dimension, got rank 0");
  const int64_t size = x.size(dim), half = size / 2;
  check<ShapeError>(size % 2 == 0, "glu: expected an even size of dimension {}, got {}", dim, size);
  const auto forward = [&] {
    const no_grad guard;
    return binary("glu", BinaryOp::glu, x.narrow(dim, 0, half), x.narrow(dim, half, half));
  };
  const Tensor y =
      record("glu", forward(), {x}, [dim, half, x = save(x)](const Tensor& g, Needs) -> Grads {
        const Tensor t = x.get();
        const Tensor a = t.narrow(dim, 0, half), b = t.narrow(dim, half, half);
        return cat({gated(g, b), gate_slope(g * a, b)}, dim);
      });
  return traced("glu", y, {x}, [dim] { return Attributes{{"dim", dim}}; });
}

namespace {

// g where x is positive, weight * g elsewhere.
Tensor prelu_grad(const Tensor& g, const Tensor& x, const Tensor& weight) {
  return record("prelu_grad", ternary("prelu", TernaryOp::prelu_grad, g, x, weight), {g, weight},
                [g = save(g), x = save(x.detach()), w = save(weight)](const Tensor& gg,
                                                                      Needs needs) -> Grads {
                  const Tensor t = x.get();
                  return {needs[0] ? prelu_grad(gg, t, w.get()) : Tensor(),
                          needs[1] ? where(gt(t, 0), 0, gg * g.get()) : Tensor()};
                });
}

}  // namespace

Tensor prelu(const Tensor& x, const Tensor& weight) {
  const profile_scope scope("prelu");
  check_floating("prelu", x);
  check_defined("prelu", x, weight, "weight");
  check<DTypeError>(x.dtype() == weight.dtype(), "prelu: expected a weight of {}, got {}",
                    x.dtype(), weight.dtype());
  check<ShapeError>(weight.dim() <= 1, "prelu: expected a weight of rank 0 or 1, got shape {}",
                    weight.shape());
  const int64_t channels = x.dim() > 1 ? x.size(1) : 1;
  check<ShapeError>(weight.dim() == 0 || weight.numel() == 1 || weight.numel() == channels,
                    "prelu: expected one weight or {}, one for each channel, got {}", channels,
                    weight.numel());
  Shape shape = Shape::filled(x.dim(), 1);
  if (x.dim() > 1 && weight.numel() != 1) shape[1] = channels;
  const Tensor w = weight.reshape(shape);
  return record("prelu", binary("prelu", BinaryOp::prelu, x, w), {x, w},
                [x = save(x), w = save(w)](const Tensor& g, Needs needs) -> Grads {
                  const Tensor t = x.get();
                  return {needs[0] ? prelu_grad(g, t, w.get()) : Tensor(),
                          needs[1] ? g * clamp_max(t, 0) : Tensor()};
                });
}

Tensor rrelu(const Tensor& x, double lower, double upper, bool training) {
  check_floating("rrelu", x);
  check(lower <= upper, "rrelu: expected lower <= upper, got {} and {}", lower, upper);
  if (!training) return leaky_relu(x, (lower + upper) / 2);
  const profile_scope scope("rrelu");
  const Tensor drawn = empty(x.shape(), float32);  // the same for every dtype and memory order
  fill_uniform("rrelu", drawn, lower, upper, default_generator());
  const Tensor slopes = drawn.to(x.dtype());
  return record("rrelu", binary("rrelu", BinaryOp::prelu, x, slopes), {x},
                [x = save(x), slopes = save(slopes)](const Tensor& g, Needs) -> Grads {
                  return prelu_grad(g, x.get(), slopes.get());
                });
}

// --- Softmax ------------------------------------------------------------------------------------

Tensor softmin(const Tensor& x, int64_t dim, std::optional<DType> dtype) {
  check_defined("softmin", x);
  return softmax(-x, dim, dtype);
}

Tensor gumbel_softmax(const Tensor& logits, double tau, bool hard, int64_t dim) {
  check_floating("gumbel_softmax", logits);
  const auto noise = [&] {
    const no_grad guard;
    Tensor waits = empty(logits.shape(), float32);
    return (-log(waits.exponential_())).to(logits.dtype());
  };
  const Tensor soft = softmax((logits + noise()) / tau, dim);
  if (!hard) return soft;
  const auto one_hot = [&] {
    const no_grad guard;
    const Tensor index = argmax(soft, dim, true);
    return zeros_like(soft).scatter(dim, index, 1);
  };
  return one_hot() - soft.detach() + soft;
}

}  // namespace rw
