#include <rewind/optim/schedulers/cycles.h>

#include <cmath>
#include <numbers>

#include <rewind/tensor/check.h>

namespace rw::optim {

namespace {

int64_t total_steps(const OneCycleLROptions& o) {
  if (o.total_steps) {
    check(*o.total_steps > 0, "OneCycleLR: expected total_steps > 0, got {}", *o.total_steps);
    return *o.total_steps;
  }
  check(o.epochs && o.steps_per_epoch,
        "OneCycleLR: expected total_steps, or epochs and steps_per_epoch");
  check(*o.epochs > 0, "OneCycleLR: expected epochs > 0, got {}", *o.epochs);
  check(*o.steps_per_epoch > 0, "OneCycleLR: expected steps_per_epoch > 0, got {}",
        *o.steps_per_epoch);
  return *o.epochs * *o.steps_per_epoch;
}

}  // namespace

OneCycleLR::OneCycleLR(Optimizer& optimizer, const PerGroup& max_lr, const OneCycleLROptions& o)
    : LRScheduler("OneCycleLR", optimizer, o.last_epoch),
      total_steps_(static_cast<double>(total_steps(o))),
      is_linear_(o.anneal_strategy == "linear"),
      max_lrs_(for_groups("max_lr", max_lr)) {
  check(o.pct_start >= 0 && o.pct_start <= 1, "OneCycleLR: expected pct_start in [0, 1], got {}",
        o.pct_start);
  check(is_linear_ || o.anneal_strategy == "cos",
        "OneCycleLR: expected anneal_strategy \"cos\" or \"linear\", got \"{}\"",
        o.anneal_strategy);
  check(o.div_factor > 0 && o.final_div_factor > 0,
        "OneCycleLR: expected div_factor and final_div_factor > 0, got {} and {}", o.div_factor,
        o.final_div_factor);
  const double top = o.pct_start * total_steps_ - 1, last = total_steps_ - 1;
  phases_ = {{top, Level::initial, Level::most, true, false}};
  if (o.three_phase) {
    phases_.push_back({2 * top, Level::most, Level::initial, false, true});
    phases_.push_back({last, Level::initial, Level::least, false, false});
  } else {
    phases_.push_back({last, Level::most, Level::least, false, true});
  }
  if (o.cycle_momentum) {
    momentum_.emplace(name_, optimizer);
    max_momenta_ = for_groups("max_momentum", o.max_momentum);
    base_momenta_ = for_groups("base_momentum", o.base_momentum);
  }
  for (size_t k = 0; k < max_lrs_.size(); ++k) {
    if (o.last_epoch == -1) base_lrs_[k] = max_lrs_[k] / o.div_factor;
    min_lrs_.push_back(base_lrs_[k] / o.final_div_factor);
    optimizer.set_initial_lr(base_lrs_[k], k);
  }
  start();
}

double OneCycleLR::level(Level l, size_t group) const {
  if (l == Level::initial) return base_lrs_[group];
  return l == Level::most ? max_lrs_[group] : min_lrs_[group];
}

double OneCycleLR::anneal(double from, double to, double share) const {
  if (is_linear_) return (to - from) * share + from;
  return to + (from - to) / 2 * (std::cos(std::numbers::pi * share) + 1);
}

std::vector<double> OneCycleLR::get_lr() {
  check_groups(base_lrs_.size());
  check(last_epoch_ <= total_steps_, "OneCycleLR: step {} of {}: the cycle is over", last_epoch_,
        total_steps_);
  size_t i = 0;
  while (i + 1 < phases_.size() && last_epoch_ > phases_[i].end_step) ++i;
  const Phase& phase = phases_[i];
  const double start_step = i > 0 ? phases_[i - 1].end_step : 0;
  const double steps = phase.end_step - start_step;
  const double share = steps == 0 ? 1 : (last_epoch_ - start_step) / steps;
  std::vector<double> lr;
  for (size_t k = 0; k < base_lrs_.size(); ++k) {
    lr.push_back(anneal(level(phase.from, k), level(phase.to, k), share));
    if (!momentum_) continue;
    const double most = max_momenta_[k], least = base_momenta_[k];
    momentum_->set(
        anneal(phase.momentum_rises ? least : most, phase.momentum_falls ? least : most, share), k);
  }
  return lr;
}

void OneCycleLR::visit(Visitor& v) {
  LRScheduler::visit(v);
  v.number("total_steps", total_steps_);
  v.list("max_lr", max_lrs_);
  v.list("min_lr", min_lrs_);
  v.list("max_momentum", max_momenta_);
  v.list("base_momentum", base_momenta_);
}

CyclicLR::CyclicLR(Optimizer& optimizer, const PerGroup& base_lr, const PerGroup& max_lr,
                   const CyclicLROptions& o)
    : LRScheduler("CyclicLR", optimizer, o.last_epoch),
      total_size_(static_cast<double>(o.step_size_up + o.step_size_down.value_or(o.step_size_up))),
      step_ratio_(static_cast<double>(o.step_size_up) / total_size_),
      gamma_(o.gamma),
      mode_(o.mode),
      scale_fn_(o.scale_fn),
      by_cycle_(o.scale_fn ? o.scale_mode == "cycle" : o.mode != "exp_range"),
      max_lrs_(for_groups("max_lr", max_lr)) {
  check(o.step_size_up > 0 && o.step_size_down.value_or(1) >= 0,
        "CyclicLR: expected step_size_up > 0 and step_size_down >= 0, got {} and {}",
        o.step_size_up, o.step_size_down.value_or(o.step_size_up));
  check(o.scale_fn || o.mode == "triangular" || o.mode == "triangular2" || o.mode == "exp_range",
        "CyclicLR: expected mode \"triangular\", \"triangular2\" or \"exp_range\", or a scale_fn, "
        "got \"{}\"",
        o.mode);
  check(!o.scale_fn || by_cycle_ || o.scale_mode == "iterations",
        "CyclicLR: expected scale_mode \"cycle\" or \"iterations\", got \"{}\"", o.scale_mode);
  base_lrs_ = for_groups("base_lr", base_lr);
  if (o.cycle_momentum) {
    momentum_.emplace(name_, optimizer);
    max_momenta_ = for_groups("max_momentum", o.max_momentum);
    base_momenta_ = for_groups("base_momentum", o.base_momentum);
  }
  start();
}

double CyclicLR::scale(double cycle) const {
  const double x = by_cycle_ ? cycle : last_epoch_;
  if (scale_fn_) return scale_fn_(x);
  if (mode_ == "triangular2") return std::pow(2., 1 - x);
  return mode_ == "exp_range" ? std::pow(gamma_, x) : 1;
}

std::vector<double> CyclicLR::get_lr() {
  check_groups(base_lrs_.size());
  const double cycle = std::floor(1 + last_epoch_ / total_size_);
  const double x = 1 + last_epoch_ / total_size_ - cycle;
  const double height =
      (x <= step_ratio_ ? x / step_ratio_ : (x - 1) / (step_ratio_ - 1)) * scale(cycle);
  std::vector<double> lr = base_lrs_;
  for (size_t k = 0; k < lr.size(); ++k) {
    lr[k] += (max_lrs_[k] - base_lrs_[k]) * height;
    if (momentum_)
      momentum_->set(max_momenta_[k] - (max_momenta_[k] - base_momenta_[k]) * height, k);
  }
  return lr;
}

void CyclicLR::visit(Visitor& v) {
  LRScheduler::visit(v);
  v.number("total_size", total_size_);
  v.number("step_ratio", step_ratio_);
  v.number("gamma", gamma_);
  v.list("max_lrs", max_lrs_);
  v.list("max_momentums", max_momenta_);
  v.list("base_momentums", base_momenta_);
}

}  // namespace rw::optim
