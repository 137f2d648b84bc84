#include <rewind/optim/schedulers/combined.h>

#include <algorithm>

#include <rewind/tensor/check.h>

namespace rw::optim {

namespace {

Optimizer& common_optimizer(const char* name, const Schedulers& schedulers, Optimizer* optimizer,
                            Optimizer* (*of)(LRScheduler&)) {
  check(!schedulers.empty(), "{}: expected at least one scheduler", name);
  if (!optimizer) optimizer = of(schedulers[0]);
  for (size_t i = 0; i < schedulers.size(); ++i)
    check(of(schedulers[i]) == optimizer, "{}: scheduler {}, {}, is of another optimizer", name, i,
          schedulers[i].get().name());
  return *optimizer;
}

Optimizer* optimizer_of(LRScheduler& s) { return const_cast<Optimizer*>(&s.optimizer()); }

std::string prefix(size_t i) { return fmt::format("_schedulers.{}.", i); }

void add_states(const Schedulers& schedulers, StateDict& state) {
  for (size_t i = 0; i < schedulers.size(); ++i)
    for (const auto& [name, t] : schedulers[i].get().state_dict())
      state.emplace_back(prefix(i) + name, t);
}

void load_states(const Schedulers& schedulers, const StateDict& state) {
  std::vector<StateDict> before;
  for (size_t i = 0; i < schedulers.size(); ++i) {
    StateDict own;
    for (const auto& [name, t] : state)
      if (name.starts_with(prefix(i))) own.emplace_back(name.substr(prefix(i).size()), t);
    before.push_back(schedulers[i].get().state_dict());
    try {
      schedulers[i].get().load_state_dict(own);
    } catch (...) {
      for (size_t j = 0; j < i; ++j) schedulers[j].get().load_state_dict(before[j]);
      throw;
    }
  }
}

// The own part first, which is `before` again where another one does not fit.
template <class LoadOwn>
void load_all(const Schedulers& schedulers, const StateDict& state, const StateDict& before,
              const LoadOwn& load_own) {
  load_own(state);
  try {
    load_states(schedulers, state);
  } catch (...) {
    load_own(before);
    throw;
  }
}

}  // namespace

SequentialLR::SequentialLR(Optimizer& optimizer, const Schedulers& schedulers,
                           const std::vector<int64_t>& milestones, int64_t last_epoch)
    : LRScheduler("SequentialLR",
                  common_optimizer("SequentialLR", schedulers, &optimizer, optimizer_of), -1),
      schedulers_(schedulers),
      milestones_(milestones.begin(), milestones.end()) {
  check(milestones.size() + 1 == schedulers.size(),
        "SequentialLR: expected one milestone less than schedulers, got {} and {}",
        milestones.size(), schedulers.size());
  check(std::is_sorted(milestones.begin(), milestones.end()),
        "SequentialLR: expected milestones in order");
  last_epoch_ = static_cast<double>(last_epoch + 1);
  // What the schedulers did when they were made is undone, but for the first one's.
  set_lr(base_lrs_);
  undo();
  last_epoch_ = static_cast<double>(last_epoch + 1);
  LRScheduler& first = schedulers_[static_cast<size_t>(
      std::upper_bound(milestones_.begin(), milestones_.end(), 0) - milestones_.begin())];
  first.start();
  last_lr_ = first.get_last_lr();
}

size_t SequentialLR::active() const {
  const auto next = std::upper_bound(milestones_.begin(), milestones_.end(), last_epoch_);
  return static_cast<size_t>(next - milestones_.begin());
}

void SequentialLR::step() {
  ++last_epoch_;
  const size_t i = active();
  LRScheduler& scheduler = schedulers_[i];
  if (i > 0 && milestones_[i - 1] == last_epoch_)
    scheduler.begin_anew();
  else
    scheduler.step();
  last_lr_ = scheduler.get_last_lr();
}

void SequentialLR::undo() {
  for (LRScheduler& s : schedulers_) s.undo();
}

std::vector<double> SequentialLR::get_lr() {
  fail("SequentialLR: it can't begin at a milestone of another one; list its schedulers there");
}
void SequentialLR::visit(Visitor& v) {
  LRScheduler::visit(v);
  v.list("_milestones", milestones_);
}
StateDict SequentialLR::state_dict() const {
  StateDict state = LRScheduler::state_dict();
  add_states(schedulers_, state);
  return state;
}
void SequentialLR::load_state_dict(const StateDict& state) {
  load_all(schedulers_, state, LRScheduler::state_dict(),
           [this](const StateDict& own) { LRScheduler::load_state_dict(own); });
}

ChainedScheduler::ChainedScheduler(const Schedulers& schedulers)
    : LRScheduler("ChainedScheduler",
                  common_optimizer("ChainedScheduler", schedulers, nullptr, optimizer_of), -1),
      schedulers_(schedulers) {
  last_epoch_ = 0;
}
void ChainedScheduler::step() {
  for (LRScheduler& s : schedulers_) s.step();
  ++last_epoch_;
  last_lr_ = current_lr();
}
void ChainedScheduler::undo() {
  for (LRScheduler& s : schedulers_) s.undo();
}
std::vector<double> ChainedScheduler::get_lr() {
  fail("ChainedScheduler: it can't begin at a milestone; list its schedulers in a SequentialLR");
}
StateDict ChainedScheduler::state_dict() const {
  StateDict state = LRScheduler::state_dict();
  add_states(schedulers_, state);
  return state;
}
void ChainedScheduler::load_state_dict(const StateDict& state) {
  load_all(schedulers_, state, LRScheduler::state_dict(),
           [this](const StateDict& own) { LRScheduler::load_state_dict(own); });
}

}  // namespace rw::optim
