#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include <rewind/optim/optimizer.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// One number for all groups of parameters, or one for each.
struct PerGroup {
  ///@{
  /// `0.1`, or `{0.1, 0.01}`.
  PerGroup(double all) : values{all} {}
  PerGroup(std::initializer_list<double> each) : values(each), is_list(true) {}
  PerGroup(std::vector<double> each) : values(std::move(each)), is_list(true) {}
  ///@}
  std::vector<double> values;  ///< one, or as many as there are groups
  bool is_list = false;        ///< whether there is one for each group
};

/// What all schedulers have: they change options of an optimizer, which has to outlive them.
class Scheduler {
 public:
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  virtual ~Scheduler() = default;

  /// The class, as messages name it.
  const char* name() const { return name_; }
  /// The optimizer it was made for.
  const Optimizer& optimizer() const { return *optimizer_; }
  /// The learning rates of the groups after the last step.
  const std::vector<double>& get_last_lr() const { return last_lr_; }
  /// How many steps were made.
  int64_t last_epoch() const { return static_cast<int64_t>(last_epoch_); }

  /// All its numbers under PyTorch's names, as float64 tensors of rank 0, lists of rank 1.
  /// Functions are not part of it.
  virtual StateDict state_dict() const;
  /// Takes them over. Throws, and changes nothing, where any is missing or of another size.
  virtual void load_state_dict(const StateDict& state);

 protected:
  /// Visits what is saved.
  struct Visitor {
    /// A number, to be read or written.
    virtual void number(const char* name, double& v) = 0;
    /// The same for a list.
    virtual void list(const char* name, std::vector<double>& v) = 0;

   protected:
    ~Visitor() = default;
  };
  /// `name` is a literal.
  Scheduler(const char* name, Optimizer& optimizer) : name_(name), optimizer_(&optimizer) {}
  /// Shows all numbers that are saved.
  virtual void visit(Visitor& v);

  /// The optimizer, to be changed.
  Optimizer& optim() const { return *optimizer_; }
  /// The values of all groups. Throws unless there are as many.
  std::vector<double> for_groups(const char* option, const PerGroup& given) const;
  /// The learning rates of the groups now.
  std::vector<double> current_lr() const;
  /// Throws unless the optimizer has as many groups.
  void check_groups(size_t made_for) const;
  /// Sets them. Throws unless there are as many as groups.
  void set_lr(const std::vector<double>& lr);

  const char* name_;             ///< a literal
  Optimizer* optimizer_;         ///< outlives the scheduler
  double last_epoch_ = -1;       ///< the number of the step
  std::vector<double> last_lr_;  ///< what the last step has set
};

/// Base of the schedulers that go by the number of steps: `step()` after each epoch, or after each
/// step of the optimizer. They change the rates of now, so that several may work on one optimizer.
/// The first is set when a scheduler is made.
class LRScheduler : public Scheduler {
 public:
  /// Sets the learning rates of the next epoch. Groups that have joined the optimizer meanwhile
  /// take part where the rates of now say all, and else it throws, as PyTorch's.
  virtual void step();

 protected:
  /// A scheduler of one's own calls start() at the end of its constructor. `last_epoch` is the
  /// number of the last step of a training that goes on; the optimizer then has to know the initial
  /// rates from its state.
  LRScheduler(const char* name, Optimizer& optimizer, int64_t last_epoch);
  /// The rates at last_epoch_, by the rates of now.
  virtual std::vector<double> get_lr() = 0;
  /// The same by the initial rates alone, for a scheduler that begins after others.
  virtual std::vector<double> closed_form_lr() { return get_lr(); }
  /// Makes the first step, which sets the rates of the first epoch.
  void start();
  void visit(Visitor& v) override;

  ///@{
  /// The initial rates times a factor, and those of now.
  std::vector<double> base_times(double factor) const;
  std::vector<double> current_times(double factor) const;
  ///@}

  std::vector<double> base_lrs_;  ///< the initial rates
  double step_count_ = 0;         ///< calls of step(), from start() on
  bool is_initial_ = false;       ///< while start() runs

 private:
  friend class SequentialLR;
  friend class ChainedScheduler;
  /// "Undoes" the first step.
  virtual void undo() { --last_epoch_; }
  void begin_anew();
  void update_lr(std::vector<double> lr);
};

/// The part of an optimizer's options that cycles along with its rates: "momentum", or the first of
/// "betas".
class CycledMomentum {
 public:
  /// Throws where the optimizer has neither.
  CycledMomentum(const char* scheduler, Optimizer& optimizer);
  /// Sets it in a group.
  void set(double momentum, size_t group);

 private:
  Optimizer& optimizer_;
  const char* option_;
};

}  // namespace rw::optim

#pragma GCC visibility pop
