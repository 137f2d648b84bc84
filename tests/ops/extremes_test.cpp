// Functions of single numbers at the ends of their range, against formulas in long double.

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "../case.h"
#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

using Real = long double;
constexpr Real inf = std::numeric_limits<Real>::infinity();

struct Function {
  const char* name;
  Tensor (*op)(const Tensor&);
  Real (*value)(Real);
  Real (*slope)(Real);
  // Whether the value is x times a number that is computed as 1 less something.
  bool less_than_one = false;
};

Real sigmoid_at(Real x) { return 1 / (1 + std::exp(-x)); }
Real cdf(Real x) { return std::erfc(-x * std::sqrt(Real(0.5))) / 2; }
Real density(Real x) { return std::exp(-x * x / 2) * Real(0.398942280401432677939946L); }
// 0 times infinity, where the first vanishes the faster.
Real damped(Real factor, Real x) { return factor == 0 ? 0 : factor * x; }
Real gelu_inner(Real x) {
  return Real(0.797884560802865355879892L) * (x + Real(0.044715L) * x * x * x);
}
// 1 + tanh(u), without cancellation.
Real one_plus_tanh(Real u) { return 2 * sigmoid_at(2 * u); }

Real flat(Real) { return 0; }

const Function functions[] = {
    {"neg", [](In x) { return neg(x); }, [](Real x) { return -x; }, [](Real) { return Real(-1); }},
    {"abs", [](In x) { return abs(x); }, [](Real x) { return std::abs(x); },
     [](Real x) { return Real((x > 0) - (x < 0)); }},
    {"square", [](In x) { return square(x); }, [](Real x) { return x * x; },
     [](Real x) { return 2 * x; }},
    {"sqrt", [](In x) { return sqrt(x); }, [](Real x) { return std::sqrt(x); },
     [](Real x) { return 1 / (2 * std::sqrt(x)); }},
    {"rsqrt", [](In x) { return rsqrt(x); }, [](Real x) { return 1 / std::sqrt(x); },
     [](Real x) { return Real(-0.5) / std::sqrt(x) / x; }},
    {"sign", [](In x) { return sign(x); },
     [](Real x) { return x == 0 || std::isnan(x) ? x : std::copysign(Real(1), x); }, flat},
    {"floor", [](In x) { return floor(x); }, [](Real x) { return std::floor(x); }, flat},
    {"ceil", [](In x) { return ceil(x); }, [](Real x) { return std::ceil(x); }, flat},
    {"round", [](In x) { return round(x); }, [](Real x) { return std::nearbyint(x); }, flat},
    {"clamp", [](In x) { return clamp(x, -0.5, 30); },
     [](Real x) { return x < Real(-0.5) ? Real(-0.5)
                         : x > 30       ? 30
                                        : x; },
     [](Real x) { return Real(x >= Real(-0.5) && x <= 30); }},
    {"sin", [](In x) { return sin(x); }, [](Real x) { return std::sin(x); },
     [](Real x) { return std::cos(x); }},
    {"cos", [](In x) { return cos(x); }, [](Real x) { return std::cos(x); },
     [](Real x) { return -std::sin(x); }},
    {"pow, to a whole number", [](In x) { return pow(x, 3); }, [](Real x) { return x * x * x; },
     [](Real x) { return 3 * x * x; }},
    {"pow, to a fraction", [](In x) { return pow(x, -1.5); },
     [](Real x) { return std::pow(x, Real(-1.5)); },
     [](Real x) { return Real(-1.5) * std::pow(x, Real(-2.5)); }},
    {"pow, of a number", [](In x) { return pow(1.5, x); },
     [](Real x) { return std::pow(Real(1.5), x); },
     [](Real x) { return std::pow(Real(1.5), x) * std::log(Real(1.5)); }},
    {"reciprocal", [](In x) { return reciprocal(x); }, [](Real x) { return 1 / x; },
     [](Real x) { return -1 / x / x; }},
    {"exp", [](In x) { return exp(x); }, [](Real x) { return std::exp(x); },
     [](Real x) { return std::exp(x); }},
    {"expm1", [](In x) { return expm1(x); }, [](Real x) { return std::expm1(x); },
     [](Real x) { return std::exp(x); }},
    {"log", [](In x) { return log(x); }, [](Real x) { return std::log(x); },
     [](Real x) { return 1 / x; }},
    {"log1p", [](In x) { return log1p(x); }, [](Real x) { return std::log1p(x); },
     [](Real x) { return 1 / (1 + x); }},
    {"erf", [](In x) { return erf(x); }, [](Real x) { return std::erf(x); },
     [](Real x) { return std::exp(-x * x) * Real(1.128379167095512573896159L); }},
    {"tanh", [](In x) { return tanh(x); }, [](Real x) { return std::tanh(x); },
     [](Real x) { return 1 - std::tanh(x) * std::tanh(x); }},
    {"sigmoid", [](In x) { return sigmoid(x); }, sigmoid_at,
     [](Real x) { return sigmoid_at(x) * sigmoid_at(-x); }},
    {"relu", [](In x) { return relu(x); }, [](Real x) { return x < 0 ? 0 : x; },
     [](Real x) { return Real(x > 0 || std::isnan(x)); }},
    {"relu_", [](In x) { return x.clone().relu_(); }, [](Real x) { return x < 0 ? 0 : x; },
     [](Real x) { return Real(x > 0 || std::isnan(x)); }},
    {"leaky_relu", [](In x) { return leaky_relu(x, 0.25); },
     [](Real x) { return x < 0 ? x / 4 : x; }, [](Real x) { return x > 0 ? 1 : Real(0.25); }},
    {"elu", [](In x) { return elu(x, 0.5); }, [](Real x) { return x > 0 ? x : std::expm1(x) / 2; },
     [](Real x) { return x > 0 ? 1 : std::exp(x) / 2; }},
    {"celu", [](In x) { return celu(x, 0.5); },
     [](Real x) { return x > 0 ? x : std::expm1(2 * x) / 2; },
     [](Real x) { return x > 0 ? 1 : std::exp(2 * x); }},
    {"silu", [](In x) { return silu(x); }, [](Real x) { return damped(sigmoid_at(x), x); },
     [](Real x) {
       const Real s = sigmoid_at(x);
       return s + damped(s * sigmoid_at(-x), x);
     }},
    {"gelu", [](In x) { return gelu(x); }, [](Real x) { return damped(cdf(x), x); },
     [](Real x) { return cdf(x) + damped(density(x), x); }, true},
    {"gelu, by tanh", [](In x) { return gelu(x, Gelu::tanh); },
     [](Real x) { return damped(one_plus_tanh(gelu_inner(x)) / 2, x); },
     [](Real x) {
       const Real t = one_plus_tanh(gelu_inner(x)), rest = one_plus_tanh(-gelu_inner(x));
       const Real inner = Real(0.797884560802865355879892L) * (1 + Real(3 * 0.044715L) * x * x);
       return t / 2 + damped(damped(t * rest / 2, x), inner);
     },
     true},
    {"softplus", [](In x) { return softplus(x); },
     [](Real x) { return std::fmax(x, Real(0)) + std::log1p(std::exp(-std::abs(x))); }, sigmoid_at},
    {"softplus, without a threshold", [](In x) { return softplus(x, 1, 1000); },
     [](Real x) {
       return std::isnan(x) ? x : std::fmax(x, Real(0)) + std::log1p(std::exp(-std::abs(x)));
     },
     sigmoid_at},
    {"tan", [](In x) { return tan(x); }, [](Real x) { return std::tan(x); },
     [](Real x) { return 1 + std::tan(x) * std::tan(x); }},
    {"asin", [](In x) { return asin(x); }, [](Real x) { return std::asin(x); },
     [](Real x) { return 1 / std::sqrt(1 - x * x); }},
    {"acos", [](In x) { return acos(x); }, [](Real x) { return std::acos(x); },
     [](Real x) { return -1 / std::sqrt(1 - x * x); }},
    {"atan", [](In x) { return atan(x); }, [](Real x) { return std::atan(x); },
     [](Real x) { return 1 / (1 + x * x); }},
    {"sinh", [](In x) { return sinh(x); }, [](Real x) { return std::sinh(x); },
     [](Real x) { return std::cosh(x); }},
    {"cosh", [](In x) { return cosh(x); }, [](Real x) { return std::cosh(x); },
     [](Real x) { return std::sinh(x); }},
    {"asinh", [](In x) { return asinh(x); }, [](Real x) { return std::asinh(x); },
     [](Real x) { return 1 / std::hypot(x, Real(1)); }},
    {"acosh", [](In x) { return acosh(x); }, [](Real x) { return std::acosh(x); },
     [](Real x) { return 1 / std::sqrt(x - 1) / std::sqrt(x + 1); }},
    {"atanh", [](In x) { return atanh(x); }, [](Real x) { return std::atanh(x); },
     [](Real x) { return 1 / ((1 - x) * (1 + x)); }},
    {"exp2", [](In x) { return exp2(x); }, [](Real x) { return std::exp2(x); },
     [](Real x) { return std::exp2(x) * std::log(Real(2)); }},
    {"log2", [](In x) { return log2(x); }, [](Real x) { return std::log2(x); },
     [](Real x) { return 1 / x / std::log(Real(2)); }},
    {"log10", [](In x) { return log10(x); }, [](Real x) { return std::log10(x); },
     [](Real x) { return 1 / x / std::log(Real(10)); }},
    {"erfc", [](In x) { return erfc(x); }, [](Real x) { return std::erfc(x); },
     [](Real x) { return std::exp(-x * x) * Real(-1.128379167095512573896159L); }},
    {"trunc", [](In x) { return trunc(x); }, [](Real x) { return std::trunc(x); }, flat},
    {"frac", [](In x) { return frac(x); }, [](Real x) { return x - std::trunc(x); },
     [](Real) { return Real(1); }},
    {"deg2rad", [](In x) { return deg2rad(x); },
     [](Real x) { return x * Real(0.0174532925199432957692L); },
     [](Real) { return Real(0.0174532925199432957692L); }},
    {"hardtanh", [](In x) { return hardtanh(x, -2, 30); },
     [](Real x) { return x < -2   ? -2
                         : x > 30 ? 30
                                  : x; },
     [](Real x) { return Real(!(x <= -2 || x >= 30)); }},
    {"relu6", [](In x) { return relu6(x); }, [](Real x) { return x < 0   ? 0
                                                                 : x > 6 ? 6
                                                                         : x; },
     [](Real x) { return Real(!(x <= 0 || x >= 6)); }},
    {"hardsigmoid", [](In x) { return hardsigmoid(x); },
     [](Real x) { return x < -3  ? 0
                         : x > 3 ? 1
                                 : (x + 3) / 6; },
     [](Real x) { return std::abs(x) < 3 ? 1 / Real(6) : 0; }},
    {"hardswish", [](In x) { return hardswish(x); },
     [](Real x) { return x < -3  ? 0
                         : x > 3 ? x
                                 : x * (x + 3) / 6; },
     [](Real x) { return x <= -3 ? 0
                         : x < 3 ? x / 3 + Real(0.5)
                                 : 1; }},
    {"mish", [](In x) { return mish(x); },
     [](Real x) {
       return damped(std::tanh(std::fmax(x, Real(0)) + std::log1p(std::exp(-std::abs(x)))), x);
     },
     [](Real x) {
       if (std::isnan(x)) return x;
       if (x > 1000) return Real(1);
       if (x < -5000) return Real(0);
       const Real e = std::exp(x), n = e * (e + 2);
       return n / (n + 2) + damped(4 * e / (n + 2) * (1 + e) / (n + 2), x);
     },
     true},
    {"logsigmoid", [](In x) { return logsigmoid(x); },
     [](Real x) {
       return std::isnan(x) ? x : std::fmin(x, Real(0)) - std::log1p(std::exp(-std::abs(x)));
     },
     [](Real x) { return sigmoid_at(-x); }},
    {"softsign", [](In x) { return softsign(x); }, [](Real x) { return x / (1 + std::abs(x)); },
     [](Real x) { return 1 / (1 + std::abs(x)) / (1 + std::abs(x)); }},
    {"hardshrink", [](In x) { return hardshrink(x, 0.25); },
     [](Real x) { return std::abs(x) <= Real(0.25) ? 0 : x; },
     [](Real x) { return Real(!(std::abs(x) <= Real(0.25))); }},
    {"threshold", [](In x) { return threshold(x, 0.25, 2); },
     [](Real x) { return x <= Real(0.25) ? 2 : x; },
     [](Real x) { return Real(!(x <= Real(0.25))); }},
    {"0 / x", [](In x) { return 0 / x; }, [](Real x) { return 0 / x; },
     [](Real x) { return -0 / x / x; }},
    {"0 / x, of tensors", [](In x) { return zeros_like(x) / x; }, [](Real x) { return 0 / x; },
     [](Real x) { return -0 / x / x; }},
    {"0 / x, in place", [](In x) { return zeros_like(x).div_(x); }, [](Real x) { return 0 / x; },
     [](Real x) { return -0 / x / x; }},
    {"1 / x", [](In x) { return 1 / x; }, [](Real x) { return 1 / x; },
     [](Real x) { return -1 / x / x; }},
    {"maximum", [](In x) { return maximum(x, full_like(x, 0.5)); },
     [](Real x) { return x < Real(0.5) ? Real(0.5) : x; },
     [](Real x) { return x < Real(0.5) ? 0 : Real(1); }},
    {"minimum", [](In x) { return minimum(full_like(x, 0.5), x); },
     [](Real x) { return x > Real(0.5) ? Real(0.5) : x; },
     [](Real x) { return x > Real(0.5) ? 0 : Real(1); }},
};

