#include <limits>

#include <rewind/autograd/autocast.h>
#include <rewind/ops/pair_loss.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/ranking_loss.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/factories.h>

namespace rw {

namespace {

using detail::check_broadcast;
using detail::check_pair;
using detail::losses_of;
using detail::PairLoss;
using detail::reduced;
using kernels::LossOp;
using kernels::Parameters;

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
  if (!options.weight.defined()) return losses_of(loss, x, t, options.reduction);
  check_same_shape(loss.name, options.weight, x);
  const Tensor losses = losses_of(loss, x, t, Reduction::none) * options.weight;
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
  if (options.beta == 0) return losses_of(absolute_error, x, target, options.reduction);
  const auto slope = [](const Tensor& x, const Tensor& t, Parameters p) {
    const Tensor z = x - t;
    return where(ge(abs(z), p.a), sign(z), z / p.a);
  };
  return losses_of({"smooth_l1_loss", LossOp::smooth_l1, slope, nullptr, {options.beta}}, x, target,
                   options.reduction);
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
  if (!options.weight.defined()) return losses_of(loss, x, target, options.reduction);
  check_same_shape("huber_loss", options.weight, x);
  const Tensor losses = losses_of(loss, x, target, Reduction::none);
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
  return losses_of({"binary_cross_entropy", LossOp::bce, slope, target_slope, {-100, 1e-12f}}, x,
                   target, reduction);
}

// y = -t log s - (1 - t) log(1 - s) = max(x, 0) - t x + log(1 + exp(-|x|)) with s = sigmoid(x).
// dx = (1 - t) s - t (1 - s), where 1 - s = sigmoid(-x), dt = -x
Tensor bce_with_logits(const Tensor& x, const Tensor& target, Reduction reduction) {
  const auto slope = [](const Tensor& x, const Tensor& t, Parameters) {
    return (1 - t) * sigmoid(x) - t * sigmoid(-x);
  };
  const auto target_slope = [](const Tensor& x, const Tensor&, Parameters) { return -x; };
  return losses_of(
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
  return losses_of({"soft_margin_loss", LossOp::soft_margin, slope, target_slope}, x, target,
                   reduction);
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
  return losses_of({"hinge_embedding_loss", LossOp::hinge_embedding, slope, none, {options.margin}},
                   x, target, options.reduction);
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
