#include <cmath>
#include <numbers>

#include <rewind/autograd/autocast.h>
#include <rewind/autograd/record.h>
#include <rewind/ops/pair_loss.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/factories.h>

// Losses that are likelihoods, or distances of distributions.

namespace rw {

namespace {

using detail::check_broadcast;
using detail::losses_of;
using detail::PairLoss;
using detail::reduced;
using kernels::LossOp;
using kernels::Parameters;

}  // namespace

Tensor kl_div(const Tensor& x, const Tensor& target, const KlDivOptions& options) {
  if (detail::must_raise(x)) return kl_div(x.to(float32), target, options);
  detail::check_defined("kl_div", x, target, "target");
  detail::check_floating("kl_div", x);
  detail::check_floating("kl_div", target, "target");
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
  const Tensor y = losses_of(options.log_target ? of_logarithms : of_probabilities, x, target,
                             by_batch ? Reduction::sum : options.reduction);
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
  if (x.defined() && !x.is_floating_point())
    return poisson_nll_loss(detail::as_floating("poisson_nll_loss", x), target, options);
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
  if (!options.full) return losses_of(loss, x, target, options.reduction);
  const Tensor losses = losses_of(loss, x, target, Reduction::none);
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
  detail::check_floating(name, var, "variance");
  return gaussian_nll(x, target, fitted_variance(var, x.shape()), options);
}

Tensor gaussian_nll_loss(const Tensor& x, const Tensor& target, double var,
                         const GaussianNllLossOptions& options) {
  if (detail::must_raise(x)) return gaussian_nll_loss(x.to(float32), target, var, options);
  check_broadcast("gaussian_nll_loss", x, target, options.reduction);
  return gaussian_nll(x, target, full({}, var, x.dtype()), options);
}

}  // namespace rw
