#pragma once

#include <concepts>
#include <utility>

#include <rewind/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// What LAMB takes by name. Each step checks the numbers.
struct LAMBOptions {
  double lr = 1e-3;                                ///< step size, at least 0
  std::pair<double, double> betas = {0.9, 0.999};  ///< decay of the means of g and g^2, in [0, 1)
  double eps = 1e-6;                               ///< added to the root that divides
  double weight_decay = 1e-2;                      ///< share of p that joins its direction
  bool maximize = false;                           ///< go up the gradient

  /// Calls f(name, value) for each.
  template <class F>
  void each(F&& f) {
    f("lr", lr), f("betas", betas), f("eps", eps), f("weight_decay", weight_decay),
        f("maximize", maximize);
  }
};

/// LAMB (You et al., "Large batch optimization for deep learning: training BERT in 76 minutes",
/// 2020): with Adam's direction r = m / (sqrt(v) + eps) + weight_decay * p, each parameter moves by
/// lr times its own norm: p -= lr * |p| / |r| * r (lr * r where a norm is 0). Two parallel passes
/// over all parameters.
class LAMB : public GroupedOptimizer<LAMBOptions> {
 public:
  ///@{
  /// Of floating leaves, each once, as Module::parameters() gives them. Throws for others, and for
  /// options that are out of range.
  explicit LAMB(std::vector<Tensor> params, const LAMBOptions& options = {});
  LAMB(std::vector<Tensor> params, std::floating_point auto lr)
      : LAMB(std::move(params), LAMBOptions{.lr = static_cast<double>(lr)}) {}
  explicit LAMB(std::vector<Group> groups);
  ///@}

 private:
  void update() override;
};

}  // namespace rw::optim

#pragma GCC visibility pop
