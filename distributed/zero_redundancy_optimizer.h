#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <rewind/distributed/process_group.h>
#include <rewind/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace rw::distributed {

/// An optimizer whose state is shared out over the ranks: each updates some of the parameters,
/// about as many elements as the others, and gives them to all (ZeRO's first stage, Rajbhandari et
/// al. 2019). After DistributedDataParallel has made gradients the same:
///
///     distributed::ZeroRedundancyOptimizer optimizer(model.parameters(), [](auto params) {
///       return std::make_unique<optim::Adam>(params, optim::AdamOptions{.lr = 1e-3});
///     });
class ZeroRedundancyOptimizer {
 public:
  /// Makes the optimizer of some parameters, in one group.
  using Make = std::function<std::unique_ptr<optim::Optimizer>(const std::vector<Tensor>& params)>;
  /// Of parameters that are the same on all ranks of the group.
  ZeroRedundancyOptimizer(std::vector<Tensor> params, const Make& make, Group process_group = {});

  /// Updates this rank's parameters, and takes those of the others. Called by all ranks.
  void step();
  /// Drops the gradients of all parameters.
  void zero_grad() const;
  ///@{
  /// The learning rate. All ranks set the same.
  double lr() const { return optimizer_->lr(); }
  void set_lr(double lr) { optimizer_->set_lr(lr); }
  ///@}
  /// The optimizer of this rank's parameters.
  optim::Optimizer& local() { return *optimizer_; }
  /// Which rank of the group updates each parameter.
  const std::vector<int>& owners() const { return owners_; }

  /// Collects the state at rank `to` of the world. Called by all ranks.
  void consolidate_state_dict(int to = 0);
  /// What was collected since the last step, at that rank: the state that one optimizer of all
  /// parameters would have. Otherwise this rank's part of it.
  StateDict state_dict() const;
  /// Takes this rank's part of such a state, of any number of ranks or of one optimizer alone.
  /// Throws Error for one that was not collected.
  void load_state_dict(const StateDict& state);

 private:
  StateDict own_state() const;

  std::vector<Tensor> params_;
  Group group_;
  std::vector<int> owners_;
  std::vector<size_t> own_;  // this rank's parameters, by number
  std::unique_ptr<optim::Optimizer> optimizer_;
  std::optional<StateDict> collected_;
};

}  // namespace rw::distributed

#pragma GCC visibility pop
