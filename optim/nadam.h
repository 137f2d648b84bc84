#pragma once

#include <utility>

#include <rewind/optim/elementwise.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// What NAdam takes by name. Each step checks the numbers.
struct NAdamOptions {
  double lr = 2e-3;                                ///< step size, at least 0
  std::pair<double, double> betas = {0.9, 0.999};  ///< decay of the means of g and g^2, in [0, 1)
  double eps = 1e-8;                               ///< added to the root that divides
  double weight_decay = 0;                         ///< share of p that joins its gradient
  double momentum_decay = 4e-3;                    ///< how fast mu grows, at least 0
  bool decoupled_weight_decay = false;             ///< p shrinks by lr * weight_decay * p by itself
  bool maximize = false;                           ///< go up the gradient

  /// Calls f(name, value) for each.
  template <class F>
  void each(F&& f) {
    f("lr", lr), f("betas", betas), f("eps", eps), f("weight_decay", weight_decay),
        f("momentum_decay", momentum_decay), f("decoupled_weight_decay", decoupled_weight_decay),
        f("maximize", maximize);
  }
};

/// Adam with Nesterov's momentum (Dozat, "Incorporating Nesterov momentum into Adam", 2016) as
/// PyTorch defines it: p moves along g and m by shares that follow mu_t = beta1 * (1 - 0.96^(t *
/// momentum_decay) / 2) and the product of these so far.
class NAdam : public ElementwiseOptimizer<NAdamOptions> {
 public:
  using ElementwiseOptimizer::ElementwiseOptimizer;  ///< of parameters, or of groups
};
extern template class ElementwiseOptimizer<NAdamOptions>;

}  // namespace rw::optim

#pragma GCC visibility pop
