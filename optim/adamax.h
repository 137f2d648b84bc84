#pragma once

#include <utility>

#include <rewind/optim/elementwise.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// What Adamax takes by name. Each step checks the numbers.
struct AdamaxOptions {
  double lr = 2e-3;  ///< step size, at least 0
  std::pair<double, double> betas = {
      0.9, 0.999};          ///< decay of the mean of g and of the greatest |g|, in [0, 1)
  double eps = 1e-8;        ///< added to |g|
  double weight_decay = 0;  ///< share of p that joins its gradient
  bool maximize = false;    ///< go up the gradient

  /// Calls f(name, value) for each.
  template <class F>
  void each(F&& f) {
    f("lr", lr), f("betas", betas), f("eps", eps), f("weight_decay", weight_decay),
        f("maximize", maximize);
  }
};

/// Adam by the greatest rather than the mean square (Kingma and Ba, 2015): u = max(beta2 * u, |g| +
/// eps), p -= lr / (1 - beta1^t) * m / u.
class Adamax : public ElementwiseOptimizer<AdamaxOptions> {
 public:
  using ElementwiseOptimizer::ElementwiseOptimizer;  ///< of parameters, or of groups
};
extern template class ElementwiseOptimizer<AdamaxOptions>;

}  // namespace rw::optim

#pragma GCC visibility pop
