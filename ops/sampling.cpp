#include <rewind/ops/sampling.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include <rewind/autograd/inplace.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/number.h>
#include <rewind/tensor/parallel.h>

namespace rw {

using namespace detail;

namespace {

// On the tape as what does not depend on its inputs.
Tensor without_slope(const char* op, const Tensor& result, const detail::Inputs& inputs) {
  return record(op, result, inputs, [](const Tensor& g, Needs needs) -> Grads {
    return {needs[0] ? zeros_like(g) : Tensor(), zeros_like(g)};
  });
}

void check_floating(const char* op, const char* what, const Tensor& t) {
  check(t.defined(), "{}: the {} is undefined", op, what);
  check<DTypeError>(t.is_floating_point(), "{}: expected a floating tensor, got {}", op, t.dtype());
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
  check_floating("bernoulli", "input", x);
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
  check_floating("normal", "mean", mean);
  check_floating("normal", "standard deviation", std);
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
  check_floating("normal", "mean", mean);
  check(std >= 0, "normal: expected a standard deviation >= 0, got {}", std);
  return normal(mean, full({}, std, mean.dtype()), gen);
}

Tensor normal(double mean, const Tensor& std, Generator& gen) {
  check_floating("normal", "standard deviation", std);
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
double uniform(Generator& gen) { return (static_cast<double>(gen.next() >> 11) + 0.5) * 0x1p-53; }

// Events until exponential waiting times add up to the rate.
double poisson_by_waiting(double rate, Generator& gen) {
  const double end = std::exp(-rate);
  double events = 0;
  for (double left = uniform(gen); left > end; left *= uniform(gen)) ++events;
  return events;
}

// Hoermann, "The transformed rejection method for generating Poisson random variables", 1993.
double poisson_by_rejection(double rate, Generator& gen) {
  const double root = std::sqrt(rate), log_rate = std::log(rate);
  const double b = 0.931 + 2.53 * root, a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), accepted = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const double u = uniform(gen) - 0.5, v = uniform(gen), us = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= accepted) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (std::log(v) + std::log(inverse_alpha) - std::log(a / (us * us) + b) <=
        -rate + k * log_rate - std::lgamma(k + 1))
      return k;
  }
}

// Each element draws from a sequence of its own, as it may need any number of draws.
double poisson_of(double rate, uint64_t seed, uint64_t counter) {
  if (rate == 0) return 0;
  const Philox4 block = philox(seed, counter);
  Generator own((uint64_t{block.v[0]} << 32) | block.v[1]);
  return rate < 10 ? poisson_by_waiting(rate, own) : poisson_by_rejection(rate, own);
}

}  // namespace

Tensor poisson(const Tensor& x, Generator& gen) {
  const profile_scope scope("poisson");
  check_floating("poisson", "input", x);
  check_range("poisson", "rates", x, 0, 0x1p62);
  const uint64_t first = gen.reserve(static_cast<uint64_t>(x.numel()));
  const Tensor rates = x.detach().contiguous(), out = empty(x.shape(), x.dtype());
  dispatch_floating(x.dtype(), [&]<class T>() {
    const auto* rate = static_cast<const T*>(rates.raw_data());
    auto* y = static_cast<T*>(out.raw_data());
    parallel_for(0, x.numel(), 1 << 10, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        y[i] = static_cast<T>(
            poisson_of(static_cast<double>(rate[i]), gen.seed(), first + static_cast<uint64_t>(i)));
    });
  });
  return record("poisson", out, {x}, [](const Tensor& g, Needs) -> Grads { return zeros_like(g); });
}

// --- Multinomial --------------------------------------------------------------------------------

namespace {

// How many weights of a row are not zero. Throws unless they make a distribution.
int64_t check_weights(const double* weight, int64_t n) {
  double sum = 0;
  int64_t positive = 0;
  for (int64_t i = 0; i < n; ++i) {
    check(weight[i] >= 0 && std::isfinite(weight[i]),
          "multinomial: expected finite weights >= 0, got {}", weight[i]);
    sum += weight[i];
    positive += weight[i] > 0;
  }
  check(sum > 0 && std::isfinite(sum), "multinomial: the weights of a row add up to {}", sum);
  return positive;
}

// u[k] of all the weights lie before the number that is drawn.
void draw_with_replacement(const double* weight, int64_t n, const double* u, int64_t draws,
                           int64_t* out) {
  std::vector<double> before(static_cast<size_t>(n));
  std::partial_sum(weight, weight + n, before.begin());
  const auto last = std::lower_bound(before.begin(), before.end(), before.back());
  for (int64_t k = 0; k < draws; ++k)
    out[k] = std::min(std::upper_bound(before.begin(), last, u[k] * before.back()), last) -
             before.begin();
}

// Those that come first when each waits for an exponential time by its weight.
void draw_without_replacement(const double* weight, int64_t n, const double* u, int64_t draws,
                              int64_t* out) {
  std::vector<double> wait(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i)
    wait[static_cast<size_t>(i)] = weight[i] > 0 ? -std::log1p(-u[i]) / weight[i] : HUGE_VAL;
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  const auto sooner = [&](int64_t a, int64_t b) {
    const double x = wait[static_cast<size_t>(a)], y = wait[static_cast<size_t>(b)];
    return x != y ? x < y : a < b;
  };
  std::partial_sort(order.begin(), order.begin() + draws, order.end(), sooner);
  std::copy_n(order.begin(), draws, out);
}

}  // namespace

