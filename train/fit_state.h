#pragma once
// Private to the library's sources: what fit is in the midst of, and how that is saved.

#include <memory>
#include <string>
#include <vector>

#include <rewind/tensor/state_dict.h>
#include <rewind/train/fit.h>
#include <rewind/train/metric.h>

namespace rw::training::detail {

/// Loss and metrics over the batches of an epoch.
struct Totals {
  metrics::Mean loss;
  std::vector<std::unique_ptr<metrics::PairMetric>> metrics;  // in the order of the options

  /// Takes in a batch; returns its loss.
  double update(const Tensor& batch_loss, const Tensor& output, const Tensor& target);
  Values values(const std::vector<NamedMetric>& names, const std::string& prefix) const;
  /// How many samples it was.
  int64_t samples() const;
  void reset();
};

/// What changes while fit runs.
struct FitView {
  Run& run;
  const Loader& loader;
  Totals& totals;
  int64_t& batch;   ///< batches of the epoch that are done
  double& seconds;  ///< that they took
};

/// All of it by name, along with the states of model, optimizer, schedulers, callbacks and of this
/// thread's generator.
StateDict fit_state(const FitOptions& options, const FitView& fit);
/// Takes it over; returns whether the loader now begins behind what was seen. Throws, and changes
/// nothing, where it is of another training.
bool load_fit_state(const FitOptions& options, const FitView& fit, const StateDict& state);

}  // namespace rw::training::detail
