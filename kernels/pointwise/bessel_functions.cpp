#include <rewind/kernels/pointwise/bessel_functions.h>

#include <math.h>  // j0 and the like are POSIX's, not of <cmath>

#include <algorithm>
#include <cmath>
#include <limits>

namespace rw::kernels {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Ai from 0 on to x by steps of at most 1, each with the Taylor series of Ai'' = x Ai. Only where
// Ai doesn't decay: errors would not either.
double airy_by_steps(double x) {
  double at = 0, y = 0.35502805388781724, slope = -0.25881940379280680;
  while (at != x) {
    const double h = std::clamp(x - at, -1.0, 1.0);
    // Terms c[n] h^n: (n + 2)(n + 1) c[n + 2] = at c[n] + c[n - 1].
    double before = 0, low = y, high = slope, power = 1, sum = 0, slope_sum = 0;
    for (int n = 0; n < 40; ++n) {
      sum += low * power;
      slope_sum += (n + 1) * high * power;
      const double next = (at * low + before) / ((n + 1) * (n + 2));
      before = low;
      low = high;
      high = next;
      power *= h;
    }
    y = sum;
    slope = slope_sum;
    at = std::abs(x - at) <= 1 ? x : at + h;
  }
  return y;
}

// Ai(-z) for large z (DLMF 9.7.9).
double airy_of_large(double z) {
  const double zeta = 2.0 / 3 * z * std::sqrt(z);
  double even = 0, odd = 0, term = 1;
  for (int k = 1; k < 26; ++k) {
    const bool negative = (k - 1) / 2 % 2 == 1;
    ((k - 1) % 2 == 0 ? even : odd) += negative ? -term : term;
    term *= (6 * k - 5) * (6 * k - 3) * (6 * k - 1) / (216.0 * k * (2 * k - 1) * zeta);
  }
  const double s = std::sin(zeta), c = std::cos(zeta);
  return ((c + s) * even + (s - c) * odd) * 0.39894228040143268 / std::sqrt(std::sqrt(z));
}

}  // namespace

double bessel_j0(double x) { return ::j0(x); }
double bessel_j1(double x) { return ::j1(x); }
double bessel_y0(double x) { return x < 0 ? nan : x == 0 ? -infinity : ::y0(x); }
double bessel_y1(double x) { return x < 0 ? nan : x == 0 ? -infinity : ::y1(x); }

// The integral of exp(-x cosh(t)) cosh(order t) over t > 0 (DLMF 10.32.9), by the trapezoidal rule:
// its error falls exponentially with the step, to below 1e-16 for this one.
double bessel_k(double order, double x, bool scaled) {
  if (!(x > 0)) return x == 0 ? infinity : nan;
  if (std::isinf(x)) return 0;
  if (order == 1 && x < 1e-9) return 1 / x;  // DLMF 10.30.2
  const double step = std::min(0.2, 0.7 / std::sqrt(x));
  double sum = 0.5;
  for (double t = step;; t += step) {
    const double s = std::sinh(t / 2), exponent = x * s * s * 2;  // x (cosh(t) - 1)
    if (exponent - order * t > 45) break;
    sum += std::exp(-exponent) * std::cosh(order * t);
  }
  return sum * step * (scaled ? 1 : std::exp(-x));
}

double airy_ai(double x) {
  if (!std::isfinite(x)) return nan;
  if (x < -9) return airy_of_large(-x);
  if (x < 1) return airy_by_steps(x);
  const double zeta = 2.0 / 3 * x * std::sqrt(x);  // DLMF 9.6.2
  return std::sqrt(x / 3) * bessel_k(1.0 / 3, zeta, false) * 0.31830988618379067;
}

}  // namespace rw::kernels
