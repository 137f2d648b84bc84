#pragma once

#include <rewind/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// What SGD takes by name. Each step checks the numbers.
struct SGDOptions {
  double lr = 1e-3;         ///< step size, at least 0
  double momentum = 0;      ///< share of the buffer that stays, at least 0
  double dampening = 0;     ///< share of the gradient that does not enter the buffer
  double weight_decay = 0;  ///< share of p that joins its gradient
  bool nesterov = false;    ///< with a momentum and no dampening only
  bool maximize = false;    ///< go up the gradient
};

/// Stochastic gradient descent as PyTorch defines it: with d = g + weight_decay * p and the
/// momentum buffer b = momentum * b + (1 - dampening) * d (b = d at first), p -= lr * b, or with
/// Nesterov's form (Sutskever et al., "On the importance of initialization and momentum in deep
/// learning", 2013) p -= lr * (d + momentum * b). All parameters are updated in one parallel pass.
class SGD : public Optimizer {
 public:
  /// Parameters with options of their own.
  using Group = ParamGroup<SGDOptions>;

  ///@{
  /// Of floating leaves, each once, as Module::parameters() gives them. Throws for others, and for
  /// options that are out of range.
  explicit SGD(std::vector<Tensor> params, const SGDOptions& options = {});
  explicit SGD(std::vector<Group> groups);
  ///@}
  void step() override;

  /// To change options as training goes: `sgd.groups()[0].options.lr *= 0.1`.
  std::vector<Group>& groups() { return groups_; }

 private:
  std::vector<Group> groups_;
  std::vector<std::vector<Tensor>> momenta_;  // undefined until the first step
};

}  // namespace rw::optim

#pragma GCC visibility pop
