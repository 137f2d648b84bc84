#pragma once

#include <utility>

#include <rewind/optim/elementwise.h>

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

  /// Calls f(name, value) for each.
  template <class F>
  void each(F&& f) {
    f("lr", lr), f("momentum", momentum), f("dampening", dampening),
        f("weight_decay", weight_decay), f("nesterov", nesterov), f("maximize", maximize);
  }
};

/// Stochastic gradient descent as PyTorch defines it: with d = g + weight_decay * p and the
/// momentum buffer b = momentum * b + (1 - dampening) * d (b = d at first), p -= lr * b, or with
/// Nesterov's form (Sutskever et al., "On the importance of initialization and momentum in deep
/// learning", 2013) p -= lr * (d + momentum * b). Of a gradient of rows it changes these alone;
/// with momentum all that ever had one, at the cost of the whole parameter. It takes no
/// weight_decay then.
class SGD : public ElementwiseOptimizer<SGDOptions> {
 public:
  using ElementwiseOptimizer::ElementwiseOptimizer;  ///< of parameters, or of groups
};
extern template class ElementwiseOptimizer<SGDOptions>;

}  // namespace rw::optim

#pragma GCC visibility pop
