#include <cmath>
#include <limits>
#include <numbers>

#include <rewind/autograd/autocast.h>
#include <rewind/autograd/record.h>
#include <rewind/kernels/loss/loss_kernel.h>
#include <rewind/kernels/reduce/reduce.h>
#include <rewind/ops/loss_reduction.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/ranking_loss.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/factories.h>

namespace rw {

namespace detail {

void check_reduction(const char* op, Reduction reduction) {
  check(reduction != Reduction::batchmean, "{}: the reduction batchmean is one of kl_div alone",
        op);
}

Tensor reduced(const Tensor& losses, Reduction reduction) {
  if (reduction == Reduction::none) return losses;
  return reduction == Reduction::sum ? sum(losses) : mean(losses);
}

}  // namespace detail

namespace {

using detail::check_reduction;
using detail::reduced;
using kernels::LossOp;
using kernels::Parameters;

// --- One pass each way --------------------------------------------------------------------------

// The derivative of a loss, written with ops for derivatives of it.
using Slope = Tensor (*)(const Tensor& x, const Tensor& t, Parameters p);

// A loss that the kernels know.
struct PairLoss {
  const char* name;
  LossOp op;
  Slope slope;         // by x
  Slope target_slope;  // by the target; null where it is -slope
  Parameters p = {};
};

// factor g slope(x, t) by ops.
Tensor gradient_by_ops(const PairLoss& loss, Slope slope, double factor, const Tensor& g,
                       const Tensor& x, const Tensor& t) {
  const Tensor y = slope(x, t, loss.p) * (g * factor);
  return y.expand(broadcast_shapes(x.shape(), t.shape(), loss.name));
}

// The gradient by x, in one pass where it need not be on the tape.
Tensor loss_gradient(const PairLoss& loss, double factor, const Tensor& g, const Tensor& x,
                     const Tensor& t) {
  if (detail::is_recorded(g, x, t)) return gradient_by_ops(loss, loss.slope, factor, g, x, t);
  Tensor dx = detail::empty_for(loss.name, x, t, x.dtype());
  kernels::loss_backward(loss.op, loss.p, factor, x.dtype(), dx.shape(),
                         detail::operand(g, dx.shape()), detail::operand(x, dx.shape()),
                         detail::operand(t, dx.shape()), {dx.raw_data(), dx.strides()});
  return dx;
}

Tensor total(const Tensor& losses, double divisor) {
  const Tensor y = detail::make_tensor({}, losses.dtype());
  kernels::reduce(kernels::Fold::sum,
                  {losses.raw_data(), losses.dtype(), losses.shape(), losses.strides(), ~0u},
                  {y.raw_data(), y.dtype(), losses.strides(), divisor});
  return y;
}

// x and t have one dtype.
Tensor losses_of(const PairLoss& loss, const Tensor& x, const Tensor& t, Reduction reduction) {
  const profile_scope scope(loss.name);
  Tensor y = detail::empty_for(loss.name, x, t, x.dtype());
  kernels::loss(loss.op, loss.p, x.dtype(), y.shape(), detail::operand(x, y.shape()),
                detail::operand(t, y.shape()), {y.raw_data(), y.strides()});
  const double divisor = reduction == Reduction::mean ? static_cast<double>(y.numel()) : 1;
  if (reduction != Reduction::none) y = total(y, divisor);
  return record(loss.name, y, {x, t},
                [loss, divisor, x = save(x), t = save(t)](const Tensor& g, Needs needs) -> Grads {
                  const Tensor at = x.get(), target = t.get();
                  Tensor dx, dt;
                  if (needs[0] || !loss.target_slope)
                    dx = loss_gradient(loss, 1 / divisor, g, at, target);
                  if (needs[1] && loss.target_slope)
                    dt = gradient_by_ops(loss, loss.target_slope, 1 / divisor, g, at, target);
                  else if (needs[1])
                    dt = -dx;
                  return {std::move(dx), std::move(dt)};
                });
}

// The same of what meets in one dtype.
Tensor promoted_losses_of(const PairLoss& loss, const Tensor& x, const Tensor& t,
                          Reduction reduction) {
  const DType dtype = detail::result_type(x, t);
  return losses_of(loss, x.to(dtype), t.to(dtype), reduction);
}

// --- Checks -------------------------------------------------------------------------------------

void check_floating(const char* op, const Tensor& x, const Tensor& target) {
  check<DTypeError>(x.is_floating_point() && target.is_floating_point(),
                    "{}: expected a floating input and target, got {} and {}", op, x.dtype(),
                    target.dtype());
}

void check_pair(const char* op, const Tensor& x, const Tensor& target, Reduction reduction) {
  detail::check_defined(op, x, target);
  check_reduction(op, reduction);
  check<ShapeError>(x.shape() == target.shape(),
                    "{}: expected a target of the input's shape {}, got {}", op, x.shape(),
                    target.shape());
  check_floating(op, x, target);
}

// Where they broadcast, and one of them may be of integers.
void check_broadcast(const char* op, const Tensor& x, const Tensor& target, Reduction reduction) {
  detail::check_defined(op, x, target);
  check_reduction(op, reduction);
  check<DTypeError>(x.is_floating_point(), "{}: expected a floating input, got {}", op, x.dtype());
}

void check_same_shape(const char* op, const Tensor& weight, const Tensor& x) {
  check<ShapeError>(weight.shape() == x.shape(),
                    "{}: expected a weight for each element of the input of shape {}, got shape {}",
                    op, x.shape(), weight.shape());
}

// Whether `factor` broadcasts to `shape`.
void check_expands(const char* op, const char* what, const Tensor& factor, const Shape& shape) {
  check<ShapeError>(broadcast_shapes(factor.shape(), shape, op) == shape,
                    "{}: expected a {} that broadcasts to the input's shape {}, got shape {}", op,
                    what, shape, factor.shape());
}

}  // namespace

// --- Of differences -----------------------------------------------------------------------------

namespace {

// A mean is divided by the sum of the weights.
Tensor weighted_regression(const PairLoss& loss, const Tensor& x, const Tensor& t,
                           const RegressionLossOptions& options) {
  check_pair(loss.name, x, t, options.reduction);
  if (!options.weight.defined()) return promoted_losses_of(loss, x, t, options.reduction);
  check_same_shape(loss.name, options.weight, x);
  const Tensor losses = promoted_losses_of(loss, x, t, Reduction::none) * options.weight;
  if (options.reduction != Reduction::mean) return reduced(losses, options.reduction);
  return sum(losses) / sum(options.weight);
}

const PairLoss squared_error = {
    "mse_loss", LossOp::squared,
    [](const Tensor& x, const Tensor& t, Parameters) { return (x - t) * 2; }, nullptr};
const PairLoss absolute_error = {
    "l1_loss", LossOp::absolute,
    [](const Tensor& x, const Tensor& t, Parameters) { return sign(x - t); }, nullptr};

}  // namespace

Tensor mse_loss(const Tensor& x, const Tensor& target, Reduction reduction) {
  return mse_loss(x, target, RegressionLossOptions{.reduction = reduction});
}
Tensor mse_loss(const Tensor& x, const Tensor& target, const RegressionLossOptions& options) {
  if (detail::must_raise(x)) return mse_loss(x.to(float32), target, options);
  return weighted_regression(squared_error, x, target, options);
}

Tensor l1_loss(const Tensor& x, const Tensor& target, Reduction reduction) {
  return l1_loss(x, target, RegressionLossOptions{.reduction = reduction});
}
Tensor l1_loss(const Tensor& x, const Tensor& target, const RegressionLossOptions& options) {
  if (detail::must_raise(x)) return l1_loss(x.to(float32), target, options);
  return weighted_regression(absolute_error, x, target, options);
}

Tensor smooth_l1_loss(const Tensor& x, const Tensor& target, const SmoothL1LossOptions& options) {
  if (detail::must_raise(x)) return smooth_l1_loss(x.to(float32), target, options);
  check_pair("smooth_l1_loss", x, target, options.reduction);
  check(options.beta >= 0, "smooth_l1_loss: expected beta >= 0, got {}", options.beta);
  if (options.beta == 0) return promoted_losses_of(absolute_error, x, target, options.reduction);
  const auto slope = [](const Tensor& x, const Tensor& t, Parameters p) {
    const Tensor z = x - t;
    return where(ge(abs(z), p.a), sign(z), z / p.a);
  };
  return promoted_losses_of({"smooth_l1_loss", LossOp::smooth_l1, slope, nullptr, {options.beta}},
                            x, target, options.reduction);
}

Tensor huber_loss(const Tensor& x, const Tensor& target, const HuberLossOptions& options) {
  if (detail::must_raise(x)) return huber_loss(x.to(float32), target, options);
  check_pair("huber_loss", x, target, options.reduction);
  check(options.delta > 0, "huber_loss: expected delta > 0, got {}", options.delta);
  const auto slope = [](const Tensor& x, const Tensor& t, Parameters p) {
    const Tensor z = x - t;
    return where(ge(abs(z), p.a), sign(z) * p.a, z);
  };
  const PairLoss loss = {"huber_loss", LossOp::huber, slope, nullptr, {options.delta}};
  if (!options.weight.defined()) return promoted_losses_of(loss, x, target, options.reduction);
  check_same_shape("huber_loss", options.weight, x);
  const Tensor losses = promoted_losses_of(loss, x, target, Reduction::none);
  return reduced(losses * options.weight, options.reduction);
}

// --- Cross entropy of two classes ---------------------------------------------------------------

namespace {

// Logarithms are -100 at least, and x (1 - x) is the float32 next to 1e-12, as in PyTorch.
// dx = (x - t) / (x (1 - x)), dt = log(1 - x) - log(x)
Tensor bce(const Tensor& x, const Tensor& target, Reduction reduction) {
  const auto slope = [](const Tensor& x, const Tensor& t, Parameters p) {
    return (x - t) / clamp_min((1 - x) * x, p.b);
  };
  const auto target_slope = [](const Tensor& x, const Tensor&, Parameters p) {
    return clamp_min(log1p(-x), p.a) - clamp_min(log(x), p.a);
  };
  return promoted_losses_of(
      {"binary_cross_entropy", LossOp::bce, slope, target_slope, {-100, 1e-12f}}, x, target,
      reduction);
}

// y = -t log s - (1 - t) log(1 - s) = max(x, 0) - t x + log(1 + exp(-|x|)) with s = sigmoid(x).
// dx = (1 - t) s - t (1 - s), where 1 - s = sigmoid(-x), dt = -x
Tensor bce_with_logits(const Tensor& x, const Tensor& target, Reduction reduction) {
  const auto slope = [](const Tensor& x, const Tensor& t, Parameters) {
    return (1 - t) * sigmoid(x) - t * sigmoid(-x);
  };
  const auto target_slope = [](const Tensor& x, const Tensor&, Parameters) { return -x; };
  return promoted_losses_of(
      {"binary_cross_entropy_with_logits", LossOp::bce_with_logits, slope, target_slope}, x, target,
      reduction);
}

// The same with `factor` for t log s: (1 - t) x + (1 + (factor - 1) t) log(1 + exp(-x)).
Tensor bce_with_logits(const Tensor& x, const Tensor& t, const Tensor& factor) {
  constexpr double never = std::numeric_limits<double>::infinity();
  return (1 - t) * x + (1 + (factor - 1) * t) * softplus(-x, 1, never);
}

}  // namespace

Tensor binary_cross_entropy(const Tensor& x, const Tensor& target, Reduction reduction) {
  return binary_cross_entropy(x, target, BinaryCrossEntropyOptions{.reduction = reduction});
}
Tensor binary_cross_entropy(const Tensor& x, const Tensor& target,
                            const BinaryCrossEntropyOptions& options) {
  constexpr const char* name = "binary_cross_entropy";
  if (detail::must_raise(x)) return binary_cross_entropy(x.to(float32), target, options);
  check_pair(name, x, target, options.reduction);
  if (x.numel() > 0) {
    const no_grad guard;
    const double least = amin(x).item<double>(), most = amax(x).item<double>();
    check(0 <= least && most <= 1, "{}: expected probabilities in [0, 1], got {}", name,
          0 <= least ? most : least);
  }
  if (!options.weight.defined()) return bce(x, target, options.reduction);
  check_expands(name, "weight", options.weight, x.shape());
  return reduced(bce(x, target, Reduction::none) * options.weight, options.reduction);
}

Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& target,
                                        Reduction reduction) {
  return binary_cross_entropy_with_logits(
      x, target, BinaryCrossEntropyWithLogitsOptions{.reduction = reduction});
}
Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& target,
                                        const BinaryCrossEntropyWithLogitsOptions& options) {
  constexpr const char* name = "binary_cross_entropy_with_logits";
  if (detail::must_raise(x))
    return binary_cross_entropy_with_logits(x.to(float32), target, options);
  const auto& [weight, pos_weight, reduction] = options;
  check_pair(name, x, target, reduction);
  if (weight.defined()) check_expands(name, "weight", weight, x.shape());
  if (pos_weight.defined()) check_expands(name, "pos_weight", pos_weight, x.shape());
  if (!weight.defined() && !pos_weight.defined()) return bce_with_logits(x, target, reduction);
  Tensor losses = pos_weight.defined() ? bce_with_logits(x, target, pos_weight)
                                       : bce_with_logits(x, target, Reduction::none);
  if (weight.defined()) losses = losses * weight;
  return reduced(losses, reduction);
}

