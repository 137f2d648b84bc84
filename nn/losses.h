#pragma once

#include <rewind/nn/module.h>
#include <rewind/ops/loss.h>

// Losses as modules, called with a prediction and a target: `loss(model(x), y)`.

#pragma GCC visibility push(default)

namespace rw::nn {

/// rw::cross_entropy of logits and targets.
class CrossEntropyLoss : public ModuleOf<CrossEntropyLoss> {
 public:
  /// With options as rw::cross_entropy takes them.
  explicit CrossEntropyLoss(CrossEntropyOptions options = {}) : options_(std::move(options)) {}
  /// The loss.
  Tensor forward(const Tensor& logits, const Tensor& target) const {
    return cross_entropy(logits, target, options_);
  }

 private:
  CrossEntropyOptions options_;
};

/// rw::nll_loss of log-probabilities and targets.
class NLLLoss : public ModuleOf<NLLLoss> {
 public:
  /// With options as rw::nll_loss takes them.
  explicit NLLLoss(NllLossOptions options = {}) : options_(std::move(options)) {}
  /// The loss.
  Tensor forward(const Tensor& log_probs, const Tensor& target) const {
    return nll_loss(log_probs, target, options_);
  }

 private:
  NllLossOptions options_;
};

/// rw::mse_loss of a prediction and its target.
class MSELoss : public ModuleOf<MSELoss> {
 public:
  /// With the mean of all elements, unless given.
  explicit MSELoss(Reduction reduction = Reduction::mean) : reduction_(reduction) {}
  /// The loss.
  Tensor forward(const Tensor& x, const Tensor& target) const {
    return mse_loss(x, target, reduction_);
  }

 private:
  Reduction reduction_;
};

}  // namespace rw::nn

#pragma GCC visibility pop
