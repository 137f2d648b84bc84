#include <rewind/nn/init.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <rewind/autograd/grad_mode.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/linalg.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/random.h>
#include <rewind/ops/special_functions.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::nn::init {

namespace {

struct Fans {
  double in, out;

  Fans(const char* name, const Tensor& t) {
    check(t.defined(), "{}: the tensor is undefined", name);
    check<DTypeError>(t.is_floating_point(), "{}: expected a floating tensor, got {}", name,
                      t.dtype());
    check<ShapeError>(t.dim() >= 2, "{}: expected a weight [out, in, …], got shape {}", name,
                      t.shape());
    double taps = 1;
    for (int d = 2; d < t.dim(); ++d) taps *= static_cast<double>(t.shape()[d]);
    in = static_cast<double>(t.shape()[1]) * taps;
    out = static_cast<double>(t.shape()[0]) * taps;
  }
  double of(Fan fan) const { return fan == Fan::in ? in : out; }
};

double checked_std(const char* name, double std) {
  check(std >= 0 && std::isfinite(std), "{}: expected a standard deviation of at least 0, got {}",
        name, std);
  return std;
}

// Of tensors without elements, 0.
double kaiming_std(const char* name, const Tensor& t, double slope, Fan fan, Nonlinearity after) {
  const Fans fans(name, t);
  return t.numel() == 0 ? 0
                        : checked_std(name, calculate_gain(after, slope) / std::sqrt(fans.of(fan)));
}

double xavier_std(const char* name, const Tensor& t, double gain) {
  const Fans fans(name, t);
  return t.numel() == 0 ? 0 : checked_std(name, gain * std::sqrt(2 / (fans.in + fans.out)));
}

// A uniform distribution over [-b, b] has the standard deviation b / sqrt(3).
Tensor uniform_of_std(Tensor t, double std, Generator& gen) {
  const double bound = std::sqrt(3.0) * std;
  return uniform_(std::move(t), -bound, bound, gen);
}

// Lets what is drawn in a scope come from `gen`.
class Drawing {
 public:
  explicit Drawing(Generator& gen) : gen_(gen) { std::swap(gen_, default_generator()); }
  ~Drawing() { std::swap(gen_, default_generator()); }
  Drawing(const Drawing&) = delete;
  Drawing& operator=(const Drawing&) = delete;

 private:
  Generator& gen_;
};

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

// Fills t with standard normal numbers of [low, high].
void fill_truncated(Tensor& t, double low, double high) {
  const double near_zero = 3, underflow = -37;
  if (-near_zero <= low && high <= near_zero) {  // the inverse is flat enough for float32
    const double from = normal_distribution(low), to = normal_distribution(high);
    t.uniform_(2 * from - 1, 2 * to - 1);
    t.erfinv_().mul_(std::sqrt(2.0));
  } else if (low + high > 0) {  // probabilities have most digits near 0, in the lower tail
    fill_truncated(t, -high, -low);
    t.neg_();
  } else if (high > underflow) {
    t.uniform_(normal_distribution(low), normal_distribution(high));
    t.copy_(special::ndtri(t));
  } else {
    // So far out log Phi(x) is -x^2 / 2 and something that hardly changes over the tail.
    const double least = std::exp((high - low) * (high + low) / 2);
    t.uniform_(least, 1);
    t.copy_(-(high * high - 2 * t.log()).sqrt());
  }
}

}  // namespace

Tensor uniform_(Tensor t, double low, double high, Generator& gen) {
  const no_grad guard;
  const Drawing drawing(gen);
  return t.uniform_(low, high);
}
Tensor normal_(Tensor t, double mean, double std, Generator& gen) {
  const no_grad guard;
  const Drawing drawing(gen);
  return t.normal_(mean, std);
}
Tensor constant_(Tensor t, double value) {
  const no_grad guard;
  return t.fill_(value);
}

Tensor trunc_normal_(Tensor t, double mean, double std, double low, double high, Generator& gen) {
  check_rank("trunc_normal_", t, 0, Shape::max_rank);
  check(std >= 0 && low <= high && std::isfinite(mean) && std::isfinite(std),
        "trunc_normal_: expected a mean, a std of at least 0 and an interval, got mean {}, std {}, "
        "[{}, {}]",
        mean, std, low, high);
  const no_grad guard;
  if (std == 0) return t.fill_(std::clamp(mean, low, high));
  const Drawing drawing(gen);
  const double from = (low - mean) / std, to = (high - mean) / std;
  const bool is_near = std::max(-from, to) <= 3;
  const bool in_place = t.dtype() == float64 || (t.dtype() == float32 && is_near);
  Tensor x = in_place ? t : empty(t.shape(), is_near ? float32 : float64);
  fill_truncated(x, from, to);
  x.mul_(std).add_(mean).clamp_(low, high);
  return in_place ? t : t.copy_(x);
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
  if (t.numel() == 0) return t;
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

Tensor kaiming_uniform_(Tensor t, double slope, Fan fan, Nonlinearity nonlinearity,
                        Generator& gen) {
  const double std = kaiming_std("kaiming_uniform_", t, slope, fan, nonlinearity);
  return t.numel() == 0 ? t : uniform_of_std(t, std, gen);
}
Tensor kaiming_normal_(Tensor t, double slope, Fan fan, Nonlinearity nonlinearity, Generator& gen) {
  const double std = kaiming_std("kaiming_normal_", t, slope, fan, nonlinearity);
  return t.numel() == 0 ? t : normal_(t, 0, std, gen);
}
Tensor xavier_uniform_(Tensor t, double gain, Generator& gen) {
  const double std = xavier_std("xavier_uniform_", t, gain);
  return t.numel() == 0 ? t : uniform_of_std(t, std, gen);
}
Tensor xavier_normal_(Tensor t, double gain, Generator& gen) {
  const double std = xavier_std("xavier_normal_", t, gain);
  return t.numel() == 0 ? t : normal_(t, 0, std, gen);
}

Tensor orthogonal_(Tensor t, double gain, Generator& gen) {
  check_rank("orthogonal_", t, 2, Shape::max_rank);
  if (t.numel() == 0) return t;
  const no_grad guard;
  const int64_t rows = t.size(0), columns = t.numel() / rows;
  const Tensor x = randn({std::max(rows, columns), std::min(rows, columns)}, float64, gen);
  const auto [q, r] = linalg::qr(x);
  // Signs that make it uniformly distributed (Mezzadri, 2007).
  const Tensor signs = where(r.diagonal() < 0, full({}, -1.0, float64), full({}, 1.0, float64));
  const Tensor made = q * signs * gain;
  return t.copy_((rows < columns ? made.t() : made).reshape(t.shape()));
}

Tensor sparse_(Tensor t, double sparsity, double std, Generator& gen) {
  check_rank("sparse_", t, 2, 2);
  check(sparsity >= 0 && sparsity <= 1, "sparse_: expected a sparsity in [0, 1], got {}", sparsity);
  const no_grad guard;
  const Drawing drawing(gen);
  const int64_t rows = t.size(0);
  const auto zeros = static_cast<int64_t>(std::ceil(sparsity * static_cast<double>(rows)));
  t.normal_(0, std);
  for (int64_t column = 0; column < t.size(1); ++column)
    t.select(1, column).index_fill_(0, randperm(rows).narrow(0, 0, zeros), 0);
  return t;
}

}  // namespace rw::nn::init