// --- Likelihoods --------------------------------------------------------------------------------

Tensor kl_div(const Tensor& x, const Tensor& target, const KlDivOptions& options) {
  if (detail::must_raise(x)) return kl_div(x.to(float32), target, options);
  detail::check_defined("kl_div", x, target);
  check_floating("kl_div", x, target);
  const PairLoss of_probabilities = {"kl_div", LossOp::kl_div,
                                     [](const Tensor&, const Tensor& t, Parameters) { return -t; },
                                     [](const Tensor& x, const Tensor& t, Parameters) {
                                       return where(eq(t, 0), 0, log(t)) + 1 - x;
                                     }};
  const PairLoss of_logarithms = {
      "kl_div", LossOp::kl_div_of_log,
      [](const Tensor&, const Tensor& t, Parameters) { return -exp(t); },
      [](const Tensor& x, const Tensor& t, Parameters) { return exp(t) * (t - x + 1); }};
  const bool by_batch = options.reduction == Reduction::batchmean;
  const Tensor y = promoted_losses_of(options.log_target ? of_logarithms : of_probabilities, x,
                                      target, by_batch ? Reduction::sum : options.reduction);
  return by_batch && x.dim() > 0 ? y / x.shape()[0] : y;
}

namespace {

// log(t!) for t > 1 by Stirling's formula, without a correction: t log(t) - t + log(2 pi t) / 2.
Tensor log_factorial(const Tensor& t) {
  const Tensor many = gt(t, 1), n = where(many, t, 1);
  const Tensor y = n * log(n) - n + log(n * (2 * std::numbers::pi)) * 0.5;
  return where(many, y, 0);
}

}  // namespace

