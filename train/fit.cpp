#include <rewind/train/fit.h>

#include <algorithm>
#include <iostream>

#include <rewind/autograd/autocast.h>
#include <rewind/autograd/grad_mode.h>
#include <rewind/autograd/sparse_grad.h>
#include <rewind/io/utf8.h>
#include <rewind/nn/utils.h>
#include <rewind/ops/pointwise.h>
#include <rewind/optim/schedulers/plateau.h>
#include <rewind/optim/schedulers/scheduler.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/generator.h>
#include <rewind/train/fit_state.h>
#include <rewind/train/interrupt.h>

namespace rw::training::detail {

namespace {

void check_options(const Loader& loader, const FitOptions& o) {
  check(static_cast<bool>(o.loss),
        "fit: expected options.loss, a function of output and target, got none");
  check(loader.defined(), "fit: expected a loader, got none");
  check(o.epochs >= 0, "fit: expected epochs >= 0, got {}", o.epochs);
  check(o.accumulate > 0, "fit: expected accumulate > 0, got {}", o.accumulate);
  check(o.save_every >= 0, "fit: expected save_every >= 0, got {}", o.save_every);
  check(!o.clip_grad_norm || *o.clip_grad_norm >= 0, "fit: expected clip_grad_norm >= 0, got {}",
        o.clip_grad_norm.value_or(0));
  check(!o.clip_grad_value || *o.clip_grad_value >= 0, "fit: expected clip_grad_value >= 0, got {}",
        o.clip_grad_value.value_or(0));
}

// The names of an epoch's numbers, in order.
std::vector<std::string> names_of(const FitOptions& o) {
  std::vector<std::string> names;
  for (const char* prefix : {"", "val_"}) {
    if (*prefix && !o.validation.defined()) continue;
    names.push_back(std::string(prefix) + "loss");
    for (const NamedMetric& metric : o.metrics) names.push_back(prefix + metric.name);
  }
  names.insert(names.end(), {"lr", "seconds"});
  return names;
}

// What would otherwise be found when the first epoch ends.
void check_numbers(const FitOptions& o) {
  for (const NamedMetric& metric : o.metrics) {
    const std::string& name = metric.name;
    check(!name.empty() && name != "loss" && name != "lr" && name != "seconds" &&
              !name.starts_with("val_"),
          "fit: expected a name for a metric that is not empty, \"loss\", \"lr\" or \"seconds\" "
          "and does not begin with \"val_\", got \"{}\"",
          name);
    check(io::first_no_character(name) == name.npos,
          "fit: expected a name in UTF-8 for a metric, got {}", name);
    try {
      metric.make()->value();
    } catch (Error& e) {
      e.set_place("fit: metric '" + name + "'");
      throw;
    }
  }
  const std::vector<std::string> names = names_of(o);
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  check(twice == sorted.end(), "fit: there are two metrics of the name '{}'",
        twice == sorted.end() ? "" : *twice);
  for (const Callback& callback : o.callbacks)
    if (const auto* monitor = dynamic_cast<const Monitor*>(&callback)) monitor->check_names(names);
}

// The modes of a model's modules: puts them back in the end.
class ModeGuard {
 public:
  explicit ModeGuard(nn::Module& model) : model_(model) {
    for (const auto& [name, module] : model.named_modules())
      before_.emplace_back(module, module->is_training());
  }
  ModeGuard(const ModeGuard&) = delete;
  ~ModeGuard() { restore(); }
  // Training mode, but for what was in evaluation mode within a model that was not.
  void train() const {
    if (before_.front().second)
      restore();
    else
      model_.train();
  }

 private:
  void restore() const {
    for (const auto& [module, mode] : before_) module->train(mode);  // each before those below it
  }

  nn::Module& model_;
  std::vector<std::pair<nn::Module*, bool>> before_;
};

// Multiplies all gradients.
void scale_gradients(const std::vector<Tensor>& parameters, double factor) {
  if (factor == 1) return;
  const no_grad guard;
  for (const Tensor& p : parameters)
    if (Tensor g = rw::detail::changeable_grad(p); g.defined()) g.mul_(factor);
}

class Fit {
 public:
  Fit(nn::Module& model, const Forward& forward, const Loader& loader, optim::Optimizer& optimizer,
      const FitOptions& options)
      : forward_(forward),
        loader_(loader),
        options_(options),
        mode_(model),
        run_{model, optimizer},
        totals_(options.metrics) {
    run_.epochs = options.epochs;
  }

