#pragma once

#include <rewind/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace rw::optim {

struct SGDOptions {
  double lr = 1e-3;
  double momentum = 0;
  double dampening = 0;
  double weight_decay = 0;
  bool nesterov = false;
  bool maximize = false;
};

/// Stochastic gradient descent as PyTorch defines it: with d = g + weight_decay * p and the
/// momentum buffer b = momentum * b + (1 - dampening) * d (b = d at first), p -= lr * b, or with
/// Nesterov's form (Sutskever et al., "On the importance of initialization and momentum in deep
/// learning", 2013) p -= lr * (d + momentum * b). All parameters are updated in one parallel pass.
class SGD : public Optimizer {
 public:
  using Group = ParamGroup<SGDOptions>;

  explicit SGD(std::vector<Tensor> params, const SGDOptions& options = {});
  explicit SGD(std::vector<Group> groups);
  void step() override;

  /// To change options as training goes: `sgd.groups()[0].options.lr *= 0.1`.
  std::vector<Group>& groups() { return groups_; }

 private:
  std::vector<Group> groups_;
  std::vector<std::vector<Tensor>> momenta_;  // undefined until the first step
};

}  // namespace rw::optim

#pragma GCC visibility pop
