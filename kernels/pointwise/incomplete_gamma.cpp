#include <rewind/kernels/pointwise/incomplete_gamma.h>

#include <cmath>
#include <limits>

namespace rw::kernels {

namespace {

constexpr double eps = std::numeric_limits<double>::epsilon() / 2;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double two_pi = 6.2831853071795865;

// log(1 + m) - m, by the series of log((1 + r) / (1 - r)) near 0.
double log1p_less(double m) {
  if (std::abs(m) > 0.125) return std::log1p(m) - m;
  const double r = m / (2 + m), q = r * r;
  const double sum =
      1.0 / 3 + q * (1.0 / 5 + q * (1.0 / 7 + q * (1.0 / 9 + q * (1.0 / 11 + q / 13))));
  return r * (2 * q * sum - m);
}

// lgamma(1 + a) for 0 <= a <= 0.5, by (zeta(k) - 1) (-a)^k / k (DLMF 5.7.3).
double lgamma_of_1_plus(double a) {
  constexpr double terms[] = {
      0.32246703342411322,    -0.067352301053198095,   0.020580808427784548,
      -0.0073855510286739853, 0.0028905103307415233,   -0.001192753911703261,
      0.00050966952474304242, -0.00022315475845357938, 9.9457512781808534e-5,
      -4.4926236738133142e-5, 2.0507212775670692e-5,   -9.4394882752683959e-6,
      4.3748667899074878e-6,  -2.0392157538013662e-6,  9.5514121304074198e-7,
      -4.492469198764566e-7,  2.1207184805554666e-7,   -1.00432248239681e-7,
      4.7698101693639806e-8,  -2.2711094608943165e-8,  1.0838659214896954e-8,
      -5.1834750419700467e-9, 2.4836745438024783e-9,   -1.1921401405860912e-9,
      5.731367241678862e-10};
  double sum = 0;
  for (int k = 24; k >= 0; --k) sum = (sum + terms[k]) * a;
  return a * (sum + 0.42278433509846714) - std::log1p(a);
}

// x^a exp(-x) / gamma(a)
double density(double a, double x) {
  if (a < 10) return std::exp(a * std::log(x) - x - std::lgamma(a));
  const double b = 1 / (a * a);  // of Stirling's series
  const double rest =
      (1.0 / 12 -
       b * (1.0 / 360 - b * (1.0 / 1260 - b * (1.0 / 1680 - b * (1.0 / 1188 - b * (691.0 / 360360 -
                                                                                   b / 156)))))) /
      a;
  return std::sqrt(a / two_pi) * std::exp(a * log1p_less((x - a) / a) - rest);
}

// Lower, by the series (DLMF 8.11.4).
double lower_series(double a, double x) {
  double sum = 1, term = 1;
  for (double n = a + 1; term > eps * sum; n += 1) sum += term *= x / n;
  return sum * density(a, x) / a;
}

// Upper, by the continued fraction (DLMF 8.9.2), after Lentz.
double upper_fraction(double a, double x) {
  constexpr double tiny = 1e-300;
  double b = x + 1 - a, c = 1 / tiny, d = 1 / b, h = d;
  for (double n = 1; n < 1e5; n += 1) {
    const double t = n * (a - n);
    b += 2;
    d = t * d + b;
    c = b + t / c;
    if (std::abs(d) < tiny) d = tiny;
    if (std::abs(c) < tiny) c = tiny;
    d = 1 / d;
    h *= c * d;
    if (std::abs(c * d - 1) < 2 * eps) break;
  }
  return h * density(a, x);
}

// Upper, for small a and x, where lower is nearly 1 (DLMF 8.7.3).
double upper_of_small(double a, double x) {
  double sum = 0, term = 1;
  for (int n = 1; n < 60; ++n) {
    term *= -x / n;
    sum += term / (a + n);
    if (std::abs(term) < eps * std::abs(sum)) break;
  }
  const double log = a * std::log(x) - lgamma_of_1_plus(a);
  return -std::expm1(log) - a * std::exp(log) * sum;
}

// Upper or lower for large a and any x (Temme, "The asymptotic expansion of the incomplete gamma
// functions", 1979): beyond the share of a normal distribution a few terms are enough.
double of_large(double a, double x, bool upper) {
  constexpr double c0[] = {-1.0 / 3, 1.0 / 12, -2.0 / 135, 1.0 / 864, 1.0 / 2835};
  constexpr double c1[] = {-1.0 / 540, -1.0 / 288, 1.0 / 378};
  const double m = (x - a) / a;
  const double exponent = a * log1p_less(m);
  if (exponent < -750) return (m > 0) == upper ? 0 : 1;
  const double eta = std::copysign(std::sqrt(-2 * exponent / a), m);
  const double first = c0[0] + eta * (c0[1] + eta * (c0[2] + eta * (c0[3] + eta * c0[4])));
  const double second = c1[0] + eta * (c1[1] + eta * c1[2]);
  const double rest = std::exp(exponent) / std::sqrt(two_pi * a) * (first + second / a);
  const double z = std::copysign(std::sqrt(-exponent), m);
  return upper ? std::erfc(z) / 2 + rest : std::erfc(-z) / 2 - rest;
}

// Where a or x is at the end of its range; NaN elsewhere means an argument out of it.
bool at_an_end(double a, double x) {
  return !(a > 0) || !(x > 0) || std::isinf(a) || std::isinf(x);
}
double lower_at_end(double a, double x) {
  if (!(a >= 0) || !(x >= 0)) return nan;
  if (a == 0) return x > 0 ? 1 : nan;
  if (x == 0) return 0;
  if (std::isinf(a)) return std::isinf(x) ? nan : 0;
  return 1;
}

}  // namespace

double lower_gamma(double a, double x) {
  if (at_an_end(a, x)) return lower_at_end(a, x);
  if (a > 1e6) return of_large(a, x, false);
  return x < a + 1 ? lower_series(a, x) : 1 - upper_fraction(a, x);
}

double upper_gamma(double a, double x) {
  if (at_an_end(a, x)) return 1 - lower_at_end(a, x);
  if (a > 1e6) return of_large(a, x, true);
  if (x >= a + 1) return upper_fraction(a, x);
  return a <= 0.5 ? upper_of_small(a, x) : 1 - lower_series(a, x);
}

}  // namespace rw::kernels
