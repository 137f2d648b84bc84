#pragma once

#include <rewind/nn/module.h>
#include <rewind/ops/loss.h>

// Losses as modules, called with a prediction and a target: `loss(model(x), y)`. Weights by class
// or element are buffers, as in PyTorch.

#pragma GCC visibility push(default)

namespace rw::nn {

/// rw::cross_entropy of logits and targets.
class CrossEntropyLoss : public ModuleOf<CrossEntropyLoss> {
 public:
  /// With options as rw::cross_entropy takes them.
  explicit CrossEntropyLoss(CrossEntropyOptions options = {})
      : weight(buffer("weight", options.weight)), options_(std::move(options)) {}
  /// The loss.
  Tensor forward(const Tensor& logits, const Tensor& target) const {
    CrossEntropyOptions options = options_;
    options.weight = weight;
    return cross_entropy(logits, target, options);
  }

  /// As given; undefined where it was not.
  Buffer weight;

 private:
  CrossEntropyOptions options_;
};

/// rw::nll_loss of log-probabilities and targets.
class NLLLoss : public ModuleOf<NLLLoss> {
 public:
  /// With options as rw::nll_loss takes them.
  explicit NLLLoss(NllLossOptions options = {})
      : weight(buffer("weight", options.weight)), options_(std::move(options)) {}
  /// The loss.
  Tensor forward(const Tensor& log_probs, const Tensor& target) const {
    NllLossOptions options = options_;
    options.weight = weight;
    return nll_loss(log_probs, target, options);
  }

  /// As given; undefined where it was not.
  Buffer weight;

 private:
  NllLossOptions options_;
};

/// rw::mse_loss of a prediction and its target.
class MSELoss : public ModuleOf<MSELoss> {
 public:
  /// With the mean of all losses, unless given.
  explicit MSELoss(Reduction reduction = Reduction::mean) : reduction_(reduction) {}
  /// The loss.
  Tensor forward(const Tensor& x, const Tensor& target) const {
    return mse_loss(x, target, reduction_);
  }

 private:
  Reduction reduction_;
};

/// rw::l1_loss of a prediction and its target.
class L1Loss : public ModuleOf<L1Loss> {
 public:
  /// With the mean of all losses, unless given.
  explicit L1Loss(Reduction reduction = Reduction::mean) : reduction_(reduction) {}
  /// The loss.
  Tensor forward(const Tensor& x, const Tensor& target) const {
    return l1_loss(x, target, reduction_);
  }

 private:
  Reduction reduction_;
};

/// rw::smooth_l1_loss of a prediction and its target.
class SmoothL1Loss : public ModuleOf<SmoothL1Loss> {
 public:
  /// With options as rw::smooth_l1_loss takes them.
  explicit SmoothL1Loss(SmoothL1LossOptions options = {}) : options_(std::move(options)) {}
  /// The loss.
  Tensor forward(const Tensor& x, const Tensor& target) const {
    return smooth_l1_loss(x, target, options_);
  }

 private:
  SmoothL1LossOptions options_;
};

/// rw::huber_loss of a prediction and its target.
class HuberLoss : public ModuleOf<HuberLoss> {
 public:
  /// With options as rw::huber_loss takes them.
  explicit HuberLoss(HuberLossOptions options = {}) : options_(std::move(options)) {}
  /// The loss.
  Tensor forward(const Tensor& x, const Tensor& target) const {
    return huber_loss(x, target, options_);
  }

 private:
  HuberLossOptions options_;
};

/// rw::binary_cross_entropy of probabilities and targets.
class BCELoss : public ModuleOf<BCELoss> {
 public:
  /// With options as rw::binary_cross_entropy takes them.
  explicit BCELoss(BinaryCrossEntropyOptions options = {})
      : weight(buffer("weight", options.weight)), options_(std::move(options)) {}
  /// The loss.
  Tensor forward(const Tensor& x, const Tensor& target) const {
    BinaryCrossEntropyOptions options = options_;
    options.weight = weight;
    return binary_cross_entropy(x, target, options);
  }

  /// As given; undefined where it was not.
  Buffer weight;

 private:
  BinaryCrossEntropyOptions options_;
};

/// rw::binary_cross_entropy_with_logits of logits and targets.
class BCEWithLogitsLoss : public ModuleOf<BCEWithLogitsLoss> {
 public:
  /// With options as rw::binary_cross_entropy_with_logits takes them.
  explicit BCEWithLogitsLoss(BinaryCrossEntropyWithLogitsOptions options = {})
      : weight(buffer("weight", options.weight)),
        pos_weight(buffer("pos_weight", options.pos_weight)),
        options_(std::move(options)) {}
  /// The loss.
  Tensor forward(const Tensor& x, const Tensor& target) const {
    BinaryCrossEntropyWithLogitsOptions options = options_;
    options.weight = weight;
    options.pos_weight = pos_weight;
    return binary_cross_entropy_with_logits(x, target, options);
  }

  ///@{
  /// As given; undefined where they were not.
  Buffer weight, pos_weight;
  ///@}

 private:
  BinaryCrossEntropyWithLogitsOptions options_;
};

/// rw::kl_div of log-probabilities and targets.
class KLDivLoss : public ModuleOf<KLDivLoss> {
 public:
  /// With options as rw::kl_div takes them.
  explicit KLDivLoss(KlDivOptions options = {}) : options_(std::move(options)) {}
  /// The loss.
  Tensor forward(const Tensor& x, const Tensor& target) const {
    return kl_div(x, target, options_);
  }

 private:
  KlDivOptions options_;
};

/// rw::poisson_nll_loss of rates and counts.
class PoissonNLLLoss : public ModuleOf<PoissonNLLLoss> {
 public:
  /// With options as rw::poisson_nll_loss takes them.
  explicit PoissonNLLLoss(PoissonNllLossOptions options = {}) : options_(std::move(options)) {}
  /// The loss.
  Tensor forward(const Tensor& x, const Tensor& target) const {
    return poisson_nll_loss(x, target, options_);
  }

 private:
  PoissonNllLossOptions options_;
};

/// rw::gaussian_nll_loss of means, targets and variances.
class GaussianNLLLoss : public ModuleOf<GaussianNLLLoss> {
 public:
  /// With options as rw::gaussian_nll_loss takes them.
  explicit GaussianNLLLoss(GaussianNllLossOptions options = {}) : options_(std::move(options)) {}
  /// The loss.
  Tensor forward(const Tensor& x, const Tensor& target, const Tensor& var) const {
    return gaussian_nll_loss(x, target, var, options_);
  }

 private:
  GaussianNllLossOptions options_;
};

}  // namespace rw::nn

#pragma GCC visibility pop
