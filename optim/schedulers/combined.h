#pragma once

#include <functional>

#include <rewind/optim/schedulers/scheduler.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// Schedulers that a combined one steps; they have to outlive it.
using Schedulers = std::vector<std::reference_wrapper<LRScheduler>>;

/// One scheduler after another, as a warm-up and what comes then:
///
///     optim::LinearLR warm_up(sgd, {.total_iters = 5});
///     optim::CosineAnnealingLR cosine(sgd, 95);
///     optim::SequentialLR schedule(sgd, {warm_up, cosine}, {5});
///
/// From the first milestone on the second one counts, from zero. Throws unless there is a milestone
/// less than schedulers, all of this optimizer.
class SequentialLR : public LRScheduler {
 public:
  /// Undoes what the schedulers set when they were made, but for the first one's rates.
  SequentialLR(Optimizer& optimizer, const Schedulers& schedulers,
               const std::vector<int64_t>& milestones, int64_t last_epoch = -1);
  void step() override;
  /// With the states of the schedulers as "_schedulers.0.last_epoch" and so on.
  StateDict state_dict() const override;
  void load_state_dict(const StateDict& state) override;

 private:
  std::vector<double> get_lr() override;
  void visit(Visitor& v) override;
  void undo() override;
  size_t active() const;

  Schedulers schedulers_;
  std::vector<double> milestones_;
};

/// Schedulers that all work at each step. Throws unless there is one, and all are of one optimizer.
class ChainedScheduler : public LRScheduler {
 public:
  /// The rates stay what the schedulers have set.
  explicit ChainedScheduler(const Schedulers& schedulers);
  void step() override;
  /// With the states of the schedulers as "_schedulers.0.last_epoch" and so on.
  StateDict state_dict() const override;
  void load_state_dict(const StateDict& state) override;

 private:
  std::vector<double> get_lr() override;
  void undo() override;

  Schedulers schedulers_;
};

}  // namespace rw::optim

#pragma GCC visibility pop
