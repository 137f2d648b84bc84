#include <rewind/optim/schedulers/plateau.h>

#include <algorithm>
#include <limits>

#include <rewind/tensor/check.h>

namespace rw::optim {

ReduceLROnPlateau::ReduceLROnPlateau(Optimizer& optimizer, const ReduceLROnPlateauOptions& o)
    : Scheduler("ReduceLROnPlateau", optimizer),
      is_max_(o.mode == "max"),
      is_relative_(o.threshold_mode == "rel"),
      factor_(o.factor),
      patience_(static_cast<double>(o.patience)),
      threshold_(o.threshold),
      cooldown_(static_cast<double>(o.cooldown)),
      eps_(o.eps),
      min_lrs_(for_groups("min_lr", o.min_lr)),
      default_min_lr_(o.min_lr.is_list ? std::nullopt : std::optional(o.min_lr.values[0])),
      best_(is_max_ ? -std::numeric_limits<double>::infinity()
                    : std::numeric_limits<double>::infinity()) {
  check(o.factor >= 0 && o.factor < 1, "ReduceLROnPlateau: expected factor in [0, 1), got {}",
        o.factor);
  check(o.patience >= 0 && o.cooldown >= 0,
        "ReduceLROnPlateau: expected patience and cooldown of at least 0, got {} and {}",
        o.patience, o.cooldown);
  check(is_max_ || o.mode == "min",
        "ReduceLROnPlateau: expected mode \"min\" or \"max\", got \"{}\"", o.mode);
  check(is_relative_ || o.threshold_mode == "abs",
        "ReduceLROnPlateau: expected threshold_mode \"rel\" or \"abs\", got \"{}\"",
        o.threshold_mode);
  last_epoch_ = 0;
  last_lr_ = current_lr();
}

bool ReduceLROnPlateau::is_better(double metric) const {
  if (is_max_) return metric > (is_relative_ ? best_ * (1 + threshold_) : best_ + threshold_);
  return metric < (is_relative_ ? best_ * (1 - threshold_) : best_ - threshold_);
}

void ReduceLROnPlateau::step(double metric) {
  if (default_min_lr_) min_lrs_.resize(optimizer().num_groups(), *default_min_lr_);
  check_groups(min_lrs_.size());
  ++last_epoch_;
  if (is_better(metric)) {
    best_ = metric;
    num_bad_epochs_ = 0;
  } else {
    ++num_bad_epochs_;
  }
  if (cooldown_counter_ > 0) {
    --cooldown_counter_;
    num_bad_epochs_ = 0;
  }
  if (num_bad_epochs_ > patience_) {
    reduce();
    cooldown_counter_ = cooldown_;
    num_bad_epochs_ = 0;
  }
  last_lr_ = current_lr();
}

void ReduceLROnPlateau::reduce() {
  std::vector<double> lr = current_lr();
  for (size_t k = 0; k < lr.size(); ++k) {
    const double reduced = std::max(lr[k] * factor_, min_lrs_[k]);
    if (lr[k] - reduced > eps_) lr[k] = reduced;
  }
  set_lr(lr);
}

void ReduceLROnPlateau::visit(Visitor& v) {
  Scheduler::visit(v);
  v.number("factor", factor_);
  v.number("patience", patience_);
  v.number("threshold", threshold_);
  v.number("cooldown", cooldown_);
  v.number("eps", eps_);
  v.list("min_lrs", min_lrs_);
  v.number("best", best_);
  v.number("cooldown_counter", cooldown_counter_);
  v.number("num_bad_epochs", num_bad_epochs_);
}

}  // namespace rw::optim
