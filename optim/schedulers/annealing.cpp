#include <rewind/optim/schedulers/annealing.h>

#include <cmath>
#include <numbers>

#include <rewind/tensor/check.h>

namespace rw::optim {

namespace {

// From `high` to `low` along half a cosine of which `share` has passed.
double on_cosine(double high, double low, double share) {
  return low + (high - low) * (1 + std::cos(std::numbers::pi * share)) / 2;
}

}  // namespace

CosineAnnealingLR::CosineAnnealingLR(Optimizer& optimizer, int64_t T_max,
                                     const CosineAnnealingLROptions& o)
    : LRScheduler("CosineAnnealingLR", optimizer, o.last_epoch),
      t_max_(static_cast<double>(T_max)),
      eta_min_(o.eta_min) {
  check(T_max > 0, "CosineAnnealingLR: expected T_max > 0, got {}", T_max);
  start();
}
std::vector<double> CosineAnnealingLR::get_lr() {
  std::vector<double> lr = current_lr();
  if (is_initial_) return lr;
  if (step_count_ == 1 && last_epoch_ > 0) return closed_form_lr();
  // The factor between two steps; from the end of a cosine, where it would divide by zero, the
  // first step up.
  const auto height = [&](double t) { return 1 + std::cos(std::numbers::pi * t / t_max_); };
  const bool is_upward = std::fmod(last_epoch_ - 1 - t_max_, 2 * t_max_) == 0;
  if (is_upward) check_groups(base_lrs_.size());
  for (size_t k = 0; k < lr.size(); ++k)
    lr[k] = is_upward
                ? lr[k] + (base_lrs_[k] - eta_min_) * (2 - height(1)) / 2
                : height(last_epoch_) / height(last_epoch_ - 1) * (lr[k] - eta_min_) + eta_min_;
  return lr;
}
std::vector<double> CosineAnnealingLR::closed_form_lr() {
  std::vector<double> lr = base_lrs_;
  for (double& v : lr) v = on_cosine(v, eta_min_, last_epoch_ / t_max_);
  return lr;
}
void CosineAnnealingLR::visit(Visitor& v) {
  LRScheduler::visit(v);
  v.number("T_max", t_max_);
  v.number("eta_min", eta_min_);
}

CosineAnnealingWarmRestarts::CosineAnnealingWarmRestarts(
    Optimizer& optimizer, int64_t T_0, const CosineAnnealingWarmRestartsOptions& o)
    : LRScheduler("CosineAnnealingWarmRestarts", optimizer, o.last_epoch),
      t_0_(static_cast<double>(T_0)),
      t_i_(t_0_),
      t_mult_(static_cast<double>(o.T_mult)),
      eta_min_(o.eta_min),
      t_cur_(static_cast<double>(o.last_epoch)) {
  check(T_0 > 0, "CosineAnnealingWarmRestarts: expected T_0 > 0, got {}", T_0);
  check(o.T_mult >= 1, "CosineAnnealingWarmRestarts: expected T_mult >= 1, got {}", o.T_mult);
  start();
}
void CosineAnnealingWarmRestarts::step() {
  if (last_epoch_ < 0) return step(0);
  if (++t_cur_ >= t_i_) {
    t_cur_ = std::fmod(t_cur_, t_i_);
    t_i_ *= t_mult_;
  }
  ++last_epoch_;
  set_lr(last_lr_ = get_lr());
}
void CosineAnnealingWarmRestarts::step(double epoch) {
  check(epoch >= 0, "CosineAnnealingWarmRestarts: step: expected epoch >= 0, got {}", epoch);
  t_cur_ = epoch;
  t_i_ = t_0_;
  if (epoch >= t_0_ && t_mult_ == 1) t_cur_ = std::fmod(epoch, t_0_);
  if (epoch >= t_0_ && t_mult_ > 1) {
    const double n = std::floor(std::log(epoch / t_0_ * (t_mult_ - 1) + 1) / std::log(t_mult_));
    t_cur_ = epoch - t_0_ * (std::pow(t_mult_, n) - 1) / (t_mult_ - 1);
    t_i_ = t_0_ * std::pow(t_mult_, n);
  }
  last_epoch_ = std::floor(epoch);
  set_lr(last_lr_ = get_lr());
}
std::vector<double> CosineAnnealingWarmRestarts::get_lr() {
  std::vector<double> lr = base_lrs_;
  for (double& v : lr) v = on_cosine(v, eta_min_, t_cur_ / t_i_);
  return lr;
}
void CosineAnnealingWarmRestarts::visit(Visitor& v) {
  LRScheduler::visit(v);
  v.number("T_0", t_0_);
  v.number("T_i", t_i_);
  v.number("T_mult", t_mult_);
  v.number("eta_min", eta_min_);
  v.number("T_cur", t_cur_);
}

}  // namespace rw::optim
