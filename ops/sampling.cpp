#include <rewind/ops/sampling.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include <rewind/kernels/random/random_kernel.h>
#include <rewind/ops/inplace_forms.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/number.h>
#include <rewind/tensor/parallel.h>
#include <rewind/tensor/precision.h>

namespace rw {

using namespace detail;

namespace {

// On the tape as what does not depend on its inputs.
Tensor without_slope(const char* op, const Tensor& result, const detail::Inputs& inputs) {
  return record(op, result, inputs, [](const Tensor& g, Needs needs) -> Grads {
    return {needs[0] ? zeros_like(g) : Tensor(), zeros_like(g)};
  });
}

// Throws where an element is NaN or not in [low, high].
void check_range(const char* op, const char* what, const Tensor& t, double low, double high) {
  if (t.numel() == 0) return;
  const no_grad guard;
  const double least = amin(t).item<double>(), most = amax(t).item<double>();
  check(low <= least && most <= high, "{}: expected {} in [{}, {}], got some from {} to {}", op,
        what, low, high, least, most);
}

// What uniform numbers to compare probabilities of this dtype with are drawn in.
DType uniform_dtype(DType dtype) { return dtype == float64 ? float64 : float32; }

}  // namespace

// --- Single draws -------------------------------------------------------------------------------

Tensor bernoulli(const Tensor& x, Generator& gen) {
  const profile_scope scope("bernoulli");
  check_floating("bernoulli", x);
  check_range("bernoulli", "probabilities", x, 0, 1);
  const Tensor drawn = [&] {
    const no_grad guard;
    const DType dtype = uniform_dtype(x.dtype());
    return lt(rand(x.shape(), {.dtype = dtype}, gen), x.to(dtype)).to(x.dtype());
  }();
  return record("bernoulli", drawn, {x},
                [](const Tensor& g, Needs) -> Grads { return zeros_like(g); });
}

Tensor bernoulli(const Tensor& x, double p, Generator& gen) {
  const profile_scope scope("bernoulli");
  check_defined("bernoulli", x);
  check(p >= 0 && p <= 1, "bernoulli: expected a probability in [0, 1], got {}", p);
  const Tensor drawn = lt(rand(x.shape(), {.dtype = float32}, gen), p).to(x.dtype());
  return record("bernoulli", drawn, {x},
                [](const Tensor& g, Needs) -> Grads { return zeros_like(g); });
}

Tensor normal(const Tensor& mean, const Tensor& std, Generator& gen) {
  const profile_scope scope("normal");
  check_floating("normal", mean, "mean");
  check_floating("normal", std, "standard deviation");
  check_range("normal", "standard deviations", std, 0, HUGE_VAL);
  const Tensor drawn = [&] {
    const no_grad guard;
    const DType dtype = result_type(mean, std);
    const Shape shape = broadcast_shapes(mean.shape(), std.shape(), "normal");
    return (randn(shape, {.dtype = dtype}, gen) * std + mean).to(dtype);
  }();
  return without_slope("normal", drawn, {mean, std});
}

Tensor normal(const Tensor& mean, double std, Generator& gen) {
  check_floating("normal", mean, "mean");
  check(std >= 0, "normal: expected a standard deviation >= 0, got {}", std);
  return normal(mean, full({}, std, mean.dtype()), gen);
}

Tensor normal(double mean, const Tensor& std, Generator& gen) {
  check_floating("normal", std, "standard deviation");
  return normal(full({}, mean, std.dtype()), std, gen);
}

Tensor normal(double mean, double std, const Shape& shape, const TensorOptions& options,
              Generator& gen) {
  Tensor t = empty(shape, options);
  fill_normal("normal", t, mean, std, gen);
  return t;
}

Tensor randint_like(const Tensor& t, int64_t high, const TensorOptions& options) {
  return randint_like(t, 0, high, options);
}

Tensor randint_like(const Tensor& t, int64_t low, int64_t high, const TensorOptions& options) {
  check(t.defined(), "randint_like: the tensor is undefined");
  const Tensor drawn = randint(low, high, t.shape(), {.dtype = options.dtype.value_or(t.dtype())});
  Tensor out = laid_out(drawn, dense_strides_like(t));
  if (options.requires_grad) out.requires_grad_();
  return out;
}

// --- Poisson ------------------------------------------------------------------------------------

namespace {

// Uniform in (0, 1).
double uniform(uint64_t bits) { return (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53; }

// The number of events up to which the probabilities add up to u.
double poisson_by_sums(double rate, double u) {
  double events = 0, one = std::exp(-rate), all = one;
  while (u > all && one > 0) {
    one *= rate / ++events;
    all += one;
  }
  return events;
}

// Hoermann, "The transformed rejection method for generating Poisson random variables", 1993.
double poisson_by_rejection(double rate, Generator& gen) {
  const double root = std::sqrt(rate), log_rate = std::log(rate);
  const double b = 0.931 + 2.53 * root, a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), accepted = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const double u = uniform(gen.next()) - 0.5, v = uniform(gen.next()), us = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= accepted) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (std::log(v) + std::log(inverse_alpha) - std::log(a / (us * us) + b) <=
        -rate + k * log_rate - std::lgamma(k + 1))
      return k;
  }
}

