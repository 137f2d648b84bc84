#pragma once

#include <utility>

#include <rewind/optim/elementwise.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// What RAdam takes by name. Each step checks the numbers.
struct RAdamOptions {
  double lr = 1e-3;                                ///< step size, at least 0
  std::pair<double, double> betas = {0.9, 0.999};  ///< decay of the means of g and g^2, in [0, 1)
  double eps = 1e-8;                               ///< added to the root that divides
  double weight_decay = 0;                         ///< share of p that joins its gradient
  bool decoupled_weight_decay = false;             ///< p shrinks by lr * weight_decay * p by itself
  bool maximize = false;                           ///< go up the gradient

  /// Calls f(name, value) for each.
  template <class F>
  void each(F&& f) {
    f("lr", lr), f("betas", betas), f("eps", eps), f("weight_decay", weight_decay),
        f("decoupled_weight_decay", decoupled_weight_decay), f("maximize", maximize);
  }
};

/// Adam that divides by sqrt(v) only once its variance can be told, and as far as it can (Liu et
/// al., "On the variance of the adaptive learning rate and beyond", 2020).
class RAdam : public ElementwiseOptimizer<RAdamOptions> {
 public:
  using ElementwiseOptimizer::ElementwiseOptimizer;  ///< of parameters, or of groups
};
extern template class ElementwiseOptimizer<RAdamOptions>;

}  // namespace rw::optim

#pragma GCC visibility pop
