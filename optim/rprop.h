#pragma once

#include <utility>

#include <rewind/optim/elementwise.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// What Rprop takes by name. Each step checks the numbers.
struct RpropOptions {
  double lr = 1e-2;                                     ///< first step size, at least 0
  std::pair<double, double> etas = {0.5, 1.2};          ///< factors to shrink and grow by, around 1
  std::pair<double, double> step_sizes = {1e-6, 50.0};  ///< bounds of the step size
  bool maximize = false;                                ///< go up the gradient

  /// Calls f(name, value) for each.
  template <class F>
  void each(F&& f) {
    f("lr", lr), f("etas", etas), f("step_sizes", step_sizes), f("maximize", maximize);
  }
};

/// Resilient backpropagation (Riedmiller and Braun, 1993): each element has a step size, which
/// grows while the sign of its gradient stays, and shrinks where it changes; p goes against that
/// sign by it, and pauses for a step after a change.
class Rprop : public ElementwiseOptimizer<RpropOptions> {
 public:
  using ElementwiseOptimizer::ElementwiseOptimizer;  ///< of parameters, or of groups
};
extern template class ElementwiseOptimizer<RpropOptions>;

}  // namespace rw::optim

#pragma GCC visibility pop