// From the random bits of an element. Where one number does not do they start a sequence of their
// own, so that the numbers of others do not depend on how many it takes.
double poisson_of(double rate, uint64_t bits) {
  if (rate < 10) return rate > 0 ? poisson_by_sums(rate, uniform(bits)) : 0;
  Generator own(bits);
  return poisson_by_rejection(rate, own);
}

// For the elements from `begin` on, `most` of them at a time.
template <class T>
void fill_poisson(const T* rate, T* y, kernels::RandomBlocks blocks, int64_t begin, int64_t end) {
  constexpr int64_t most = 256;
  alignas(64) uint32_t words[size_t{4 * most}];
  for (int64_t i = begin; i < end; i += most) {
    const int64_t n = std::min(most, end - i);
    kernels::random_words({blocks.seed, blocks.first + static_cast<uint64_t>(i)}, (n + 7) / 8 * 8,
                          words);
    for (int64_t k = 0; k < n; ++k) {
      const uint64_t bits = (uint64_t{words[4 * k]} << 32) | words[4 * k + 1];
      y[i + k] = static_cast<T>(poisson_of(static_cast<double>(rate[i + k]), bits));
    }
  }
}

}  // namespace

Tensor poisson(const Tensor& x, Generator& gen) {
  const profile_scope scope("poisson");
  check_floating("poisson", x);
  check_range("poisson", "rates", x, 0, 0x1p62);
  const uint64_t first = gen.reserve(static_cast<uint64_t>(x.numel()));
  const Tensor rates = x.detach().contiguous(), out = empty(x.shape(), x.dtype());
  dispatch_floating(x.dtype(), [&]<class T>() {
    const auto* rate = static_cast<const T*>(rates.raw_data());
    auto* y = static_cast<T*>(out.raw_data());
    parallel_for(0, x.numel(), 1 << 10, [&](int64_t begin, int64_t end) {
      fill_poisson(rate, y, {gen.seed(), first}, begin, end);
    });
  });
  return record("poisson", out, {x}, [](const Tensor& g, Needs) -> Grads { return zeros_like(g); });
}

// --- Multinomial --------------------------------------------------------------------------------