template <class T>
std::vector<double> special_values() {
  using limits = std::numeric_limits<T>;
  const double tiny = static_cast<double>(limits::min()), most = static_cast<double>(limits::max());
  std::vector<double> all = {0};
  for (const double v :
       {tiny, tiny / 64, 1e-30, 1e-10, 1e-3, 0.25,   1.,   2.5,
        3.7,  3.8,       3.9,   4.,    5.3,  5.6564, 7.,   12.,
        20.,  36.,       80.,   87.5,  88.5, 89.,    95.,  100.,
        104., 700.,      745.,  1e4,   1e13, 1e20,   most, static_cast<double>(inf)}) {
    all.push_back(v);
    all.push_back(-v);
  }
  all.push_back(limits::quiet_NaN());
  return all;
}

double eps_of(DType dtype) {
  return is_reduced_floating(dtype) ? test::epsilon(dtype) / 2 : test::epsilon(dtype);
}

// Within some units in the last place, or some of the least normal number.
bool near(double got, Real wanted, DType dtype) {
  const double eps = eps_of(dtype);
  const double least = 64 * test::least_normal(dtype) * (dtype == float16 ? eps : 1);
  const Real most = test::greatest(dtype);
  if (std::isnan(got) || std::isnan(wanted)) return std::isnan(got) && std::isnan(wanted);
  if (std::abs(wanted) > most * (1 - eps))
    return std::abs(got) > most / 2 && (got > 0) == (wanted > 0);
  return std::abs(got - wanted) <= 8 * eps * std::abs(wanted) + least;
}

