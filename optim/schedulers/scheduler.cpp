#include <rewind/optim/schedulers/scheduler.h>

#include <algorithm>

#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/from.h>

namespace rw::optim {

StateDict Scheduler::state_dict() const {
  struct Save final : Visitor {
    StateDict state;
    void number(const char* name, double& v) override {
      state.emplace_back(name, scalar_tensor(v, float64));
    }
    void list(const char* name, std::vector<double>& v) override {
      state.emplace_back(name, from(v, {static_cast<int64_t>(v.size())}));
    }
  } save;
  const_cast<Scheduler*>(this)->visit(save);
  return std::move(save.state);
}

void Scheduler::load_state_dict(const StateDict& state) {
  struct Load final : Visitor {
    const char* scheduler;
    const StateDict& state;
    bool is_checked = false;
    Load(const char* name, const StateDict& s) : scheduler(name), state(s) {}

    void take(const char* name, double* to, size_t n) {
      if (is_checked) {
        const auto values = state.at(name).to_vector<double>();
        std::copy(values.begin(), values.end(), to);
        return;
      }
      check(state.contains(name), "{}: load_state_dict: there is no '{}'", scheduler, name);
      const Tensor& t = state.at(name);
      check<ShapeError>(t.defined() && t.numel() == static_cast<int64_t>(n),
                        "{}: load_state_dict: expected {} numbers in '{}', got {}", scheduler, n,
                        name, t.defined() ? t.numel() : 0);
    }
    void number(const char* name, double& v) override { take(name, &v, 1); }
    void list(const char* name, std::vector<double>& v) override { take(name, v.data(), v.size()); }
  } load(name_, state);
  visit(load);
  load.is_checked = true;
  visit(load);
}

void Scheduler::visit(Visitor& v) {
  v.number("last_epoch", last_epoch_);
  v.list("_last_lr", last_lr_);
}

std::vector<double> Scheduler::for_groups(const char* option, const PerGroup& given) const {
  const size_t n = optimizer_->num_groups();
  if (!given.is_list) return std::vector<double>(n, given.values[0]);
  check(given.values.size() == n, "{}: expected {} for each of {} groups, got {}", name_, option, n,
        given.values.size());
  return given.values;
}

std::vector<double> Scheduler::current_lr() const {
  std::vector<double> lr;
  for (size_t k = 0; k < optimizer_->num_groups(); ++k) lr.push_back(optimizer_->lr(k));
  return lr;
}

void Scheduler::check_groups(size_t made_for) const {
  check(optimizer_->num_groups() == made_for,
        "{}: it was made for {} groups, and the optimizer has {} now: make the scheduler anew",
        name_, made_for, optimizer_->num_groups());
}

void Scheduler::set_lr(const std::vector<double>& lr) {
  check_groups(lr.size());
  for (size_t k = 0; k < lr.size(); ++k) optimizer_->set_lr(lr[k], k);
}

LRScheduler::LRScheduler(const char* name, Optimizer& optimizer, int64_t last_epoch)
    : Scheduler(name, optimizer) {
  last_epoch_ = static_cast<double>(last_epoch);
  for (size_t k = 0; k < optimizer.num_groups(); ++k) {
    const auto initial = optimizer.initial_lr(k);
    check(initial || last_epoch == -1,
          "{}: to go on from last_epoch {}, the optimizer has to know its initial rates: load its "
          "state first",
          name, last_epoch);
    base_lrs_.push_back(initial.value_or(optimizer.lr(k)));
  }
  last_lr_ = current_lr();
}

void LRScheduler::start() {
  for (size_t k = 0; k < base_lrs_.size(); ++k)
    if (!optimizer_->initial_lr(k)) optimizer_->set_initial_lr(base_lrs_[k], k);
  step_count_ = 0;
  is_initial_ = true;
  step();
  is_initial_ = false;
}

void LRScheduler::step() {
  const double epoch = last_epoch_, count = step_count_;
  try {
    ++step_count_;
    ++last_epoch_;
    update_lr(get_lr());
  } catch (...) {  // a function of the user's, or the end of a cycle
    last_epoch_ = epoch;
    step_count_ = count;
    throw;
  }
}

void LRScheduler::begin_anew() {
  last_epoch_ = 0;
  update_lr(closed_form_lr());
}

void LRScheduler::update_lr(std::vector<double> lr) {
  set_lr(lr);
  last_lr_ = std::move(lr);
}

void LRScheduler::visit(Visitor& v) {
  Scheduler::visit(v);
  v.list("base_lrs", base_lrs_);
  v.number("_step_count", step_count_);
}

std::vector<double> LRScheduler::base_times(double factor) const {
  std::vector<double> lr = base_lrs_;
  for (double& v : lr) v *= factor;
  return lr;
}
std::vector<double> LRScheduler::current_times(double factor) const {
  std::vector<double> lr = current_lr();
  for (double& v : lr) v *= factor;
  return lr;
}

namespace {

const OptionField* find(const std::vector<OptionField>& options, const char* name) {
  const auto it = std::find_if(options.begin(), options.end(),
                               [name](const OptionField& o) { return o.name == name; });
  return it == options.end() ? nullptr : &*it;
}

}  // namespace

CycledMomentum::CycledMomentum(const char* scheduler, Optimizer& optimizer)
    : optimizer_(optimizer) {
  const std::vector<OptionField> options = optimizer.options_of(0);
  option_ = find(options, "betas") ? "betas" : "momentum";
  check(find(options, option_) != nullptr,
        "{}: with cycle_momentum, expected an optimizer with momentum or betas, got {}", scheduler,
        optimizer.name());
}

void CycledMomentum::set(double momentum, size_t group) {
  const std::vector<OptionField> options = optimizer_.options_of(group);
  OptionField field = *find(options, option_);
  field.values[0] = momentum;
  optimizer_.set_option(group, field);
}

}  // namespace rw::optim
