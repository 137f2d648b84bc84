#pragma once

#include <functional>
#include <string>

#include <rewind/optim/schedulers/scheduler.h>
#include <rewind/tensor/by_place.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// What OneCycleLR takes by name.
struct OneCycleLROptions {
  std::optional<int64_t> total_steps = {};      ///< of the cycle; or
  std::optional<int64_t> epochs = {};           ///< its epochs, with
  std::optional<int64_t> steps_per_epoch = {};  ///< the steps of each
  double pct_start = 0.3;                       ///< share of the steps that the rates rise in
  std::string anneal_strategy = "cos";          ///< "cos" or "linear"
  bool cycle_momentum = true;     ///< whether momentum, or the first of betas, goes the other way
  PerGroup base_momentum = 0.85;  ///< where rates are highest
  PerGroup max_momentum = 0.95;   ///< where they are lowest
  double div_factor = 25;         ///< max_lr / the first rate
  double final_div_factor = 1e4;  ///< the first rate / the last
  bool three_phase = false;       ///< down to the first rate as it rose, then to the last
  int64_t last_epoch = -1;        ///< to go on from
};
/// The rates up to `max_lr` and down below where they began (Smith and Topin, "Super-convergence",
/// 2018). A step after each of the optimizer's. Throws where a number is out of its range, and at a
/// step beyond the last.
class OneCycleLR : public LRScheduler {
 public:
  /// Sets the first rates and momenta.
  OneCycleLR(Optimizer& optimizer, const PerGroup& max_lr, const OneCycleLROptions& options);
  /// With options by their places, as PyTorch has them:
  /// `OneCycleLR(sgd, 0.1, 100)`.
  template <class... V>
  requires rw::detail::ByPlace<OneCycleLROptions, V...> OneCycleLR(Optimizer& optimizer,
                                                                   const PerGroup& max_lr,
                                                                   V... options)
      : OneCycleLR(optimizer, max_lr, rw::detail::by_place<OneCycleLROptions>(options...)) {}

 private:
  enum class Level { initial, most, least };
  struct Phase {
    double end_step;
    Level from, to;
    bool momentum_falls, momentum_rises;
  };
  std::vector<double> get_lr() override;
  void visit(Visitor& v) override;
  double anneal(double from, double to, double share) const;
  double level(Level l, size_t group) const;

  double total_steps_;
  bool is_linear_;
  std::vector<Phase> phases_;
  std::vector<double> max_lrs_, min_lrs_, max_momenta_, base_momenta_;
  std::optional<CycledMomentum> momentum_;
};

/// What CyclicLR takes by name.
struct CyclicLROptions {
  int64_t step_size_up = 2000;                  ///< steps in which the rates rise
  std::optional<int64_t> step_size_down = {};   ///< and fall; as many by default
  std::string mode = "triangular";              ///< or "triangular2", "exp_range"
  double gamma = 1;                             ///< of "exp_range": gamma^step
  std::function<double(double)> scale_fn = {};  ///< in place of `mode`
  std::string scale_mode = "cycle";             ///< what scale_fn is of: or "iterations"
  bool cycle_momentum = true;    ///< whether momentum, or the first of betas, goes the other way
  PerGroup base_momentum = 0.8;  ///< where rates are highest
  PerGroup max_momentum = 0.9;   ///< where they are lowest
  int64_t last_epoch = -1;       ///< to go on from
};
/// The rates from `base_lr` to `max_lr` and back, again and again (Smith, "Cyclical learning rates
/// for training neural networks", 2017): in all cycles the same, half as high each time
/// ("triangular2"), or falling with the steps.
class CyclicLR : public LRScheduler {
 public:
  /// Sets the first rates and momenta.
  CyclicLR(Optimizer& optimizer, const PerGroup& base_lr, const PerGroup& max_lr,
           const CyclicLROptions& options = {});
  /// With options by their places, as PyTorch has them:
  /// `CyclicLR(sgd, 0.01, 0.1, 500)`.
  template <class... V>
  requires rw::detail::ByPlace<CyclicLROptions, V...> CyclicLR(Optimizer& optimizer,
                                                               const PerGroup& base_lr,
                                                               const PerGroup& max_lr, V... options)
      : CyclicLR(optimizer, base_lr, max_lr, rw::detail::by_place<CyclicLROptions>(options...)) {}

 private:
  std::vector<double> get_lr() override;
  void visit(Visitor& v) override;
  double scale(double cycle) const;

  double total_size_, step_ratio_, gamma_;
  std::string mode_;
  std::function<double(double)> scale_fn_;
  bool by_cycle_;
  std::vector<double> max_lrs_, max_momenta_, base_momenta_;
  std::optional<CycledMomentum> momentum_;
};

}  // namespace rw::optim

#pragma GCC visibility pop
