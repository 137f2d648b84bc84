#include <rewind/train/fit_state.h>

#include <algorithm>
#include <limits>
#include <string_view>

#include <rewind/optim/schedulers/plateau.h>
#include <rewind/optim/schedulers/scheduler.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/from.h>
#include <rewind/tensor/generator.h>

namespace rw::training::detail {

namespace {

Tensor number(int64_t value) { return full({}, value, int64); }

void append(StateDict& out, const std::string& prefix, const StateDict& part) {
  for (const auto& [name, t] : part) out.emplace_back(prefix + name, t);
}

// What is named with this prefix, under the rest of the names.
StateDict part_of(const StateDict& state, std::string_view prefix) {
  StateDict out;
  for (const auto& [name, t] : state)
    if (name.starts_with(prefix)) out.emplace_back(name.substr(prefix.size()), t);
  return out;
}

// The numbers of all epochs, a vector for each name in the order in which they come.
StateDict history_state(const History& history) {
  StateDict out;
  for (const Values& values : history.epochs)
    for (const auto& [name, value] : values)
      if (!out.contains(name)) out.emplace_back(name, from(history[name]));
  return out;
}

History history_of(const StateDict& state, int64_t epochs) {
  History history;
  history.epochs.resize(static_cast<size_t>(epochs));
  for (const auto& [name, t] : state) {
    const std::vector<double> curve = t.to_vector<double>();
    check(curve.size() == history.epochs.size(), "fit: '{}' has {} epochs of {}", name,
          curve.size(), epochs);
    for (size_t i = 0; i < curve.size(); ++i) history.epochs[i].emplace_back(name, curve[i]);
  }
  return history;
}

// Calls f(prefix, part) for each part that has a state of its own.
template <class F>
void each_part(const FitOptions& o, const FitView& fit, F&& f) {
  f("optimizer.", fit.run.optimizer);
  if (o.scheduler) f("scheduler.", *o.scheduler);
  if (o.plateau) f("plateau.", *o.plateau);
  for (size_t i = 0; i < o.callbacks.size(); ++i)
    f("callbacks." + std::to_string(i) + ".", o.callbacks[i].get());
  f("loss.", fit.totals.loss);
  for (size_t i = 0; i < o.metrics.size(); ++i)
    f("metrics." + o.metrics[i].name + ".", *fit.totals.metrics[i]);
}

void load_parts(const FitOptions& options, const FitView& fit, const StateDict& state) {
  fit.run.model.load_state_dict(part_of(state, "model."));
  each_part(options, fit, [&](const std::string& prefix, auto& part) {
    part.load_state_dict(part_of(state, prefix));
  });
}

}  // namespace

StateDict fit_state(const FitOptions& options, const FitView& fit) {
  StateDict out;
  append(out, "model.", fit.run.model.state_dict());
  each_part(options, fit, [&](const std::string& prefix, const auto& part) {
    append(out, prefix, part.state_dict());
  });
  append(out, "loader.", fit.loader.state_dict());
  append(out, "history.", history_state(fit.run.history));
  const Generator& generator = default_generator();
  append(out, "fit.",
         {{"epoch", number(fit.run.epoch)},
          {"batch", number(fit.batch)},
          {"step", number(fit.run.step)},
          {"stop", number(fit.run.stop)},
          {"seconds", full({}, fit.seconds, float64)},
          {"seed", number(static_cast<int64_t>(generator.seed()))},
          {"counter", number(static_cast<int64_t>(generator.counter()))}});
  return out;
}

bool load_fit_state(const FitOptions& options, const FitView& fit, const StateDict& state) {
  const StateDict own = part_of(state, "fit.");
  const auto integer = [&](const char* name) { return own.at(name).item<int64_t>(); };
  const int64_t epoch = integer("epoch"), batch = integer("batch"), step = integer("step");
  const int64_t stop = integer("stop"), seed = integer("seed"), counter = integer("counter");
  const auto seconds = own.at("seconds").item<double>();
  check(epoch >= 0 && batch >= 0 && step >= 0,
        "fit: {}: expected an epoch, a batch and a step, got {}, {} and {}", options.save_to, epoch,
        batch, step);
  History history = history_of(part_of(state, "history."), epoch);

  const StateDict before = fit_state(options, fit).clone();
  bool goes_on = false;
  try {
    load_parts(options, fit, state);
    goes_on = fit.loader.go_to(part_of(state, "loader."), epoch);
  } catch (...) {
    load_parts(options, fit, before);
    throw;
  }
  fit.run.history = std::move(history);
  fit.run.epoch = epoch, fit.run.step = step, fit.run.stop = stop != 0;
  fit.batch = batch, fit.seconds = seconds;
  default_generator().manual_seed(static_cast<uint64_t>(seed));
  default_generator().set_counter(static_cast<uint64_t>(counter));
  return goes_on;
}

}  // namespace rw::training::detail
