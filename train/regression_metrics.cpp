#include <rewind/train/regression_metrics.h>

#include <limits>

#include <rewind/autograd/grad_mode.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::metrics {

namespace {

// input - target, in float64.
Tensor errors_of(const char* name, const Tensor& input, const Tensor& target) {
  check<ShapeError>(input.shape() == target.shape(),
                    "{}: expected predictions of the target's shape {}, got {}", name,
                    target.shape(), input.shape());
  return input.to(float64) - target.to(float64);
}

StateDict mean_of(const char* sum) {
  return {{sum, zeros({}, float64)}, {"total", zeros({}, int64)}};
}

}  // namespace

MeanSquaredError::MeanSquaredError(const MeanSquaredErrorOptions& options)
    : PairMetric("MeanSquaredError", mean_of("squared_error")), options_(options) {}

void MeanSquaredError::update(const Tensor& input, const Tensor& target) {
  const no_grad guard;
  const Tensor errors = errors_of(name(), input, target);
  add(0, errors.square().sum());
  add(1, full({}, errors.numel(), int64));
}

Tensor MeanSquaredError::compute() const {
  const Tensor mean = state(0) / state(1).to(float64);
  return options_.squared ? mean : mean.sqrt();
}

MeanAbsoluteError::MeanAbsoluteError()
    : PairMetric("MeanAbsoluteError", mean_of("absolute_error")) {}

void MeanAbsoluteError::update(const Tensor& input, const Tensor& target) {
  const no_grad guard;
  const Tensor errors = errors_of(name(), input, target);
  add(0, errors.abs().sum());
  add(1, full({}, errors.numel(), int64));
}

Tensor MeanAbsoluteError::compute() const { return state(0) / state(1).to(float64); }

namespace {

enum : size_t { r2_samples, r2_mean, r2_spread, r2_error };

StateDict no_outputs(int64_t num_outputs) {
  check(num_outputs > 0, "R2Score: expected num_outputs > 0, got {}", num_outputs);
  const Tensor none = zeros({num_outputs}, float64);
  return {{"samples", zeros({}, int64)}, {"mean", none}, {"spread", none}, {"error", none}};
}

}  // namespace

R2Score::R2Score(const R2ScoreOptions& options)
    : PairMetric("R2Score", no_outputs(options.num_outputs)), options_(options) {}

void R2Score::update(const Tensor& input, const Tensor& target) {
  const no_grad guard;
  const Tensor errors = errors_of(name(), input, target);
  const int64_t outputs = options_.num_outputs;
  check<ShapeError>(
      (target.dim() == 1 && outputs == 1) || (target.dim() == 2 && target.size(1) == outputs),
      "R2Score: expected predictions and targets [N, {}], got shape {}", outputs, target.shape());
  const int64_t samples = target.size(0);
  if (samples == 0) return;
  const Tensor y = target.to(float64).reshape({samples, outputs}), mean = y.mean({0});
  combine({{"samples", full({}, samples, int64)},
           {"mean", mean},
           {"spread", (y - mean).square().sum({0})},
           {"error", errors.reshape({samples, outputs}).square().sum({0})}});
}

// Sums of squares about two means become one about their common mean, without large numbers that
// cancel (Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm", 1979).
void R2Score::combine(const StateDict& other) {
  const double n = number(r2_samples), m = other[r2_samples].second.item<double>();
  if (m == 0) return;
  const Tensor apart = other[r2_mean].second - state(r2_mean);
  set_state(r2_mean, state(r2_mean) + apart * (m / (n + m)));
  add(r2_spread, other[r2_spread].second + apart.square() * (n * m / (n + m)));
  add(r2_error, other[r2_error].second);
  add(r2_samples, other[r2_samples].second);
}

Tensor R2Score::compute() const {
  const no_grad guard;
  if (number(r2_samples) < 2) return full({}, std::numeric_limits<double>::quiet_NaN(), float64);
  const Tensor spread = state(r2_spread), error = state(r2_error);
  const Tensor of_equal = (error == 0).to(float64);
  const Tensor scores = where(spread == 0, of_equal, 1 - error / spread);
  if (options_.multioutput == Multioutput::raw_values) return scores;
  const bool by_spread =
      options_.multioutput == Multioutput::variance_weighted && spread.sum().item<double>() > 0;
  return by_spread ? (scores * spread).sum() / spread.sum() : scores.mean();
}

}  // namespace rw::metrics
