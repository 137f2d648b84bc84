#include <rewind/optim/schedulers/decay.h>

#include <algorithm>
#include <cmath>

#include <rewind/tensor/check.h>

namespace rw::optim {

ConstantLR::ConstantLR(Optimizer& optimizer, const ConstantLROptions& o)
    : LRScheduler("ConstantLR", optimizer, o.last_epoch),
      factor_(o.factor),
      total_iters_(static_cast<double>(o.total_iters)) {
  check(o.factor >= 0 && o.factor <= 1, "ConstantLR: expected factor in [0, 1], got {}", o.factor);
  start();
}
std::vector<double> ConstantLR::get_lr() {
  if (last_epoch_ == 0) return current_times(factor_);
  if (last_epoch_ != total_iters_) return current_lr();
  return factor_ == 0 ? base_times(1) : current_times(1 / factor_);
}
std::vector<double> ConstantLR::closed_form_lr() {
  return base_times(last_epoch_ >= total_iters_ ? 1 : factor_);
}
void ConstantLR::visit(Visitor& v) {
  LRScheduler::visit(v);
  v.number("factor", factor_);
  v.number("total_iters", total_iters_);
}

LinearLR::LinearLR(Optimizer& optimizer, const LinearLROptions& o)
    : LRScheduler("LinearLR", optimizer, o.last_epoch),
      start_factor_(o.start_factor),
      end_factor_(o.end_factor),
      total_iters_(static_cast<double>(o.total_iters)) {
  check(o.start_factor > 0 && o.start_factor <= 1,
        "LinearLR: expected start_factor in (0, 1], got {}", o.start_factor);
  check(o.end_factor >= 0 && o.end_factor <= 1, "LinearLR: expected end_factor in [0, 1], got {}",
        o.end_factor);
  start();
}
std::vector<double> LinearLR::get_lr() {
  if (last_epoch_ == 0) return current_times(start_factor_);
  if (is_initial_ || last_epoch_ > total_iters_) return current_lr();
  const double rise = end_factor_ - start_factor_;
  return current_times(1 + rise / (total_iters_ * start_factor_ + (last_epoch_ - 1) * rise));
}
std::vector<double> LinearLR::closed_form_lr() {
  const double share = std::min(total_iters_, last_epoch_) / total_iters_;
  return base_times(start_factor_ + (end_factor_ - start_factor_) * share);
}
void LinearLR::visit(Visitor& v) {
  LRScheduler::visit(v);
  v.number("start_factor", start_factor_);
  v.number("end_factor", end_factor_);
  v.number("total_iters", total_iters_);
}

StepLR::StepLR(Optimizer& optimizer, int64_t step_size, const StepLROptions& o)
    : LRScheduler("StepLR", optimizer, o.last_epoch),
      step_size_(static_cast<double>(step_size)),
      gamma_(o.gamma) {
  check(step_size > 0, "StepLR: expected step_size > 0, got {}", step_size);
  start();
}
std::vector<double> StepLR::get_lr() {
  if (last_epoch_ == 0 || std::fmod(last_epoch_, step_size_) != 0) return current_lr();
  return current_times(gamma_);
}
std::vector<double> StepLR::closed_form_lr() {
  return base_times(std::pow(gamma_, std::floor(last_epoch_ / step_size_)));
}
void StepLR::visit(Visitor& v) {
  LRScheduler::visit(v);
  v.number("step_size", step_size_);
  v.number("gamma", gamma_);
}

MultiStepLR::MultiStepLR(Optimizer& optimizer, const std::vector<int64_t>& milestones,
                         const StepLROptions& o)
    : LRScheduler("MultiStepLR", optimizer, o.last_epoch),
      milestones_(milestones.begin(), milestones.end()),
      gamma_(o.gamma) {
  std::sort(milestones_.begin(), milestones_.end());
  start();
}
std::vector<double> MultiStepLR::get_lr() {
  const auto times = std::count(milestones_.begin(), milestones_.end(), last_epoch_);
  return times == 0 ? current_lr() : current_times(std::pow(gamma_, times));
}
std::vector<double> MultiStepLR::closed_form_lr() {
  const auto next = std::upper_bound(milestones_.begin(), milestones_.end(), last_epoch_);
  return base_times(std::pow(gamma_, next - milestones_.begin()));
}
void MultiStepLR::visit(Visitor& v) {
  LRScheduler::visit(v);
  v.list("milestones", milestones_);
  v.number("gamma", gamma_);
}

ExponentialLR::ExponentialLR(Optimizer& optimizer, double gamma, int64_t last_epoch)
    : LRScheduler("ExponentialLR", optimizer, last_epoch), gamma_(gamma) {
  start();
}
std::vector<double> ExponentialLR::get_lr() {
  return is_initial_ ? current_lr() : current_times(gamma_);
}
std::vector<double> ExponentialLR::closed_form_lr() {
  return base_times(std::pow(gamma_, last_epoch_));
}
void ExponentialLR::visit(Visitor& v) {
  LRScheduler::visit(v);
  v.number("gamma", gamma_);
}

PolynomialLR::PolynomialLR(Optimizer& optimizer, const PolynomialLROptions& o)
    : LRScheduler("PolynomialLR", optimizer, o.last_epoch),
      total_iters_(static_cast<double>(o.total_iters)),
      power_(o.power) {
  check(o.total_iters > 0, "PolynomialLR: expected total_iters > 0, got {}", o.total_iters);
  start();
}
std::vector<double> PolynomialLR::get_lr() {
  if (is_initial_ || last_epoch_ > total_iters_) return current_lr();
  const double left = 1 - last_epoch_ / total_iters_;
  return current_times(std::pow(left / (1 - (last_epoch_ - 1) / total_iters_), power_));
}
std::vector<double> PolynomialLR::closed_form_lr() {
  return base_times(std::pow(1 - std::min(total_iters_, last_epoch_) / total_iters_, power_));
}
void PolynomialLR::visit(Visitor& v) {
  LRScheduler::visit(v);
  v.number("total_iters", total_iters_);
  v.number("power", power_);
}

namespace {

void check_lambdas(const char* name, const std::vector<LRLambda>& lambdas, const Optimizer& o) {
  check(lambdas.size() == o.num_groups(), "{}: expected an lr_lambda for each of {} groups, got {}",
        name, o.num_groups(), lambdas.size());
  for (const LRLambda& lambda : lambdas)
    check(static_cast<bool>(lambda), "{}: an lr_lambda is empty", name);
}

// Each rate times its function's value.
std::vector<double> scaled(std::vector<double> lr, const std::vector<LRLambda>& lambdas,
                           int64_t epoch) {
  for (size_t k = 0; k < lambdas.size(); ++k) lr.at(k) *= lambdas[k](epoch);
  return lr;
}

}  // namespace

LambdaLR::LambdaLR(Optimizer& optimizer, LRLambda lr_lambda, int64_t last_epoch)
    : LambdaLR(optimizer, std::vector<LRLambda>(optimizer.num_groups(), std::move(lr_lambda)),
               last_epoch) {}
LambdaLR::LambdaLR(Optimizer& optimizer, std::vector<LRLambda> lr_lambdas, int64_t last_epoch)
    : LRScheduler("LambdaLR", optimizer, last_epoch), lambdas_(std::move(lr_lambdas)) {
  check_lambdas(name_, lambdas_, optimizer);
  start();
}
std::vector<double> LambdaLR::get_lr() { return scaled(base_lrs_, lambdas_, last_epoch()); }

MultiplicativeLR::MultiplicativeLR(Optimizer& optimizer, LRLambda lr_lambda, int64_t last_epoch)
    : MultiplicativeLR(optimizer,
                       std::vector<LRLambda>(optimizer.num_groups(), std::move(lr_lambda)),
                       last_epoch) {}
MultiplicativeLR::MultiplicativeLR(Optimizer& optimizer, std::vector<LRLambda> lr_lambdas,
                                   int64_t last_epoch)
    : LRScheduler("MultiplicativeLR", optimizer, last_epoch), lambdas_(std::move(lr_lambdas)) {
  check_lambdas(name_, lambdas_, optimizer);
  start();
}
std::vector<double> MultiplicativeLR::get_lr() {
  check_groups(lambdas_.size());
  return is_initial_ ? current_lr() : scaled(current_lr(), lambdas_, last_epoch());
}

}  // namespace rw::optim
