#pragma once

#include <string>

#include <rewind/optim/schedulers/scheduler.h>
#include <rewind/tensor/by_place.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// What ReduceLROnPlateau takes by name.
struct ReduceLROnPlateauOptions {
  std::string mode = "min";            ///< whether the metric is to fall, or to rise: "max"
  double factor = 0.1;                 ///< below 1
  int64_t patience = 10;               ///< epochs without getting better that are let pass
  double threshold = 1e-4;             ///< by how much better counts
  std::string threshold_mode = "rel";  ///< as a share of the best, or a difference: "abs"
  int64_t cooldown = 0;                ///< epochs after a reduction in which none counts
  PerGroup min_lr = 0;                 ///< the least rates
  double eps = 1e-8;                   ///< a reduction by less is left out
};
/// The rates times `factor` once a metric has not become better for more than `patience` epochs.
class ReduceLROnPlateau : public Scheduler {
 public:
  /// Throws unless factor < 1 and the modes are known.
  explicit ReduceLROnPlateau(Optimizer& optimizer, const ReduceLROnPlateauOptions& options = {});
  /// With options by their places, as PyTorch has them:
  /// `ReduceLROnPlateau(sgd, "min", 0.1, 5)`.
  template <class... V>
  requires rw::detail::ByPlace<ReduceLROnPlateauOptions, V...> ReduceLROnPlateau(
      Optimizer& optimizer, V... options)
      : ReduceLROnPlateau(optimizer, rw::detail::by_place<ReduceLROnPlateauOptions>(options...)) {}
  /// After each epoch, with its metric.
  void step(double metric);

 private:
  void visit(Visitor& v) override;
  bool is_better(double metric) const;
  void reduce();

  bool is_max_, is_relative_;
  double factor_, patience_, threshold_, cooldown_, eps_;
  std::vector<double> min_lrs_;
  std::optional<double> default_min_lr_;  // of groups that join later
  double best_, cooldown_counter_ = 0, num_bad_epochs_ = 0;
};

}  // namespace rw::optim

#pragma GCC visibility pop
