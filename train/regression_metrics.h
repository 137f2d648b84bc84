#pragma once

#include <rewind/train/metric.h>

#pragma GCC visibility push(default)

namespace rw::metrics {

// The metrics of this header take predictions and targets of equal shape, of any numbers, and
// compute in float64.

/// What MeanSquaredError takes by name.
struct MeanSquaredErrorOptions {
  bool squared = true;  ///< the mean of squares; else its root
};

/// The mean of (input - target)^2.
class MeanSquaredError : public PairMetric {
 public:
  /// Of nothing yet.
  explicit MeanSquaredError(const MeanSquaredErrorOptions& options = {});
  void update(const Tensor& input, const Tensor& target) override;
  Tensor compute() const override;

 private:
  MeanSquaredErrorOptions options_;
};

/// The mean of |input - target|.
class MeanAbsoluteError : public PairMetric {
 public:
  MeanAbsoluteError();
  void update(const Tensor& input, const Tensor& target) override;
  Tensor compute() const override;
};

/// How the numbers of several outputs become one.
enum class Multioutput : uint8_t {
  uniform_average,   ///< their mean
  raw_values,        ///< they don't: one number for each output
  variance_weighted  ///< their mean by the variances of the targets
};

/// What R2Score takes by name.
struct R2ScoreOptions {
  int64_t num_outputs = 1;  ///< numbers that are predicted for each sample
  Multioutput multioutput = Multioutput::uniform_average;  ///< how they become one
};

/// 1 - (sum of squared errors) / (sum of squared distances from the mean target): 1 for perfect
/// predictions, 0 for always the mean. Of targets that are all the same it is 1 where all are hit,
/// else 0; NaN for less than two samples. Values are scikit-learn's.
class R2Score : public PairMetric {
 public:
  /// Throws unless num_outputs > 0.
  explicit R2Score(const R2ScoreOptions& options = {});
  /// Both [N], or [N, num_outputs].
  void update(const Tensor& input, const Tensor& target) override;
  Tensor compute() const override;

 private:
  void combine(const StateDict& other) override;
  R2ScoreOptions options_;
};

}  // namespace rw::metrics

#pragma GCC visibility pop