Tensor poisson_nll_loss(const Tensor& x, const Tensor& target,
                        const PoissonNllLossOptions& options) {
  if (detail::must_raise(x)) return poisson_nll_loss(x.to(float32), target, options);
  check_broadcast("poisson_nll_loss", x, target, options.reduction);
  const PairLoss of_log = {"poisson_nll_loss", LossOp::poisson_of_log,
                           [](const Tensor& x, const Tensor& t, Parameters) { return exp(x) - t; },
                           [](const Tensor& x, const Tensor&, Parameters) { return -x; }};
  const PairLoss of_rate = {
      "poisson_nll_loss",
      LossOp::poisson,
      [](const Tensor& x, const Tensor& t, Parameters p) { return 1 - t / (x + p.a); },
      [](const Tensor& x, const Tensor&, Parameters p) { return -log(x + p.a); },
      {options.eps}};
  const PairLoss& loss = options.log_input ? of_log : of_rate;
  if (!options.full) return promoted_losses_of(loss, x, target, options.reduction);
  const Tensor losses = promoted_losses_of(loss, x, target, Reduction::none);
  return reduced(losses + log_factorial(target.to(losses.dtype())), options.reduction);
}

namespace {

// var with the rank of x, for the shapes that gaussian_nll_loss takes.
Tensor fitted_variance(const Tensor& var, const Shape& shape) {
  if (var.shape() == shape) return var;
  if (shape.rank() > 0 && var.dim() == shape.rank() - 1) {
    Shape rest = shape;
    rest.erase(shape.rank() - 1);
    if (var.shape() == rest) return var.unsqueeze(-1);
  }
  int differ = 0;
  bool fits = var.dim() == shape.rank();
  for (int d = 0; fits && d < shape.rank(); ++d) {
    if (var.shape()[d] == shape[d]) continue;
    ++differ;
    fits = var.shape()[d] == 1;
  }
  check<ShapeError>(fits && differ == 1,
                    "gaussian_nll_loss: expected variances of the input's shape {}, without its "
                    "last dimension, or of size 1 in one dimension, got shape {}",
                    shape, var.shape());
  return var;
}

}  // namespace

