#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <rewind/nn/module.h>
#include <rewind/optim/optimizer.h>
#include <rewind/tensor/state_dict.h>
#include <rewind/train/progress.h>

#pragma GCC visibility push(default)

namespace rw::io {
class SummaryWriter;
}

namespace rw::training {

/// What became of a training: the numbers of each epoch by their names.
struct History {
  std::vector<Values> epochs;  ///< "loss", metrics, "val_loss", …, "lr" and "seconds"
  /// Whether Ctrl-C or SIGTERM ended it.
  bool interrupted = false;

  /// The numbers of one name, epoch by epoch; NaN for epochs without. Throws IndexError where none
  /// has it.
  std::vector<double> operator[](const std::string& name) const;
  /// All names, in the order in which they came.
  std::vector<std::string> names() const;
};

/// A training on its way, as callbacks see and steer it.
struct Run {
  nn::Module& model;            ///< that is trained
  optim::Optimizer& optimizer;  ///< that trains it
  int64_t epochs = 0;           ///< how many there are to be
  int64_t epoch = 0;            ///< of now, from 0
  int64_t step = 0;             ///< steps that the optimizer has made, in all epochs
  Values values = {};           ///< of the step at on_step_end ("loss", "lr"), else of the epoch
  History history = {};         ///< of all epochs that are done
  bool stop = false;            ///< set it to end the training with this epoch

  /// One of the values. Throws IndexError, for what the name says it is looked up, where there is
  /// none.
  double value(const char* who, const std::string& name) const;
};

/// Does something at certain moments of a training.
class Callback {
 public:
  virtual ~Callback() = default;
  virtual void on_train_begin(Run& run) { (void)run; }  ///< before the first epoch, or going on
  virtual void on_epoch_begin(Run& run) { (void)run; }  ///< or going on within one
  virtual void on_step_end(Run& run) { (void)run; }     ///< after each step of the optimizer
  virtual void on_epoch_end(Run& run) { (void)run; }    ///< after validation
  virtual void on_train_end(Run& run) { (void)run; }    ///< however it ends, but by an exception
  ///@{
  /// What it has to know when training goes on in another process.
  virtual StateDict state_dict() const { return {}; }
  virtual void load_state_dict(const StateDict& state) { (void)state; }
  ///@}
};

/// Callbacks in the order in which they are called; they have to outlive the training.
using Callbacks = std::vector<std::reference_wrapper<Callback>>;

/// What EarlyStopping and BestModel take by name.
struct MonitorOptions {
  std::string monitor = "val_loss";  ///< the name of a number of the epochs
  std::string mode = "min";          ///< whether it is to fall, or to rise: "max"
  double min_delta = 0;              ///< a change by no more than this is none
};

/// Base of callbacks that look at whether a number gets better.
class Monitor : public Callback {
 public:
  /// The best number so far; infinite before the first.
  double best() const { return best_; }
  /// The epoch that it is of; -1 before the first.
  int64_t best_epoch() const { return best_epoch_; }
  StateDict state_dict() const override;
  void load_state_dict(const StateDict& state) override;
  /// Throws IndexError unless the number is one of these.
  void check_names(const std::vector<std::string>& names) const;

 protected:
  /// Throws for an unknown mode. `name` is a literal.
  Monitor(const char* name, MonitorOptions options);
  /// Whether this epoch is the best so far, which it notes.
  bool improved(const Run& run);

 private:
  const char* name_;
  MonitorOptions options_;
  double best_;
  int64_t best_epoch_ = -1;
};

/// Ends the training once a number has not become better for `patience` epochs.
class EarlyStopping : public Monitor {
 public:
  /// Throws unless patience > 0, and for an unknown mode.
  explicit EarlyStopping(int64_t patience, const MonitorOptions& options = {});
  void on_epoch_end(Run& run) override;

 private:
  int64_t patience_;
};

/// Keeps a copy of the model's state of the epoch with the best number:
///
///     training::BestModel best({.monitor = "val_accuracy", .mode = "max"});
///     training::fit(model, loader, optimizer, {…, .callbacks = {best}});
///     model.load_state_dict(best.state());
class BestModel : public Monitor {
 public:
  /// Throws for an unknown mode.
  explicit BestModel(const MonitorOptions& options = {});
  /// The copy; empty before the first epoch ends.
  const StateDict& state() const { return state_; }
  void on_epoch_end(Run& run) override;
  StateDict state_dict() const override;
  void load_state_dict(const StateDict& state) override;

 private:
  StateDict state_;
};

/// Writes the numbers of steps and epochs for TensorBoard: "loss/step", "loss/train", "loss/val",
/// "accuracy/train" and so on, by steps.
class TensorBoard : public Callback {
 public:
  /// The writer has to outlive it.
  explicit TensorBoard(io::SummaryWriter& writer) : writer_(&writer) {}
  void on_step_end(Run& run) override;
  void on_epoch_end(Run& run) override;
  void on_train_end(Run& run) override;

 private:
  io::SummaryWriter* writer_;
};

}  // namespace rw::training

#pragma GCC visibility pop
