#pragma once

#include <rewind/nn/module.h>
#include <rewind/ops/loss.h>

// Losses as modules, called with a prediction and a target: `loss(model(x), y)`.

namespace rw::nn {

class CrossEntropyLoss : public Module {
 public:
  explicit CrossEntropyLoss(CrossEntropyOptions options = {}) : options_(std::move(options)) {}
  using Module::forward;
  Tensor forward(const Tensor& logits, const Tensor& target) const {
    return cross_entropy(logits, target, options_);
  }
  Tensor operator()(const Tensor& logits, const Tensor& target) const {
    return forward(logits, target);
  }

 private:
  CrossEntropyOptions options_;
};

class NLLLoss : public Module {
 public:
  explicit NLLLoss(NllLossOptions options = {}) : options_(std::move(options)) {}
  using Module::forward;
  Tensor forward(const Tensor& log_probs, const Tensor& target) const {
    return nll_loss(log_probs, target, options_);
  }
  Tensor operator()(const Tensor& log_probs, const Tensor& target) const {
    return forward(log_probs, target);
  }

 private:
  NllLossOptions options_;
};

class MSELoss : public Module {
 public:
  explicit MSELoss(Reduction reduction = Reduction::mean) : reduction_(reduction) {}
  using Module::forward;
  Tensor forward(const Tensor& x, const Tensor& target) const {
    return mse_loss(x, target, reduction_);
  }
  Tensor operator()(const Tensor& x, const Tensor& target) const { return forward(x, target); }

 private:
  Reduction reduction_;
};

}  // namespace rw::nn