namespace {

// What is wrong with the weights of some row.
enum Fault : int { none, bad_weight, no_weight, few_weights };

void check_weights(int fault, int64_t num_samples) {
  check(fault != bad_weight, "multinomial: expected finite weights >= 0");
  check(fault != no_weight,
        "multinomial: the weights of a row add up to 0, or to no finite number");
  check(
      fault != few_weights,
      "multinomial: {} samples can't be drawn without replacement of fewer weights that are not 0",
      num_samples);
}

// u[k] of all the weights lie before the number that is drawn; `before` is for their sums.
template <class T>
Fault draw_with_replacement(const T* weight, int64_t n, const double* u, int64_t draws,
                            double* before, int64_t* out) {
  double sum = 0;
  bool good = true;
  for (int64_t i = 0; i < n; ++i) {
    const auto w = static_cast<double>(weight[i]);
    good &= w >= 0 && w < HUGE_VAL;
    before[i] = sum += w;
  }
  if (!good) return bad_weight;
  if (!(sum > 0 && sum < HUGE_VAL)) return no_weight;
  const double* const last = std::lower_bound(before, before + n, sum);
  for (int64_t k = 0; k < draws; ++k)
    out[k] = std::upper_bound<const double*>(before, last, u[k] * sum) - before;
  return none;
}

// Those that come first when each waits for an exponential `time` by its weight.
template <class T>
Fault draw_without_replacement(const T* weight, int64_t n, const double* u, int64_t draws,
                               double* time, int64_t* out) {
  int64_t positive = 0;
  for (int64_t i = 0; i < n; ++i) {
    const auto w = static_cast<double>(weight[i]);
    if (!(w >= 0 && w < HUGE_VAL)) return bad_weight;
    positive += w > 0;
    time[i] = w > 0 ? -std::log1p(-u[i]) / w : HUGE_VAL;
  }
  if (positive == 0) return no_weight;
  if (positive < draws) return few_weights;
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  const auto sooner = [&](int64_t a, int64_t b) {
    return time[a] != time[b] ? time[a] < time[b] : a < b;
  };
  std::partial_sort(order.begin(), order.begin() + draws, order.end(), sooner);
  std::copy_n(order.begin(), draws, out);
  return none;
}

// Row by row; gives a fault that there is in one.
template <class T>
int draw_rows(const Tensor& weights, int64_t rows, const Tensor& numbers, bool replacement,
              int64_t draws, int64_t* out) {
  const int64_t n = weights.shape().back(), used = numbers.shape().back();
  const auto* weight = static_cast<const T*>(weights.raw_data());
  const auto* u = static_cast<const double*>(numbers.raw_data());
  std::atomic<int> fault = none;
  parallel_for(0, rows, std::max<int64_t>(1, (1 << 13) / n), [&](int64_t begin, int64_t end) {
    std::vector<double> room(static_cast<size_t>(n));
    for (int64_t r = begin; r < end; ++r) {
      const auto draw = replacement ? draw_with_replacement<T> : draw_without_replacement<T>;
      const Fault f = draw(weight + r * n, n, u + r * used, draws, room.data(), out + r * draws);
      if (f != none) fault = f;
    }
  });
  return fault;
}

}  // namespace

Tensor multinomial(const Tensor& weights, int64_t num_samples, bool replacement, Generator& gen) {
  const profile_scope scope("multinomial");
  check_floating("multinomial", weights, "weight");
  check<ShapeError>(weights.dim() == 1 || weights.dim() == 2,
                    "multinomial: expected a vector or a matrix, got shape {}", weights.shape());
  check(num_samples > 0, "multinomial: expected num_samples > 0, got {}", num_samples);
  const int64_t n = weights.shape().back(), rows = weights.dim() == 2 ? weights.shape()[0] : 1;
  check(n > 0 && (replacement || num_samples <= n),
        "multinomial: {} samples can't be drawn of {} without replacement", num_samples, n);
  const Tensor dense = weights.detach().contiguous();
  Shape shape = weights.shape();
  shape[shape.rank() - 1] = num_samples;
  Tensor out = empty(shape, int64);
  const Tensor numbers = rand({rows, replacement ? num_samples : n}, {.dtype = float64}, gen);
  const int fault = dispatch_floating(weights.dtype(), [&]<class T>() {
    return draw_rows<T>(dense, rows, numbers, replacement, num_samples, out.data<int64_t>());
  });
  check_weights(fault, num_samples);
  return out;
}