  History operator()() {
    const InterruptGuard guard(options_.handle_signals);
    restore();
    each_callback(&Callback::on_train_begin);
    while (run_.epoch < run_.epochs && !run_.stop && !run_.history.interrupted) epoch();
    each_callback(&Callback::on_train_end);
    return std::move(run_.history);
  }

 private:
  void each_callback(void (Callback::*moment)(Run&)) {
    for (Callback& callback : options_.callbacks) (callback.*moment)(run_);
  }

  void epoch() {
    const bool counts_samples = loader_.samples() > 0;
    ProgressOptions how = options_.progress;
    if (!counts_samples) how.unit = "batches";
    how.begin = counts_samples ? totals_.samples() : batch_;
    Progress progress(fmt::format("epoch {}/{}", run_.epoch + 1, run_.epochs),
                      counts_samples ? loader_.samples() : loader_.size(), how);
    progress_ = options_.show_progress ? &progress : nullptr;
    next_metrics_ = 0;
    each_callback(&Callback::on_epoch_begin);
    if (!trained_) train(counts_samples);
    seconds_ += progress.seconds();
    if (run_.history.interrupted) return end_interrupted(progress);
    if (options_.validation.defined() || !options_.callbacks.empty()) save();  // they may throw

    run_.values = totals_.values();
    if (options_.validation.defined()) validate();
    if (run_.history.interrupted) return end_interrupted(progress);
    schedule();
    run_.values.emplace_back("seconds", seconds_);
    if (progress_) {
      Values shown = run_.values;
      shown.resize(shown.size() - 2);  // neither rate nor time
      progress.set(shown);
      progress.finish();
    }
    run_.history.epochs.push_back(run_.values);
    each_callback(&Callback::on_epoch_end);
    ++run_.epoch;
    batch_ = 0, seconds_ = 0, trained_ = false;
    totals_.reset();
    save();
    if (!is_interrupted() || run_.epoch >= run_.epochs) return;
    tell_interrupted();
  }

  // Whether a signal came, which the history then has.
  bool is_interrupted() {
    if (options_.handle_signals && InterruptGuard::interrupted()) run_.history.interrupted = true;
    return run_.history.interrupted;
  }

  void train(bool counts_samples) {
    mode_.train();
    loader_.each([&](const Tensor& data, const Tensor& target) {
      if (skip_ > 0) return --skip_, true;  // seen before training was interrupted
      step(data, target);
      if (progress_) show(counts_samples ? data.size(0) : 1);
      return !run_.history.interrupted;
    });
    skip_ = 0;  // a loader may have given less than it said
    trained_ = !run_.history.interrupted;
  }

  void show(int64_t items) {
    // The loss comes first. Metrics that are dear to compute are shown less often.
    const double now = progress_->seconds();
    if (progress_->is_due() && !progress_->values().empty() && now >= next_metrics_) {
      Values live = totals_.values();
      live.erase(live.begin());  // it: progress makes its mean
      progress_->set(live);
      const double end = progress_->seconds();
      next_metrics_ = end + 50 * (end - now);
    }
    progress_->update(items, {{"loss", last_}});
  }

  void step(const Tensor& data, const Tensor& target) {
    // As many batches as make up this step; there may be less at the end.
    const int64_t first = batch_ / options_.accumulate * options_.accumulate;
    const int64_t count = std::min(options_.accumulate, loader_.size() - first);
    const auto samples = static_cast<double>(std::max<int64_t>(samples_of(target), 1));
    if (batch_ == first) {
      run_.optimizer.zero_grad();
      first_samples_ = samples, step_samples_ = 0;
    }
    Tensor output, loss;
    {
      const autocast lower(options_.autocast || is_autocast_enabled());
      output = forward_(data);
      loss = options_.loss(output, target);
    }
    // Each sample counts the same: gradients are sums in units of the first batch's mean.
    (samples == first_samples_ ? loss : loss * (samples / first_samples_)).backward();
    step_samples_ += samples;
    last_ = totals_.update(loss, output, target);
    ++batch_;
    if (batch_ - first < count) return;

    const std::vector<Tensor> parameters = run_.optimizer.parameters();
    scale_gradients(parameters, first_samples_ / step_samples_);
    if (options_.clip_grad_value)
      nn::utils::clip_grad_value_(parameters, *options_.clip_grad_value);
    if (options_.clip_grad_norm) nn::utils::clip_grad_norm_(parameters, *options_.clip_grad_norm);
    run_.optimizer.step();
    ++run_.step;
    run_.values = {{"loss", last_}, {"lr", run_.optimizer.lr()}};
    if (options_.scheduler && options_.schedule_steps) options_.scheduler->step();
    each_callback(&Callback::on_step_end);
    is_interrupted();
    const bool is_due = options_.save_every > 0 && run_.step % options_.save_every == 0;
    if (is_due && !run_.history.interrupted) save();
  }

