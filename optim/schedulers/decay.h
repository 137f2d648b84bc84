#pragma once

#include <functional>

#include <rewind/optim/schedulers/scheduler.h>
#include <rewind/tensor/by_place.h>

#pragma GCC visibility push(default)

namespace rw::optim {

// Each takes the optimizer, what has no default, and the rest by name. Throws Error where a number
// is out of its range. `last_epoch` of the options is that of LRScheduler.

/// What ConstantLR takes by name.
struct ConstantLROptions {
  double factor = 1.0 / 3;  ///< in [0, 1]
  int64_t total_iters = 5;  ///< steps
  int64_t last_epoch = -1;  ///< to go on from
};
/// The rates times `factor`, until `total_iters` steps are made.
class ConstantLR : public LRScheduler {
 public:
  /// Sets the first rates.
  explicit ConstantLR(Optimizer& optimizer, const ConstantLROptions& options = {});
  /// With options by their places, as PyTorch has them:
  /// `ConstantLR(sgd, 0.5, 4)`.
  template <class... V>
  requires rw::detail::ByPlace<ConstantLROptions, V...> ConstantLR(Optimizer& optimizer,
                                                                   V... options)
      : ConstantLR(optimizer, rw::detail::by_place<ConstantLROptions>(options...)) {}

 private:
  std::vector<double> get_lr() override;
  std::vector<double> closed_form_lr() override;
  void visit(Visitor& v) override;
  double factor_, total_iters_;
};

/// What LinearLR takes by name.
struct LinearLROptions {
  double start_factor = 1.0 / 3;  ///< in (0, 1]
  double end_factor = 1;          ///< in [0, 1]
  int64_t total_iters = 5;        ///< steps
  int64_t last_epoch = -1;        ///< to go on from
};
/// The rates times a factor that goes evenly from `start_factor` to `end_factor`: a warm-up.
class LinearLR : public LRScheduler {
 public:
  /// Sets the first rates.
  explicit LinearLR(Optimizer& optimizer, const LinearLROptions& options = {});
  /// With options by their places, as PyTorch has them:
  /// `LinearLR(sgd, 0.1, 1.0, 5)`.
  template <class... V>
  requires rw::detail::ByPlace<LinearLROptions, V...> LinearLR(Optimizer& optimizer, V... options)
      : LinearLR(optimizer, rw::detail::by_place<LinearLROptions>(options...)) {}

 private:
  std::vector<double> get_lr() override;
  std::vector<double> closed_form_lr() override;
  void visit(Visitor& v) override;
  double start_factor_, end_factor_, total_iters_;
};

/// What StepLR and MultiStepLR take by name.
struct StepLROptions {
  double gamma = 0.1;       ///< factor
  int64_t last_epoch = -1;  ///< to go on from
};
/// The rates times `gamma` after every `step_size` steps.
class StepLR : public LRScheduler {
 public:
  /// Sets the first rates.
  StepLR(Optimizer& optimizer, int64_t step_size, const StepLROptions& options = {});
  /// With options by their places, as PyTorch has them:
  /// `StepLR(sgd, 30, 0.1)`.
  template <class... V>
  requires rw::detail::ByPlace<StepLROptions, V...> StepLR(Optimizer& optimizer, int64_t step_size,
                                                           V... options)
      : StepLR(optimizer, step_size, rw::detail::by_place<StepLROptions>(options...)) {}

 private:
  std::vector<double> get_lr() override;
  std::vector<double> closed_form_lr() override;
  void visit(Visitor& v) override;
  double step_size_, gamma_;
};
/// The rates times `gamma` at each of the milestones.
class MultiStepLR : public LRScheduler {
 public:
  /// Sets the first rates.
  MultiStepLR(Optimizer& optimizer, const std::vector<int64_t>& milestones,
              const StepLROptions& options = {});
  /// With options by their places, as PyTorch has them:
  /// `MultiStepLR(sgd, {30, 80}, 0.1)`.
  template <class... V>
  requires rw::detail::ByPlace<StepLROptions, V...> MultiStepLR(
      Optimizer& optimizer, const std::vector<int64_t>& milestones, V... options)
      : MultiStepLR(optimizer, milestones, rw::detail::by_place<StepLROptions>(options...)) {}

 private:
  std::vector<double> get_lr() override;
  std::vector<double> closed_form_lr() override;
  void visit(Visitor& v) override;
  std::vector<double> milestones_;
  double gamma_;
};

/// The rates times `gamma` after every step.
class ExponentialLR : public LRScheduler {
 public:
  /// Sets the first rates.
  ExponentialLR(Optimizer& optimizer, double gamma, int64_t last_epoch = -1);

 private:
  std::vector<double> get_lr() override;
  std::vector<double> closed_form_lr() override;
  void visit(Visitor& v) override;
  double gamma_;
};

/// What PolynomialLR takes by name.
struct PolynomialLROptions {
  int64_t total_iters = 5;  ///< steps until the rates are zero
  double power = 1;         ///< of what is left
  int64_t last_epoch = -1;  ///< to go on from
};
/// The initial rates times (1 - t / total_iters)^power.
class PolynomialLR : public LRScheduler {
 public:
  /// Sets the first rates.
  explicit PolynomialLR(Optimizer& optimizer, const PolynomialLROptions& options = {});
  /// With options by their places, as PyTorch has them:
  /// `PolynomialLR(sgd, 10, 2.0)`.
  template <class... V>
  requires rw::detail::ByPlace<PolynomialLROptions, V...> PolynomialLR(Optimizer& optimizer,
                                                                       V... options)
      : PolynomialLR(optimizer, rw::detail::by_place<PolynomialLROptions>(options...)) {}

 private:
  std::vector<double> get_lr() override;
  std::vector<double> closed_form_lr() override;
  void visit(Visitor& v) override;
  double total_iters_, power_;
};

/// A factor by the number of the step.
using LRLambda = std::function<double(int64_t epoch)>;
/// The initial rates times a function of the number of steps: one for all groups, or one for each.
class LambdaLR : public LRScheduler {
 public:
  ///@{
  /// Sets the first rates. Throws unless there are functions, one or as many as groups.
  LambdaLR(Optimizer& optimizer, LRLambda lr_lambda, int64_t last_epoch = -1);
  LambdaLR(Optimizer& optimizer, std::vector<LRLambda> lr_lambdas, int64_t last_epoch = -1);
  ///@}

 private:
  std::vector<double> get_lr() override;
  std::vector<LRLambda> lambdas_;
};
/// The rates of now times a function of the number of steps.
class MultiplicativeLR : public LRScheduler {
 public:
  ///@{
  /// Throws unless there are functions, one or as many as groups.
  MultiplicativeLR(Optimizer& optimizer, LRLambda lr_lambda, int64_t last_epoch = -1);
  MultiplicativeLR(Optimizer& optimizer, std::vector<LRLambda> lr_lambdas, int64_t last_epoch = -1);
  ///@}

 private:
  std::vector<double> get_lr() override;
  std::vector<LRLambda> lambdas_;
};

}  // namespace rw::optim

#pragma GCC visibility pop
