#pragma once

#include <utility>

#include <rewind/optim/elementwise.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// What Lion takes by name. Each step checks the numbers.
struct LionOptions {
  double lr = 1e-4;  ///< step size, at least 0
  std::pair<double, double> betas = {0.9,
                                     0.99};  ///< shares of m in the direction and in m, in [0, 1)
  double weight_decay = 0;                   ///< p shrinks by lr times this share of itself
  bool maximize = false;                     ///< go up the gradient

  /// Calls f(name, value) for each.
  template <class F>
  void each(F&& f) {
    f("lr", lr), f("betas", betas), f("weight_decay", weight_decay), f("maximize", maximize);
  }
};

/// Lion (Chen et al., "Symbolic discovery of optimization algorithms", 2023): p -= lr * (sign(beta1
/// * m + (1 - beta1) * g) + weight_decay * p), then m = beta2 * m + (1 - beta2) * g.
class Lion : public ElementwiseOptimizer<LionOptions> {
 public:
  using ElementwiseOptimizer::ElementwiseOptimizer;  ///< of parameters, or of groups
};
extern template class ElementwiseOptimizer<LionOptions>;

}  // namespace rw::optim

#pragma GCC visibility pop
