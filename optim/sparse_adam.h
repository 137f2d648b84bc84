#pragma once

#include <utility>

#include <rewind/optim/elementwise.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// What SparseAdam takes by name. Each step checks the numbers.
struct SparseAdamOptions {
  double lr = 1e-3;                                ///< step size, greater than 0
  std::pair<double, double> betas = {0.9, 0.999};  ///< decay of the means of g and g^2, in [0, 1)
  double eps = 1e-8;                               ///< added to the root, greater than 0
  bool maximize = false;                           ///< go up the gradient

  /// Calls f(name, value) for each.
  template <class F>
  void each(F&& f) {
    f("lr", lr), f("betas", betas), f("eps", eps), f("maximize", maximize);
  }
};

/// Adam for gradients of rows, those of embeddings with `sparse = true`, as PyTorch defines it: the
/// means m of g and v of g^2 of a row, and the row itself, change only in steps in which it has a
/// gradient, though t counts all: p -= lr * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) +
/// eps). A step throws for a dense gradient, and for a parameter that is not row-major.
class SparseAdam : public ElementwiseOptimizer<SparseAdamOptions> {
 public:
  using ElementwiseOptimizer::ElementwiseOptimizer;  ///< of parameters, or of groups
};
extern template class ElementwiseOptimizer<SparseAdamOptions>;

}  // namespace rw::optim

#pragma GCC visibility pop
