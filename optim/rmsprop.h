#pragma once

#include <utility>

#include <rewind/optim/elementwise.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// What RMSprop takes by name. Each step checks the numbers.
struct RMSpropOptions {
  double lr = 1e-2;         ///< step size, at least 0
  double alpha = 0.99;      ///< decay of the means, at least 0
  double eps = 1e-8;        ///< added to the root that divides
  double weight_decay = 0;  ///< share of p that joins its gradient
  double momentum = 0;      ///< share of the buffer that stays, at least 0
  bool centered = false;    ///< divide by an estimate of the variance
  bool maximize = false;    ///< go up the gradient

  /// Calls f(name, value) for each.
  template <class F>
  void each(F&& f) {
    f("lr", lr), f("alpha", alpha), f("eps", eps), f("weight_decay", weight_decay),
        f("momentum", momentum), f("centered", centered), f("maximize", maximize);
  }
};

/// RMSprop (Hinton's lecture 6e, 2012) as PyTorch defines it: with v the running mean of g^2, less
/// the square of that of g if `centered`, p -= lr * g / (sqrt(v) + eps), or by a momentum buffer of
/// these quotients.
class RMSprop : public ElementwiseOptimizer<RMSpropOptions> {
 public:
  using ElementwiseOptimizer::ElementwiseOptimizer;  ///< of parameters, or of groups
};
extern template class ElementwiseOptimizer<RMSpropOptions>;

}  // namespace rw::optim

#pragma GCC visibility pop
