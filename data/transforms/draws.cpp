#include <rewind/data/transforms/draws.h>

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace rw::data::transforms::detail {
namespace {

double normal(Generator& gen) {
  const double radius = std::sqrt(-2 * std::log1p(-uniform(gen)));
  return radius * std::cos(2 * std::numbers::pi * uniform(gen));
}

// The logarithm of a number of the gamma distribution (Marsaglia and Tsang, "A simple method for
// generating gamma variables", 2000). As such, since those of a small alpha underflow.
double log_gamma(Generator& gen, double alpha) {
  if (alpha < 1) return log_gamma(gen, alpha + 1) + std::log1p(-uniform(gen)) / alpha;
  const double d = alpha - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = normal(gen), root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root, log_v = std::log(v);
    if (std::log1p(-uniform(gen)) < 0.5 * x * x + d * (1 - v + log_v)) return std::log(d) + log_v;
  }
}

}  // namespace

std::pair<double, double> random_sides(Generator& gen, double area,
                                       const std::pair<double, double>& scale,
                                       const std::pair<double, double>& ratio) {
  const double part = area * uniform(gen, scale);
  const double share = std::exp(uniform(gen, std::log(ratio.first), std::log(ratio.second)));
  return {std::nearbyint(std::sqrt(part * share)), std::nearbyint(std::sqrt(part / share))};
}

std::vector<int64_t> order(Generator& gen, int64_t n) {
  std::vector<int64_t> all(static_cast<size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  for (int64_t i = n - 1; i > 0; --i)
    std::swap(all[static_cast<size_t>(i)], all[static_cast<size_t>(integer(gen, 0, i + 1))]);
  return all;
}

double symmetric_beta(Generator& gen, double alpha) {
  const double a = log_gamma(gen, alpha), b = log_gamma(gen, alpha);
  return 1 / (1 + std::exp(b - a));
}

}  // namespace rw::data::transforms::detail
