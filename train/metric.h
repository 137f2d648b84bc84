#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <rewind/tensor/state_dict.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

/// Numbers that tell how good a model is, gathered batch by batch.
namespace rw::metrics {

/// What all metrics have in common. `update` takes in a batch, `compute` tells what all of them
/// come to. What was gathered is a state of tensors: parts that were gathered by several processes
/// or threads are merged, and then equal the whole. Copies go their own ways.
class Metric {
 public:
  virtual ~Metric() = default;

  /// The class, as messages name it.
  const char* name() const { return name_; }
  /// What has been seen so far comes to, in float64: one number, or one for each class. Where
  /// nothing has been seen it is NaN; counts are 0 then, and what has a value for 0 / 0
  /// (`zero_division`) is that.
  virtual Tensor compute() const = 0;
  /// The same as a number. Throws where there are several.
  double value() const;
  /// Back to nothing seen.
  virtual void reset() { take(initial_); }
  /// Takes in what another metric of this class and these options has seen. Throws, and changes
  /// nothing, for any other.
  void merge(const Metric& other);
  /// The options that decide what is gathered, as "k = 5"; empty where there are none.
  virtual std::string options() const { return {}; }

  /// A copy of what was gathered.
  StateDict state_dict() const { return gathered().clone(); }
  /// Takes the place of what was gathered. Throws, and changes nothing, where names, shapes or
  /// dtypes are others, or where no such metric could have gathered it.
  void load_state_dict(const StateDict& state);

 protected:
  /// `name` is a literal. `initial` is the state of nothing seen.
  Metric(const char* name, StateDict initial);
  ///@{
  /// Copies share tensors, which nobody writes to.
  Metric(const Metric&) = default;
  Metric& operator=(const Metric&) = default;
  ///@}

  /// The k-th tensor of the state.
  const Tensor& state(size_t k) const { return state_[k].second; }
  /// The k-th tensor as a number.
  double number(size_t k) const { return state(k).item<double>(); }
  /// Replaces it.
  void set_state(size_t k, const Tensor& t) { state_[k].second = t; }
  ///@{
  /// Adds to it.
  void add(size_t k, const Tensor& more);
  void add(size_t k, double more);
  ///@}
  /// Takes a state of equal names into this one: sums, unless a metric knows better.
  virtual void combine(const StateDict& other);
  /// Whether tensor k may have another number of rows than it has.
  virtual bool has_any_length(size_t k) const { return (void)k, false; }
  /// Throws, for a function of this name, unless the numbers of a state of the right shapes are
  /// possible ones.
  virtual void check_numbers(const char* what, const StateDict& state) const {
    (void)what, (void)state;
  }
  ///@{
  /// All that was gathered, and setting it.
  virtual StateDict gathered() const { return state_; }
  virtual void take(const StateDict& state) { state_ = state; }
  ///@}

 private:
  StateDict checked(const char* what, const StateDict& other) const;

  const char* name_;
  StateDict initial_, state_;
};

/// Base of metrics of what a model makes of data, and of what it was to make.
class PairMetric : public Metric {
 public:
  /// Takes in a batch. Throws, and changes nothing, where both do not fit.
  virtual void update(const Tensor& input, const Tensor& target) = 0;

 protected:
  using Metric::Metric;
};

/// The mean of numbers, each by its weight:
///
///     metrics::Mean loss;
///     loss.update(batch_loss, batch_size);
class Mean : public Metric {
 public:
  Mean();
  /// One number.
  void update(double value, double weight = 1);
  /// All elements of a tensor, each by this weight.
  void update(const Tensor& values, double weight = 1);
  Tensor compute() const override;
};

/// Items in a second. Merged parts count as made at the same time: their items add up, and the
/// longest time counts.
class Throughput : public Metric {
 public:
  /// Time begins here.
  Throughput();
  /// Items done since the last update, or since the beginning. Throws for less than none.
  void update(int64_t items);
  /// Items done in a time that was measured.
  void update(int64_t items, double seconds);
  Tensor compute() const override;
  /// Time begins anew.
  void reset() override;

 private:
  void combine(const StateDict& other) override;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace rw::metrics

#pragma GCC visibility pop
