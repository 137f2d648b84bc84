#pragma once

#include <rewind/optim/schedulers/scheduler.h>
#include <rewind/tensor/by_place.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// What CosineAnnealingLR takes by name.
struct CosineAnnealingLROptions {
  double eta_min = 0;       ///< the least rate
  int64_t last_epoch = -1;  ///< to go on from
};
/// The rates along half a cosine from the initial ones to `eta_min` at step `T_max`, and up again
/// (Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017).
class CosineAnnealingLR : public LRScheduler {
 public:
  /// Throws unless T_max > 0.
  CosineAnnealingLR(Optimizer& optimizer, int64_t T_max,
                    const CosineAnnealingLROptions& options = {});
  /// With options by their places, as PyTorch has them:
  /// `CosineAnnealingLR(sgd, 10, 1e-5)`.
  template <class... V>
  requires rw::detail::ByPlace<CosineAnnealingLROptions, V...> CosineAnnealingLR(
      Optimizer& optimizer, int64_t T_max, V... options)
      : CosineAnnealingLR(optimizer, T_max,
                          rw::detail::by_place<CosineAnnealingLROptions>(options...)) {}

 private:
  std::vector<double> get_lr() override;
  std::vector<double> closed_form_lr() override;
  void visit(Visitor& v) override;
  double t_max_, eta_min_;
};

/// What CosineAnnealingWarmRestarts takes by name.
struct CosineAnnealingWarmRestartsOptions {
  int64_t T_mult = 1;       ///< how much longer each period is than the one before
  double eta_min = 0;       ///< the least rate
  int64_t last_epoch = -1;  ///< to go on from
};
/// The same half cosine again and again: the first over `T_0` steps (ibid.).
class CosineAnnealingWarmRestarts : public LRScheduler {
 public:
  /// Throws unless T_0 > 0 and T_mult >= 1.
  CosineAnnealingWarmRestarts(Optimizer& optimizer, int64_t T_0,
                              const CosineAnnealingWarmRestartsOptions& options = {});
  /// With options by their places, as PyTorch has them:
  /// `CosineAnnealingWarmRestarts(sgd, 10, 2)`.
  template <class... V>
  requires rw::detail::ByPlace<CosineAnnealingWarmRestartsOptions, V...>
  CosineAnnealingWarmRestarts(Optimizer& optimizer, int64_t T_0, V... options)
      : CosineAnnealingWarmRestarts(
            optimizer, T_0, rw::detail::by_place<CosineAnnealingWarmRestartsOptions>(options...)) {}
  void step() override;
  /// Goes to an epoch, or to a part of it: `step(epoch + batch / batches)`. Throws unless >= 0.
  void step(double epoch);

 private:
  std::vector<double> get_lr() override;
  void visit(Visitor& v) override;
  double t_0_, t_i_, t_mult_, eta_min_, t_cur_;
};

}  // namespace rw::optim

#pragma GCC visibility pop