void check_function(const Function& f, DType dtype) {
  const std::vector<double> at =
      dtype == float64 ? special_values<double>() : special_values<float>();
  const Tensor x = from<double>(at).to(dtype).detach().requires_grad_();
  const Tensor y = f.op(x);
  y.sum().backward();
  const auto in = x.to_vector<double>(), values = y.to_vector<double>(),
             slopes = x.grad().to_vector<double>();
  for (size_t i = 0; i < in.size(); ++i) {
    if (in[i] == 0 && at[i] != 0) continue;  // too small for the type
    const Real value = f.value(in[i]), slope = f.slope(in[i]);
    const double slack = 4 * eps_of(dtype) * (f.less_than_one ? std::abs(in[i]) : 0);
    BOOST_TEST((near(values[i], value, dtype) || std::abs(values[i] - value) <= slack),
               f.name << "(" << in[i] << ") of " << dtype << ": expected " << value << ", got "
                      << values[i]);
    // What is computed as 1 less something is no better than 1.
    const bool near_one = std::abs(slopes[i] - slope) <= (f.less_than_one ? 64 : 4) * eps_of(dtype);
    BOOST_TEST((near(slopes[i], slope, dtype) || near_one),
               "derivative of " << f.name << " at " << in[i] << " of " << dtype << ": expected "
                                << slope << ", got " << slopes[i]);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(functions_hold_to_the_ends_of_their_range) {
  for (const Function& f : functions)
    for (const DType dtype : test::floating_dtypes) check_function(f, dtype);
}

// A function whose slope is a number there bends by one as well.
BOOST_AUTO_TEST_CASE(second_derivatives_are_numbers_at_the_ends) {
  for (const Function& f : functions)
    for (const DType dtype : test::floating_dtypes) {
      const std::vector<double> at =
          dtype == float64 ? special_values<double>() : special_values<float>();
      const Tensor x = from<double>(at).to(dtype).detach().requires_grad_();
      const Tensor slope = grad({f.op(x).sum()}, {x}, {}, true, true)[0];
      if (!slope.requires_grad()) continue;  // the same everywhere
      const Tensor curve = grad({slope.sum()}, {x}, {}, false, false, true)[0];
      if (!curve.defined()) continue;
      const auto in = x.to_vector<double>(), slopes = slope.to_vector<double>(),
                 curves = curve.to_vector<double>();
      for (size_t i = 0; i < in.size(); ++i)
        if (std::abs(in[i]) >= 1 && std::isfinite(in[i]) && std::isfinite(slopes[i]))
          BOOST_TEST(!std::isnan(curves[i]), "second derivative of " << f.name << " at " << in[i]
                                                                     << " of " << dtype
                                                                     << " is NaN");
    }
}

// There the tanh is almost 1, and its derivative has its own digits.
BOOST_AUTO_TEST_CASE(gelu_bends_with_its_digits_where_it_is_almost_straight) {
  const auto curve = [](const Tensor& at) {
    const Tensor x = at.detach().requires_grad_();
    return grad({grad({gelu(x, Gelu::tanh).sum()}, {x}, {}, true, true)[0].sum()}, {x})[0];
  };
  const Tensor x = arange(2.5, 4.5, 0.01, float32);
  for (const Tensor& t : {x, -x}) {
    const Tensor exact = curve(t.to(float64));
    BOOST_TEST(((curve(t).to(float64) / exact - 1).abs() < 1e-4).all().item<bool>());
  }
}

BOOST_AUTO_TEST_CASE(erf_stays_within_one_and_gelu_below_zero) {
  for (const DType dtype : {float32, bfloat16}) {
    const Tensor x = (arange(-80000, 80001, 1, float64) * 1e-4).to(dtype);
    BOOST_TEST((erf(x).abs() <= 1).all().item<bool>());
    const Tensor negative = -x.abs();
    BOOST_TEST((gelu(negative) <= 0).all().item<bool>());
    BOOST_TEST((gelu(negative, Gelu::tanh) <= 0).all().item<bool>());
  }
}