  void validate() {
    const no_grad guard;
    run_.model.eval();
    // As what a validation that is cut short begins with again.
    const StateDict loader = options_.validation.state_dict().clone();
    const Generator generator = default_generator();
    Totals totals(options_.metrics);
    options_.validation.each([&](const Tensor& data, const Tensor& target) {
      const autocast lower(options_.autocast || is_autocast_enabled());
      const Tensor output = forward_(data);
      totals.update(options_.loss(output, target), output, target);
      return !is_interrupted();
    });
    if (is_interrupted()) {
      if (options_.validation.has_state()) options_.validation.load_state_dict(loader);
      default_generator() = generator;
      return;
    }
    for (auto& value : totals.values("val_")) run_.values.push_back(std::move(value));
  }

  void schedule() {
    run_.values.emplace_back("lr", run_.optimizer.lr());
    if (options_.scheduler && !options_.schedule_steps) options_.scheduler->step();
    if (!options_.plateau) return;
    options_.plateau->step(run_.value("fit", options_.validation.defined() ? "val_loss" : "loss"));
  }

  void end_interrupted(Progress& progress) {
    if (progress_) progress.finish();
    save();
    tell_interrupted();
  }

  void tell_interrupted() {
    if (!options_.show_progress) return;
    std::string text = fmt::format("Interrupted in epoch {} of {}, after {} of {} batches. ",
                                   run_.epoch + 1, run_.epochs, batch_, loader_.size());
    if (options_.save_to.empty()) {
      text += "Nothing was saved: that takes a file, fit's option save_to.";
    } else {
      text += "What it goes on from is in " + options_.save_to + ".";
    }
    (options_.progress.out ? *options_.progress.out : std::cout) << text << std::endl;
  }

  // What the file has: a part for each thing that has a state.
  void name_parts() {
    setup_.text = fmt::format("{} batches of {} samples{}", loader_.size(), loader_.samples(),
                              totals_.description());
    state_.add("setup", setup_);
    state_.add("model", run_.model);
    state_.add("optimizer", run_.optimizer);
    if (options_.scheduler) state_.add("scheduler", *options_.scheduler);
    if (options_.plateau) state_.add("plateau", *options_.plateau);
    int count = 0;
    for (Callback& callback : options_.callbacks)
      if (!callback.state_dict().empty()) state_.add(fmt::format("callback{}", count++), callback);
    if (loader_.has_state()) state_.add("loader", loader_);
    if (options_.validation.has_state()) state_.add("validation", options_.validation);
    state_.add("loss", totals_.loss);
    for (size_t i = 0; i < totals_.metrics.size(); ++i)
      state_.add(fmt::format("metric{}", i), *totals_.metrics[i]);
    state_.add("history", history_);
    state_.add("generator", default_generator());
    state_.add("epoch", run_.epoch), state_.add("step", run_.step), state_.add("stop", run_.stop);
    state_.add("batch", batch_), state_.add("seconds", seconds_);
    state_.add("trained", trained_);
  }
  void save() {
    if (!options_.save_to.empty()) state_.save(options_.save_to);
  }
  void restore() {
    if (options_.save_to.empty()) return;
    name_parts();
    if (!state_.resume(options_.save_to) || loader_.has_state()) return;
    loader_.set_epoch(run_.epoch + (trained_ ? 1 : 0));
    skip_ = trained_ ? 0 : batch_;
  }

  const Forward& forward_;
  const Loader& loader_;
  const FitOptions& options_;
  const ModeGuard mode_;
  Run run_;
  Totals totals_;  // of the epoch so far
  HistoryPart history_{run_.history};
  SetupPart setup_;
  TrainingState state_;
  int64_t batch_ = 0;     // batches of the epoch that are done
  bool trained_ = false;  // all batches of the epoch are done, what follows is not
  int64_t skip_ = 0;      // batches that the loader gives once more
  double seconds_ = 0;    // that the epoch took, before training was interrupted
  double last_ = 0;       // the loss of the last batch
  double first_samples_ = 1, step_samples_ = 0;  // of the step's first batch, and so far
  double next_metrics_ = 0;  // when they are shown again, in seconds of the epoch
  Progress* progress_ = nullptr;
};

}  // namespace

History fit(nn::Module& model, const Forward& forward, const Loader& loader,
            optim::Optimizer& optimizer, const FitOptions& options) {
  check_options(loader, options);
  check_numbers(options);
  return Fit(model, forward, loader, optimizer, options)();
}

}  // namespace rw::training::detail