namespace {

// Negative variances throw, small ones count as eps; what the gradient does not see.
Tensor limited(const Tensor& var, double eps) {
  constexpr const char* name = "gaussian_nll_loss";
  const auto forward = [&] {
    const no_grad guard;
    check(!lt(var, 0).any().item<bool>(), "{}: expected variances that are not negative", name);
    return clamp_min(var, eps);
  };
  return record(name, forward(), {var}, [](const Tensor& g, Needs) -> Grads { return g; });
}

Tensor gaussian_nll(const Tensor& x, const Tensor& target, const Tensor& var,
                    const GaussianNllLossOptions& options) {
  const Tensor v = limited(var, options.eps);
  Tensor losses = (log(v) + square(x - target) / v) * 0.5;
  if (options.full) losses = losses + std::log(2 * std::numbers::pi) / 2;
  return reduced(losses, options.reduction);
}

}  // namespace

Tensor gaussian_nll_loss(const Tensor& x, const Tensor& target, const Tensor& var,
                         const GaussianNllLossOptions& options) {
  constexpr const char* name = "gaussian_nll_loss";
  if (detail::must_raise(x)) return gaussian_nll_loss(x.to(float32), target, var, options);
  check_broadcast(name, x, target, options.reduction);
  check(var.defined(), "{}: the variance is undefined", name);
  check<DTypeError>(var.is_floating_point(), "{}: expected floating variances, got {}", name,
                    var.dtype());
  return gaussian_nll(x, target, fitted_variance(var, x.shape()), options);
}

