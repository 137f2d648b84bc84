#include <rewind/train/fit.h>

#include <algorithm>
#include <iostream>

#include <rewind/autograd/autocast.h>
#include <rewind/autograd/grad_mode.h>
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

// Puts the model back into the mode that it was in.
class ModeGuard {
 public:
  explicit ModeGuard(nn::Module& model) : model_(model), before_(model.is_training()) {}
  ModeGuard(const ModeGuard&) = delete;
  ~ModeGuard() { model_.train(before_); }

 private:
  nn::Module& model_;
  bool before_;
};

class Fit {
 public:
  Fit(nn::Module& model, const Forward& forward, const Loader& loader, optim::Optimizer& optimizer,
      const FitOptions& options)
      : forward_(forward),
        loader_(loader),
        options_(options),
        run_{model, optimizer},
        totals_(options.metrics) {
    run_.epochs = options.epochs;
  }

  History operator()() {
    const ModeGuard mode(run_.model);
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
    each_callback(&Callback::on_epoch_begin);
    train(counts_samples);
    seconds_ += progress.seconds();
    if (run_.history.interrupted) return end_interrupted(progress);

    run_.values = totals_.values();
    if (options_.validation.defined()) validate();
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
    batch_ = 0, seconds_ = 0;
    totals_.reset();
    save();
  }

  void train(bool counts_samples) {
    run_.model.train();
    loader_.each([&](const Tensor& data, const Tensor& target) {
      if (skip_ > 0) return --skip_, true;  // seen before training was interrupted
      step(data, target);
      if (progress_) show(counts_samples ? data.size(0) : 1);
      return !run_.history.interrupted;
    });
  }

  void show(int64_t items) {
    if (progress_->is_due() && !progress_->values().empty()) {  // the loss comes first
      Values live = totals_.values();
      live.erase(live.begin());  // it: progress makes its mean
      progress_->set(live);
    }
    progress_->update(items, {{"loss", last_}});
  }

  void step(const Tensor& data, const Tensor& target) {
    // As many batches as make up this step; there may be less at the end.
    const int64_t first = batch_ / options_.accumulate * options_.accumulate;
    const int64_t count = std::min(options_.accumulate, loader_.size() - first);
    if (batch_ == first) run_.optimizer.zero_grad();
    Tensor output, loss;
    {
      const autocast lower(options_.autocast || is_autocast_enabled());
      output = forward_(data);
      loss = options_.loss(output, target);
    }
    (count > 1 ? loss / static_cast<double>(count) : loss).backward();
    last_ = totals_.update(loss, output, target);
    ++batch_;
    if (batch_ - first < count) return;

    const std::vector<Tensor> parameters = run_.model.parameters();
    if (options_.clip_grad_value)
      nn::utils::clip_grad_value_(parameters, *options_.clip_grad_value);
    if (options_.clip_grad_norm) nn::utils::clip_grad_norm_(parameters, *options_.clip_grad_norm);
    run_.optimizer.step();
    ++run_.step;
    run_.values = {{"loss", last_}, {"lr", run_.optimizer.lr()}};
    if (options_.scheduler && options_.schedule_steps) options_.scheduler->step();
    each_callback(&Callback::on_step_end);
    run_.history.interrupted = options_.handle_signals && InterruptGuard::interrupted();
    const bool is_due = options_.save_every > 0 && run_.step % options_.save_every == 0;
    if (is_due && !run_.history.interrupted) save();
  }

  void validate() {
    const no_grad guard;
    run_.model.eval();
    Totals totals(options_.metrics);
    options_.validation.each([&](const Tensor& data, const Tensor& target) {
      const autocast lower(options_.autocast || is_autocast_enabled());
      const Tensor output = forward_(data);
      totals.update(options_.loss(output, target), output, target);
      return true;
    });
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
    std::string text = fmt::format("Interrupted in epoch {} of {}, after {} of {} batches. ",
                                   run_.epoch + 1, run_.epochs, batch_, loader_.size());
    if (options_.save_to.empty()) {
      text += "Nothing was saved: that takes a file, fit's option save_to.";
    } else {
      save();
      text += "To go on from there, run the program again: all is in " + options_.save_to + ".";
    }
    (options_.progress.out ? *options_.progress.out : std::cout) << text << std::endl;
  }

  // What the file has: a part for each thing that has a state.
  void name_parts() {
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
  }
  void save() {
    if (!options_.save_to.empty()) state_.save(options_.save_to);
  }
  void restore() {
    if (options_.save_to.empty()) return;
    name_parts();
    if (!state_.resume(options_.save_to) || loader_.has_state()) return;
    loader_.set_epoch(run_.epoch);
    skip_ = batch_;
  }

  const Forward& forward_;
  const Loader& loader_;
  const FitOptions& options_;
  Run run_;
  Totals totals_;  // of the epoch so far
  HistoryPart history_{run_.history};
  TrainingState state_;
  int64_t batch_ = 0;   // batches of the epoch that are done
  int64_t skip_ = 0;    // batches that the loader gives once more
  double seconds_ = 0;  // that the epoch took, before training was interrupted
  double last_ = 0;     // the loss of the last batch
  Progress* progress_ = nullptr;
};

}  // namespace

History fit(nn::Module& model, const Forward& forward, const Loader& loader,
            optim::Optimizer& optimizer, const FitOptions& options) {
  check_options(loader, options);
  return Fit(model, forward, loader, optimizer, options)();
}

}  // namespace rw::training::detail
