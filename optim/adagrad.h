#pragma once

#include <utility>

#include <rewind/optim/elementwise.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// What Adagrad takes by name. Each step checks the numbers.
struct AdagradOptions {
  double lr = 1e-2;                      ///< step size, at least 0
  double lr_decay = 0;                   ///< how fast lr falls, at least 0
  double weight_decay = 0;               ///< share of p that joins its gradient
  double initial_accumulator_value = 0;  ///< of s, at least 0
  double eps = 1e-10;                    ///< added to the root that divides
  bool maximize = false;                 ///< go up the gradient

  /// Calls f(name, value) for each.
  template <class F>
  void each(F&& f) {
    f("lr", lr), f("lr_decay", lr_decay), f("weight_decay", weight_decay),
        f("initial_accumulator_value", initial_accumulator_value), f("eps", eps),
        f("maximize", maximize);
  }
};

/// Adagrad (Duchi et al., "Adaptive subgradient methods", 2011): with s the sum of all g^2, p -= lr
/// / (1 + (t - 1) * lr_decay) * g / (sqrt(s) + eps). Of a gradient of rows it changes these alone,
/// and takes no weight_decay then.
class Adagrad : public ElementwiseOptimizer<AdagradOptions> {
 public:
  using ElementwiseOptimizer::ElementwiseOptimizer;  ///< of parameters, or of groups
};
extern template class ElementwiseOptimizer<AdagradOptions>;

}  // namespace rw::optim

#pragma GCC visibility pop