// --- In place -----------------------------------------------------------------------------------

namespace {

// What is drawn for x is computed in: integers may be beyond those of float32.
DType drawn_dtype(const Tensor& x) {
  return x.is_floating_point() && x.dtype() != float64 ? float32 : float64;
}

// Standard exponential numbers: half the square of the length of normal vectors in the plane, so
// that they are the same on every machine as those are. Never 0.
Tensor exponentials(const Tensor& x) {
  const DType dtype = drawn_dtype(x);
  const Tensor a = randn(x.shape(), dtype), b = randn(x.shape(), dtype);
  const double least = dtype == float64 ? std::numeric_limits<double>::min()
                                        : double{std::numeric_limits<float>::min()};
  return clamp_min((square(a) + square(b)) * 0.5, least);
}

}  // namespace

void detail::exponential_in_place(Tensor& x, double lambd) {
  check_floating("exponential_", x);
  check(lambd > 0, "exponential_: expected lambd > 0, got {}", lambd);
  put_drawn("exponential_", x, [&] { return exponentials(x) / lambd; });
}

// The quotient of two normal numbers.
void detail::cauchy_in_place(Tensor& x, double median, double sigma) {
  check_floating("cauchy_", x);
  check(sigma > 0, "cauchy_: expected sigma > 0, got {}", sigma);
  put_drawn("cauchy_", x, [&] {
    const Tensor a = randn(x.shape(), drawn_dtype(x)), b = randn(x.shape(), drawn_dtype(x));
    return a / b * sigma + median;
  });
}

void detail::log_normal_in_place(Tensor& x, double mean, double std) {
  check_floating("log_normal_", x);
  check(std > 0, "log_normal_: expected a standard deviation > 0, got {}", std);
  put_drawn("log_normal_", x, [&] { return exp(randn(x.shape(), drawn_dtype(x)) * std + mean); });
}

// How many waiting times of length 1 an exponential one takes.
void detail::geometric_in_place(Tensor& x, double p) {
  check_defined("geometric_", x);
  check<DTypeError>(x.dtype() != boolean, "geometric_: not defined for bool");
  check(p > 0 && p < 1, "geometric_: expected a probability in (0, 1), got {}", p);
  put_drawn("geometric_", x, [&] { return ceil(exponentials(x) / -std::log1p(-p)); });
}

void detail::bernoulli_in_place(Tensor& x, const Tensor& p) {
  check_defined("bernoulli_", x);
  check_floating("bernoulli_", p, "probability");
  check<ShapeError>(broadcast_shapes(x.shape(), p.shape(), "bernoulli_") == x.shape(),
                    "bernoulli_: expected probabilities that broadcast to {}, got shape {}",
                    x.shape(), p.shape());
  check_range("bernoulli_", "probabilities", p, 0, 1);
  put_drawn("bernoulli_", x, [&] {
    const DType dtype = uniform_dtype(p.dtype());
    return lt(rand(x.shape(), dtype), p.to(dtype).expand(x.shape()));
  });
}

void detail::random_in_place(Tensor& x) {
  check_defined("random_", x);
  const int64_t last = dispatch(x.dtype(), []<class T>() { return whole_up_to<T>(); });
  // One less than what is wanted: the end of the range may be 2^63.
  put_drawn("random_", x, [&] { return randint(-1, last, x.shape()) + 1; });
}

void detail::random_in_place(Tensor& x, int64_t low, int64_t high) {
  check_defined("random_", x);
  check(low < high, "random_: expected low < high, got {} and {}", low, high);
  put_drawn("random_", x, [&] { return randint(low, high, x.shape(), x.dtype()); });
}

}  // namespace rw
