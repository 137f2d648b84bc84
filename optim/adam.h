#pragma once

#include <utility>

#include <rewind/optim/optimizer.h>

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
  /// Whether p shrinks by lr * weight_decay * p by itself, as in AdamW, rather than through g.
  bool decoupled_weight_decay = false;
};

/// Adam (Kingma and Ba, 2015) as PyTorch defines it: with g the gradient + weight_decay * p,
/// running means m of g and v of g^2 that decay by `betas`, and both divided by 1 - beta^t against
/// their start at zero, p -= lr * m / (sqrt(v) + eps). With `amsgrad`, v is the greatest so far
/// (Reddi et al., "On the convergence of Adam and beyond", 2018). The means of reduced-precision
/// parameters are kept in float32. All parameters are updated in one parallel pass.
class Adam : public Optimizer {
 public:
  /// Parameters with options of their own.
  using Group = ParamGroup<AdamOptions>;

  ///@{
  /// Of floating leaves, each once, as Module::parameters() gives them. Throws for others, and for
  /// options that are out of range.
  explicit Adam(std::vector<Tensor> params, const AdamOptions& options = {});
  explicit Adam(std::vector<Group> groups);
  ///@}
  void step() override;

  /// To change options as training goes: `adam.groups()[0].options.lr *= 0.1`.
  std::vector<Group>& groups() { return groups_; }

 private:
  struct State {
    int64_t steps = 0;
    Tensor mean, square, max_square;
  };

  std::vector<Group> groups_;
  std::vector<std::vector<State>> states_;  // tensors are undefined until the first step
};

/// What AdamW takes by name: AdamOptions with another default.
struct AdamWOptions {
  double lr = 1e-3;                                ///< step size, at least 0
  std::pair<double, double> betas = {0.9, 0.999};  ///< decay of the means of g and g^2, in [0, 1)
  double eps = 1e-8;                               ///< added to the root that divides
  double weight_decay = 1e-2;                      ///< p shrinks by lr times this share of itself
  bool amsgrad = false;                            ///< divide by the greatest v so far
  bool maximize = false;                           ///< go up the gradient
};

/// Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled weight decay
/// regularization", 2019). Its groups are Adam's, with `decoupled_weight_decay`.
class AdamW : public Adam {
 public:
  ///@{
  /// As of Adam.
  explicit AdamW(std::vector<Tensor> params, const AdamWOptions& options = {});
  explicit AdamW(const std::vector<ParamGroup<AdamWOptions>>& groups);
  ///@}
};

}  // namespace rw::optim

#pragma GCC visibility pop
