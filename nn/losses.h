#pragma once

#include <rewind/nn/module.h>
#include <rewind/ops/loss.h>

// Losses as modules, called with a prediction and a target: `loss(model(x), y)`.

#pragma GCC visibility push(default)

namespace rw::nn {

class CrossEntropyLoss : public ModuleOf<CrossEntropyLoss> {
 public:
  explicit CrossEntropyLoss(CrossEntropyOptions options = {}) : options_(std::move(options)) {}
  Tensor forward(const Tensor& logits, const Tensor& target) const {
    return cross_entropy(logits, target, options_);
  }

 private:
  CrossEntropyOptions options_;
};

class NLLLoss : public ModuleOf<NLLLoss> {
 public:
  explicit NLLLoss(NllLossOptions options = {}) : options_(std::move(options)) {}
  Tensor forward(const Tensor& log_probs, const Tensor& target) const {
    return nll_loss(log_probs, target, options_);
  }

 private:
  NllLossOptions options_;
};

class MSELoss : public ModuleOf<MSELoss> {
 public:
  explicit MSELoss(Reduction reduction = Reduction::mean) : reduction_(reduction) {}
  Tensor forward(const Tensor& x, const Tensor& target) const {
    return mse_loss(x, target, reduction_);
  }

 private:
  Reduction reduction_;
};

}  // namespace rw::nn

#pragma GCC visibility pop
