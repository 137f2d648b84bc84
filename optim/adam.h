#pragma once

#include <utility>

#include <rewind/optim/elementwise.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// What Adam takes by name. Each step checks the numbers.
struct AdamOptions {
  double lr = 1e-3;                                ///< step size, at least 0
  std::pair<double, double> betas = {0.9, 0.999};  ///< decay of the means of g and g^2, in [0, 1)
  double eps = 1e-8;                               ///< added to the root that divides
  double weight_decay = 0;                         ///< share of p that joins its gradient
  bool amsgrad = false;                            ///< divide by the greatest v so far
  bool maximize = false;                           ///< go up the gradient
  bool decoupled_weight_decay = false;             ///< p shrinks by lr * weight_decay * p by itself

  /// Calls f(name, value) for each.
  template <class F>
  void each(F&& f) {
    f("lr", lr), f("betas", betas), f("eps", eps), f("weight_decay", weight_decay),
        f("amsgrad", amsgrad), f("maximize", maximize),
        f("decoupled_weight_decay", decoupled_weight_decay);
  }
};

/// Adam (Kingma and Ba, 2015) as PyTorch defines it: with g the gradient + weight_decay * p,
/// running means m of g and v of g^2 that decay by `betas`, and both divided by 1 - beta^t against
/// their start at zero, p -= lr * m / (sqrt(v) + eps). With `amsgrad`, v is the greatest so far
/// (Reddi et al., "On the convergence of Adam and beyond", 2018).
class Adam : public ElementwiseOptimizer<AdamOptions> {
 public:
  using ElementwiseOptimizer::ElementwiseOptimizer;  ///< of parameters, or of groups
};
extern template class ElementwiseOptimizer<AdamOptions>;

/// What AdamW takes by name. Each step checks the numbers.
struct AdamWOptions {
  double lr = 1e-3;                                ///< step size, at least 0
  std::pair<double, double> betas = {0.9, 0.999};  ///< decay of the means of g and g^2, in [0, 1)
  double eps = 1e-8;                               ///< added to the root that divides
  double weight_decay = 1e-2;                      ///< p shrinks by lr times this share of itself
  bool amsgrad = false;                            ///< divide by the greatest v so far
  bool maximize = false;                           ///< go up the gradient
  bool decoupled_weight_decay = true;              ///< what tells its state from that of Adam

  /// Calls f(name, value) for each.
  template <class F>
  void each(F&& f) {
    f("lr", lr), f("betas", betas), f("eps", eps), f("weight_decay", weight_decay),
        f("amsgrad", amsgrad), f("maximize", maximize),
        f("decoupled_weight_decay", decoupled_weight_decay);
  }
};

/// Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled weight decay
/// regularization", 2019).
class AdamW : public ElementwiseOptimizer<AdamWOptions> {
 public:
  using ElementwiseOptimizer::ElementwiseOptimizer;  ///< of parameters, or of groups
};
extern template class ElementwiseOptimizer<AdamWOptions>;

}  // namespace rw::optim

#pragma GCC visibility pop