Tensor gaussian_nll_loss(const Tensor& x, const Tensor& target, double var,
                         const GaussianNllLossOptions& options) {
  if (detail::must_raise(x)) return gaussian_nll_loss(x.to(float32), target, var, options);
  check_broadcast("gaussian_nll_loss", x, target, options.reduction);
  return gaussian_nll(x, target, full({}, var, x.dtype()), options);
}

// --- Of targets that are 1 or -1 ----------------------------------------------------------------

Tensor soft_margin_loss(const Tensor& x, const Tensor& target, Reduction reduction) {
  if (detail::must_raise(x)) return soft_margin_loss(x.to(float32), target, reduction);
  check_broadcast("soft_margin_loss", x, target, reduction);
  const auto slope = [](const Tensor& x, const Tensor& t, Parameters) {
    return -t * sigmoid(-(x * t));
  };
  const auto target_slope = [](const Tensor& x, const Tensor& t, Parameters) {
    return -x * sigmoid(-(x * t));
  };
  return promoted_losses_of({"soft_margin_loss", LossOp::soft_margin, slope, target_slope}, x,
                            target, reduction);
}

Tensor hinge_embedding_loss(const Tensor& x, const Tensor& target,
                            const HingeEmbeddingLossOptions& options) {
  if (detail::must_raise(x)) return hinge_embedding_loss(x.to(float32), target, options);
  check_broadcast("hinge_embedding_loss", x, target, options.reduction);
  const auto slope = [](const Tensor& x, const Tensor& t, Parameters p) {
    return ne(t, -1).to(x.dtype()) - logical_and(ne(t, 1), lt(x, p.a)).to(x.dtype());
  };
  const auto none = [](const Tensor& x, const Tensor& t, Parameters) {
    return zeros(broadcast_shapes(x.shape(), t.shape(), "hinge_embedding_loss"), x.dtype());
  };
  return promoted_losses_of(
      {"hinge_embedding_loss", LossOp::hinge_embedding, slope, none, {options.margin}}, x, target,
      options.reduction);
}

// --- Of several labels --------------------------------------------------------------------------

Tensor multilabel_soft_margin_loss(const Tensor& x, const Tensor& target,
                                   const MultilabelSoftMarginLossOptions& options) {
  constexpr const char* name = "multilabel_soft_margin_loss";
  const auto& [weight, reduction] = options;
  if (detail::must_raise(x)) return multilabel_soft_margin_loss(x.to(float32), target, options);
  check_broadcast(name, x, target, reduction);
  check<ShapeError>(x.dim() >= 1, "{}: expected an input of shape [..., C], got []", name);
  const int64_t classes = x.size(-1);
  if (!weight.defined() && x.shape() == target.shape() && reduction != Reduction::none) {
    const Tensor y = bce_with_logits(x, target, reduction);
    return reduction == Reduction::sum ? y / classes : y;
  }
  Tensor losses = bce_with_logits(x, target, Reduction::none);
  if (weight.defined()) losses = losses * weight;
  return reduced(sum(losses, {x.dim() - 1}) / classes, reduction);
}

}  // namespace rw
