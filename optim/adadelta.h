#pragma once

#include <utility>

#include <rewind/optim/elementwise.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// What Adadelta takes by name. Each step checks the numbers.
struct AdadeltaOptions {
  double lr = 1.0;          ///< step size, at least 0
  double rho = 0.9;         ///< decay of the means, in [0, 1]
  double eps = 1e-6;        ///< added to both means
  double weight_decay = 0;  ///< share of p that joins its gradient
  bool maximize = false;    ///< go up the gradient

  /// Calls f(name, value) for each.
  template <class F>
  void each(F&& f) {
    f("lr", lr), f("rho", rho), f("eps", eps), f("weight_decay", weight_decay),
        f("maximize", maximize);
  }
};

/// Adadelta (Zeiler, "ADADELTA: an adaptive learning rate method", 2012): with running means v of
/// g^2 and a of d^2, d = g * sqrt(a + eps) / sqrt(v + eps), p -= lr * d.
class Adadelta : public ElementwiseOptimizer<AdadeltaOptions> {
 public:
  using ElementwiseOptimizer::ElementwiseOptimizer;  ///< of parameters, or of groups
};
extern template class ElementwiseOptimizer<AdadeltaOptions>;

}  // namespace rw::optim

#pragma GCC visibility pop
