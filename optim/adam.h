#pragma once

#include <utility>

#include <rewind/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace rw::optim {

struct AdamOptions {
  double lr = 1e-3;
  std::pair<double, double> betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0;
  bool amsgrad = false;
  bool maximize = false;
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
  using Group = ParamGroup<AdamOptions>;

  explicit Adam(std::vector<Tensor> params, const AdamOptions& options = {});
  explicit Adam(std::vector<Group> groups);
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

struct AdamWOptions {
  double lr = 1e-3;
  std::pair<double, double> betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 1e-2;
  bool amsgrad = false;
  bool maximize = false;
};

/// Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled weight decay
/// regularization", 2019). Its groups are Adam's, with `decoupled_weight_decay`.
class AdamW : public Adam {
 public:
  explicit AdamW(std::vector<Tensor> params, const AdamWOptions& options = {});
  explicit AdamW(const std::vector<ParamGroup<AdamWOptions>>& groups);
};

}  // namespace rw::optim

#pragma GCC visibility pop
