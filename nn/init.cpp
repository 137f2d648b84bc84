#include <rewind/nn/init.h>

#include <algorithm>
#include <cmath>

#include <rewind/autograd/grad_mode.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/linalg.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/random.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::nn::init {

namespace {

struct Fans {
  double in, out;

  Fans(const char* name, const Tensor& t) {
    check(t.defined(), "{}: the tensor is undefined", name);
    check<ShapeError>(t.dim() >= 2, "{}: expected a weight [out, in, …], got shape {}", name,
                      t.shape());
    double taps = 1;
    for (int d = 2; d < t.dim(); ++d) taps *= static_cast<double>(t.shape()[d]);
    in = static_cast<double>(t.shape()[1]) * taps;
    out = static_cast<double>(t.shape()[0]) * taps;
  }
  double of(Fan fan) const { return fan == Fan::in ? in : out; }
};

double kaiming_std(const char* name, const Tensor& t, double slope, Fan fan, Nonlinearity after) {
  return calculate_gain(after, slope) / std::sqrt(Fans(name, t).of(fan));
}

double xavier_std(const char* name, const Tensor& t, double gain) {
  const Fans fans(name, t);
  return gain * std::sqrt(2 / (fans.in + fans.out));
}

// A uniform distribution over [-b, b] has the standard deviation b / sqrt(3).
Tensor uniform_of_std(Tensor t, double std) {
  const double bound = std::sqrt(3.0) * std;
  return uniform_(std::move(t), -bound, bound);
}

// Floating, and of this many dimensions.
void check_rank(const char* name, const Tensor& t, int least, int most) {
  check(t.defined(), "{}: the tensor is undefined", name);
  check<DTypeError>(t.is_floating_point(), "{}: expected a floating tensor, got {}", name,
                    t.dtype());
  check<ShapeError>(least <= t.dim() && t.dim() <= most,
                    "{}: expected a tensor of {} dimensions, got shape {}", name,
                    least == most ? std::to_string(least)
                    : most > 5    ? fmt::format("at least {}", least)
                                  : fmt::format("{} to {}", least, most),
                    t.shape());
}

double normal_distribution(double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }

}  // namespace

Tensor uniform_(Tensor t, double low, double high) {
  const no_grad guard;
  return t.uniform_(low, high);
}
Tensor normal_(Tensor t, double mean, double std) {
  const no_grad guard;
  return t.normal_(mean, std);
}
Tensor constant_(Tensor t, double value) {
  const no_grad guard;
  return t.fill_(value);
}

Tensor trunc_normal_(Tensor t, double mean, double std, double low, double high) {
  check_rank("trunc_normal_", t, 0, Shape::max_rank);
  check(std >= 0 && low <= high,
        "trunc_normal_: expected a std of at least 0 and an interval, got std {}, [{}, {}]", std,
        low, high);
  const no_grad guard;
  if (std == 0) return t.fill_(std::clamp(mean, low, high));
  // erfinv of a uniform number is normally distributed. The tails run out of float32's numbers.
  const double from = normal_distribution((low - mean) / std),
               to = normal_distribution((high - mean) / std);
  Tensor x = empty(t.shape(), float64);
  x.uniform_(2 * from - 1, 2 * to - 1);
  x.erfinv_().mul_(std * std::sqrt(2.0)).add_(mean).clamp_(low, high);
  return t.copy_(x);
}

Tensor eye_(Tensor t) {
  check_rank("eye_", t, 2, 2);
  const no_grad guard;
  return t.copy_(eye(t.size(0), t.size(1), t.dtype()));
}

Tensor dirac_(Tensor t, int64_t groups) {
  check_rank("dirac_", t, 3, 5);
  check<ShapeError>(groups > 0 && t.size(0) % groups == 0,
                    "dirac_: expected groups that divide the first size of {}, got {}", t.shape(),
                    groups);
  const no_grad guard;
  const int64_t filters = t.size(0) / groups;
  t.fill_(0);
  for (int64_t g = 0; g < groups; ++g)
    for (int64_t c = 0; c < std::min(filters, t.size(1)); ++c) {
      Tensor tap = t.select(0, g * filters + c).select(0, c);
      while (tap.dim() > 0) tap = tap.select(0, tap.size(0) / 2);
      tap.fill_(1);
    }
  return t;
}

double calculate_gain(Nonlinearity nonlinearity, std::optional<double> param) {
  const double slope = param.value_or(0.01);
  switch (nonlinearity) {
    case Nonlinearity::linear:
    case Nonlinearity::sigmoid:
      return 1;
    case Nonlinearity::tanh:
      return 5.0 / 3;
    case Nonlinearity::relu:
      return std::sqrt(2.0);
    case Nonlinearity::leaky_relu:
      return std::sqrt(2 / (1 + slope * slope));
    case Nonlinearity::selu:
      return 0.75;
  }
  fail("calculate_gain: unknown nonlinearity {}", static_cast<int>(nonlinearity));
}

Tensor kaiming_uniform_(Tensor t, double slope, Fan fan, Nonlinearity nonlinearity) {
  const double std = kaiming_std("kaiming_uniform_", t, slope, fan, nonlinearity);
  return t.numel() == 0 ? t : uniform_of_std(t, std);
}
Tensor kaiming_normal_(Tensor t, double slope, Fan fan, Nonlinearity nonlinearity) {
  const double std = kaiming_std("kaiming_normal_", t, slope, fan, nonlinearity);
  return t.numel() == 0 ? t : normal_(t, 0, std);
}
Tensor xavier_uniform_(Tensor t, double gain) {
  return uniform_of_std(t, xavier_std("xavier_uniform_", t, gain));
}
Tensor xavier_normal_(Tensor t, double gain) {
  return normal_(t, 0, xavier_std("xavier_normal_", t, gain));
}

Tensor orthogonal_(Tensor t, double gain) {
  check_rank("orthogonal_", t, 2, Shape::max_rank);
  if (t.numel() == 0) return t;
  const no_grad guard;
  const int64_t rows = t.size(0), columns = t.numel() / rows;
  const Tensor x = randn({std::max(rows, columns), std::min(rows, columns)}, float64);
  const auto [q, r] = linalg::qr(x);
  // Signs that make it uniformly distributed (Mezzadri, 2007).
  const Tensor signs = where(r.diagonal() < 0, full({}, -1.0, float64), full({}, 1.0, float64));
  const Tensor made = q * signs * gain;
  return t.copy_((rows < columns ? made.t() : made).reshape(t.shape()));
}

Tensor sparse_(Tensor t, double sparsity, double std) {
  check_rank("sparse_", t, 2, 2);
  check(sparsity >= 0 && sparsity <= 1, "sparse_: expected a sparsity in [0, 1], got {}", sparsity);
  const no_grad guard;
  const int64_t rows = t.size(0);
  const auto zeros = static_cast<int64_t>(std::ceil(sparsity * static_cast<double>(rows)));
  t.normal_(0, std);
  for (int64_t column = 0; column < t.size(1); ++column)
    t.select(1, column).index_fill_(0, randperm(rows).narrow(0, 0, zeros), 0);
  return t;
}

}  // namespace rw::nn::init
