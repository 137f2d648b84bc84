#pragma once

#include <utility>

#include <rewind/optim/elementwise.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// What ASGD takes by name. Each step checks the numbers.
struct ASGDOptions {
  double lr = 1e-2;         ///< step size, at least 0
  double lambd = 1e-4;      ///< decay of p
  double alpha = 0.75;      ///< power by which eta falls
  double t0 = 1e6;          ///< the step from which on p is averaged
  double weight_decay = 0;  ///< share of p that joins its gradient
  bool maximize = false;    ///< go up the gradient

  /// Calls f(name, value) for each.
  template <class F>
  void each(F&& f) {
    f("lr", lr), f("lambd", lambd), f("alpha", alpha), f("t0", t0), f("weight_decay", weight_decay),
        f("maximize", maximize);
  }
};

/// Averaged SGD (Polyak and Juditsky, "Acceleration of stochastic approximation by averaging",
/// 1992) as PyTorch defines it: p = (1 - lambd * eta) * p - eta * g with eta = lr / (1 + lambd * lr
/// * t)^alpha. The average of p from step t0 on is "ax" in `state_dict()`.
class ASGD : public ElementwiseOptimizer<ASGDOptions> {
 public:
  using ElementwiseOptimizer::ElementwiseOptimizer;  ///< of parameters, or of groups
};
extern template class ElementwiseOptimizer<ASGDOptions>;

}  // namespace rw::optim

#pragma GCC visibility pop
