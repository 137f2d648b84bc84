#pragma once
// Private to the library's sources: what fit gathers, and as what it is saved.

#include <memory>
#include <string>
#include <vector>

#include <rewind/train/fit.h>
#include <rewind/train/training_state.h>

namespace rw::training::detail {

/// Loss and metrics over the batches of an epoch.
struct Totals {
  explicit Totals(const std::vector<NamedMetric>& named);

  /// Takes in a batch; returns its loss.
  double update(const Tensor& batch_loss, const Tensor& output, const Tensor& target);
  Values values(const std::string& prefix = "") const;
  /// The metrics' classes and options.
  std::string description() const;
  /// How many samples it was.
  int64_t samples() const;
  void reset();

  metrics::Mean loss;
  std::vector<std::string> names;
  std::vector<std::unique_ptr<metrics::PairMetric>> metrics;
};

/// What a training that goes on has to have in common with the one that was saved: a part of a
/// TrainingState that refuses another text.
struct SetupPart {
  std::string text;

  StateDict state_dict() const;
  void load_state_dict(const StateDict& state) const;
};

/// The number of samples in a batch with this target.
int64_t samples_of(const Tensor& target);

/// A history as a part of a TrainingState: the numbers of all epochs, by names that have their
/// place in front.
struct HistoryPart {
  History& history;

  StateDict state_dict() const;
  void load_state_dict(const StateDict& state);
};

}  // namespace rw::training::detail
