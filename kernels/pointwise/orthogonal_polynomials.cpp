#include <rewind/kernels/pointwise/orthogonal_polynomials.h>

#include <cmath>
#include <limits>

namespace rw::kernels {

namespace {

// A step for each degree: this many take a tenth of a second.
constexpr double most_steps = 1 << 24;

// From 1 and `first` on: next(k, q, p) of degree k + 1 by those of degrees k and k - 1.
template <class Next>
double recurrence(double n, double first, Next next) {
  if (n < 1) return 1;
  if (n > most_steps) return std::numeric_limits<double>::quiet_NaN();
  double p = 1, q = first;
  for (double k = 1; k < n && !std::isnan(q); k += 1) {
    const double r = next(k, q, p);
    p = q;
    q = r;
  }
  return q;
}

bool is_even(double n) { return std::fmod(n, 2) == 0; }

// All four have one recurrence, which grows without bound beyond [-1, 1]: to an infinity of known
// sign.
double chebyshev_by_recurrence(double x, double n, double first) {
  const double y = recurrence(n, first, [x](double, double q, double p) {
    return std::isinf(q) ? std::numeric_limits<double>::quiet_NaN() : 2 * x * q - p;
  });
  if (!std::isnan(y) || !(std::abs(x) > 1)) return y;
  return x < 0 && !is_even(n) ? -HUGE_VAL : HUGE_VAL;
}

// Within (-1, 1) by x = cos(angle) from some degree on (DLMF 18.5.1 to 18.5.4).
constexpr double small_degree = 8;

double chebyshev(Polynomial family, double x, double n) {
  const double many = 2 * n + 1, sign = x > 0 || is_even(n) ? 1 : -1;
  const bool at_end = std::abs(x) == 1, by_angle = std::abs(x) < 1 && n > small_degree;
  const double angle = by_angle ? std::acos(x) : 0;
  switch (family) {
    case Polynomial::chebyshev_t:
      if (at_end) return sign;
      return by_angle ? std::cos(n * angle) : chebyshev_by_recurrence(x, n, x);
    case Polynomial::chebyshev_u:
      if (at_end) return sign * (n + 1);
      if (by_angle) return std::sin((n + 1) * angle) / std::sin(angle);
      return chebyshev_by_recurrence(x, n, 2 * x);
    case Polynomial::chebyshev_v:
      if (at_end) return x > 0 ? 1 : sign * many;
      if (by_angle) return std::cos((n + 0.5) * angle) / std::cos(angle / 2);
      return chebyshev_by_recurrence(x, n, 2 * x - 1);
    default:
      if (at_end) return x > 0 ? many : sign;
      if (by_angle) return std::sin((n + 0.5) * angle) / std::sin(angle / 2);
      return chebyshev_by_recurrence(x, n, 2 * x + 1);
  }
}

}  // namespace

double polynomial_at(Polynomial family, double x, double degree) {
  if (std::isnan(x) || std::isnan(degree)) return x + degree;
  const double n = std::trunc(degree);
  if (n < 0) return 0;
  switch (family) {
    case Polynomial::hermite_h:
      return recurrence(n, 2 * x,
                        [x](double k, double q, double p) { return 2 * (x * q - k * p); });
    case Polynomial::hermite_he:
      return recurrence(n, x, [x](double k, double q, double p) { return x * q - k * p; });
    case Polynomial::laguerre_l:
      if (x == 0) return 1;
      return recurrence(n, 1 - x, [x](double k, double q, double p) {
        return ((2 * k + 1 - x) * q - k * p) / (k + 1);
      });
    case Polynomial::legendre_p:
      if (std::abs(x) == 1) return x > 0 || is_even(n) ? 1 : -1;
      return recurrence(n, x, [x](double k, double q, double p) {
        return ((2 * k + 1) * x * q - k * p) / (k + 1);
      });
    default:
      return chebyshev(family, x, n);
  }
}

}  // namespace rw::kernels