Tensor multinomial(const Tensor& weights, int64_t num_samples, bool replacement, Generator& gen) {
  const profile_scope scope("multinomial");
  check_floating("multinomial", "weight", weights);
  check<ShapeError>(weights.dim() == 1 || weights.dim() == 2,
                    "multinomial: expected a vector or a matrix, got shape {}", weights.shape());
  check(num_samples > 0, "multinomial: expected num_samples > 0, got {}", num_samples);
  const int64_t n = weights.shape().back(), rows = weights.dim() == 2 ? weights.shape()[0] : 1;
  check(n > 0 && (replacement || num_samples <= n),
        "multinomial: {} samples can't be drawn of {} without replacement", num_samples, n);
  const Tensor w = weights.detach().to(float64).contiguous();
  const auto* weight = static_cast<const double*>(w.raw_data());
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t positive = check_weights(weight + r * n, n);
    check(replacement || positive >= num_samples,
          "multinomial: {} samples can't be drawn without replacement of {} weights that are not 0",
          num_samples, positive);
  }
  Shape shape = weights.shape();
  shape[shape.rank() - 1] = num_samples;
  Tensor out = empty(shape, int64);
  const int64_t draws = replacement ? num_samples : n;
  const Tensor numbers = rand({rows, draws}, {.dtype = float64}, gen);
  const auto* u = static_cast<const double*>(numbers.raw_data());
  auto* to = out.data<int64_t>();
  parallel_for(0, rows, std::max<int64_t>(1, 1024 / n), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r)
      (replacement ? draw_with_replacement : draw_without_replacement)(
          weight + r * n, n, u + r * draws, num_samples, to + r * num_samples);
  });
  return out;
}

// --- In place -----------------------------------------------------------------------------------

namespace {

// New values, independent of the old ones.
template <class Draw>
void fill_drawn(const char* op, Tensor& x, Draw draw) {
  const profile_scope scope(op);
  check_inplace(op, x, {x});
  {
    const no_grad guard;
    copy_into(x, draw());
  }
  record_inplace(op, x, {x}, [](const Tensor& g, Needs) -> Grads { return zeros_like(g); });
}

void refuse_integers(const char* op, const Tensor& x) {
  check_defined(op, x);
  check<DTypeError>(x.is_floating_point(), "{}: expected a floating tensor, got {}", op, x.dtype());
}

// What is drawn for x is computed in.
DType drawn_dtype(const Tensor& x) { return x.dtype() == float64 ? float64 : float32; }

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
  refuse_integers("exponential_", x);
  check(lambd > 0, "exponential_: expected lambd > 0, got {}", lambd);
  fill_drawn("exponential_", x, [&] { return exponentials(x) / lambd; });
}

// The quotient of two normal numbers.
void detail::cauchy_in_place(Tensor& x, double median, double sigma) {
  refuse_integers("cauchy_", x);
  check(sigma > 0, "cauchy_: expected sigma > 0, got {}", sigma);
  fill_drawn("cauchy_", x, [&] {
    const Tensor a = randn(x.shape(), drawn_dtype(x)), b = randn(x.shape(), drawn_dtype(x));
    return a / b * sigma + median;
  });
}

void detail::log_normal_in_place(Tensor& x, double mean, double std) {
  refuse_integers("log_normal_", x);
  check(std > 0, "log_normal_: expected a standard deviation > 0, got {}", std);
  fill_drawn("log_normal_", x, [&] { return exp(randn(x.shape(), drawn_dtype(x)) * std + mean); });
}

// How many waiting times of length 1 an exponential one takes.
void detail::geometric_in_place(Tensor& x, double p) {
  check_defined("geometric_", x);
  check<DTypeError>(x.dtype() != boolean, "geometric_: not defined for bool");
  check(p > 0 && p < 1, "geometric_: expected a probability in (0, 1), got {}", p);
  fill_drawn("geometric_", x, [&] { return ceil(exponentials(x) / -std::log1p(-p)); });
}

void detail::bernoulli_in_place(Tensor& x, const Tensor& p) {
  check_defined("bernoulli_", x);
  check_floating("bernoulli_", "probability", p);
  check_range("bernoulli_", "probabilities", p, 0, 1);
  fill_drawn("bernoulli_", x, [&] {
    const DType dtype = uniform_dtype(p.dtype());
    return lt(rand(x.shape(), dtype), p.to(dtype).expand(x.shape()));
  });
}

void detail::random_in_place(Tensor& x, int64_t low, int64_t high) {
  check_defined("random_", x);
  fill_drawn("random_", x, [&] { return randint(low, high, x.shape(), x.dtype()); });
}

}  // namespace rw
