// Pointwise functions beside the oldest ones: errors, dtypes, memory.

#include <cmath>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

using Function = Tensor (*)(const Tensor&);
struct Named {
  const char* name;
  Function f;
  double low, high;
};

const Named functions[] = {
    {"tan", tan, -1.4, 1.4},     {"asin", asin, -1, 1},       {"acos", acos, -0.9, 0.9},
    {"atan", atan, -9, 9},       {"sinh", sinh, -9, 9},       {"cosh", cosh, -9, 9},
    {"asinh", asinh, -50, 50},   {"acosh", acosh, 1.1, 90},   {"atanh", atanh, -0.95, 0.95},
    {"exp2", exp2, -12, 12},     {"log2", log2, 1.1, 90},     {"log10", log10, 1.1, 90},
    {"sinc", sinc, -0.9, 0.9},   {"erfc", erfc, -2, 4},       {"erfinv", erfinv, -0.95, 0.95},
    {"lgamma", lgamma, 2.2, 40}, {"digamma", digamma, 2, 40},
};

}  // namespace

// Within a few units in the last place, wherever a vector ends.
BOOST_AUTO_TEST_CASE(float32_and_reduced_types_agree_with_float64) {
  for (const Named& n : functions)
    for (const DType dtype : {float32, bfloat16, float16}) {
      const Tensor x = (rand({517}, float64) * (n.high - n.low) + n.low).to(dtype);
      const Tensor exact = n.f(x.to(float64)), got = n.f(x).to(float64);
      BOOST_TEST(n.f(x).dtype() == dtype, n.name);
      const double eps = epsilon(dtype) * (dtype == float32 ? 8 : 1.01);
      const Tensor error = abs(got - exact) / (abs(exact) + least_normal(dtype));
      BOOST_TEST(error.max().item<double>() <= eps,
                 n.name << " of " << dtype << ": " << error.max());
    }
}

BOOST_AUTO_TEST_CASE(erfinv_is_the_inverse_of_erf) {
  const Tensor x = arange(-5.5, 5.5, 0.01, float64);
  const Tensor y = erfinv(erf(x));
  const Tensor slope = exp(square(x));  // by which the error of erf grows
  BOOST_TEST((abs(y - x) <= slope * 2.3e-16 + abs(x) * 1e-15).all().item<bool>());
  const Tensor near_one = 1 - pow(scalar_tensor(10, float64), -arange(1, 16, 1, float64));
  BOOST_TEST(allclose(erf(erfinv(near_one)), near_one, 1e-15, 0));
}

BOOST_AUTO_TEST_CASE(gamma_functions_follow_their_recurrence) {
  const Tensor x = arange(-20.95, 20, 0.1, float64);
  BOOST_TEST(allclose(lgamma(x + 1), lgamma(x) + log(abs(x)), 1e-12, 1e-12));
  BOOST_TEST(allclose(digamma(x + 1), digamma(x) + 1 / x, 1e-10, 1e-10));
  for (const int64_t n : {1, 2, 3}) {
    const double factorial = n == 3 ? -6 : n == 2 ? 2 : -1;
    const Tensor step = pow(x, -n - 1) * factorial;
    BOOST_TEST(allclose(polygamma(n, x + 1), polygamma(n, x) + step, 1e-8, 1e-8), "n = " << n);
  }
  BOOST_TEST(polygamma(2, full({1}, -1e15 - 0.5, float64)).isfinite().item<bool>());
}

// Where the formula has lost its digits.
BOOST_AUTO_TEST_CASE(sinc_is_smooth_at_zero) {
  for (const double at : {0.0, 1e-4, 0.03, 0.0799, 0.0801}) {
    const auto slope_of = [at](DType dtype) {
      const Tensor x = full({}, at, dtype).requires_grad_();
      const Tensor slope = grad({sinc(x)}, {x}, {}, true, true)[0];
      return std::pair(slope.item<double>(), grad({slope}, {x})[0].item<double>());
    };
    const auto [wanted, bend] = slope_of(float64);
    const auto [got, got_bend] = slope_of(float32);
    BOOST_TEST(std::abs(got - wanted) <= 3e-6 * std::abs(wanted));
    BOOST_TEST(std::abs(got_bend - bend) <= 1e-3);
    BOOST_TEST(std::abs(bend + 3.2898681336964529) <= 40 * at * at + 1e-14);
  }
}

BOOST_AUTO_TEST_CASE(exact_values) {
  const auto at = [](Function f, double x) { return f(full({9}, x, float64))[8].item<double>(); };
  BOOST_TEST(at(log2, 8) == 3);
  BOOST_TEST(at(log10, 1000) == 3);
  BOOST_TEST(at(exp2, -3) == 0.125);
  BOOST_TEST(at(asin, 0) == 0);
  BOOST_TEST(at(lgamma, 1) == 0);
  BOOST_TEST(at(lgamma, 2) == 0);
  BOOST_TEST(at(log2, std::ldexp(1.0, -1070)) == -1070);
  BOOST_TEST(std::isinf(at(erfinv, 1)));
  BOOST_TEST(std::isnan(at(acosh, -3)));
  BOOST_TEST(std::signbit(at(sinh, -0.0)));
}

BOOST_AUTO_TEST_CASE(errors_of_functions) {
  const Tensor x = rand({3}), i = arange(3), b = i > 1;
  BOOST_CHECK_EXCEPTION(hypot(i, i), DTypeError,
                        saying("hypot: expected floating tensors, got int64"));
  BOOST_CHECK_EXCEPTION(frac(i), DTypeError, saying("frac: expected a floating input, got int64"));
  BOOST_CHECK_EXCEPTION(fmod(b, b), DTypeError, saying("fmod: not defined for bool"));
  BOOST_CHECK_EXCEPTION(floor_divide(i, i), Error,
                        saying("floor_divide: an integer can't be divided by zero"));
  BOOST_CHECK_EXCEPTION(gcd(x, x), DTypeError,
                        saying("gcd: expected integers, got float32 and float32"));
  BOOST_CHECK_EXCEPTION(i << b.to(float32), DTypeError,
                        saying("bitwise_left_shift: expected integers"));
  BOOST_CHECK_EXCEPTION(polygamma(-1, x), Error,
                        saying("polygamma: expected a derivative n >= 0, got -1"));
  BOOST_CHECK_EXCEPTION(lerp(x, x.to(float64), 0.5), DTypeError,
                        saying("lerp: expected tensors of one dtype, got float32 and float64"));
  BOOST_CHECK_EXCEPTION(
      addcdiv(x, i, i), DTypeError,
      saying("addcdiv: expected a floating dividend or divisor, got int64 and int64"));
  BOOST_CHECK_EXCEPTION(clamp(x, Tensor(), Tensor()), Error,
                        saying("clamp: both bounds are undefined"));
  BOOST_CHECK_EXCEPTION(clamp(x, {}, std::nullopt), Error, saying("clamp: neither bound is given"));
  BOOST_CHECK_EXCEPTION(isclose(x, i), DTypeError,
                        saying("isclose: expected tensors of one dtype"));
  BOOST_CHECK_EXCEPTION(heaviside(x, i), DTypeError,
                        saying("heaviside: expected tensors of one dtype"));
  BOOST_CHECK_EXCEPTION(hardtanh(x, 2, 1), Error,
                        saying("hardtanh: expected min_val <= max_val, got 2 and 1"));
  BOOST_CHECK_EXCEPTION(hardtanh(i.to(uint8)), DTypeError,
                        saying("hardtanh: uint8 has no numbers"));
  BOOST_CHECK_EXCEPTION(softshrink(x, -1), Error,
                        saying("softshrink: expected lambd >= 0, got -1"));
  BOOST_CHECK_EXCEPTION(mish(i), DTypeError, saying("mish: expected a floating input, got int64"));
  BOOST_CHECK_EXCEPTION(glu(x), ShapeError,
                        saying("glu: expected an even size of dimension -1, got 3"));
  BOOST_CHECK_EXCEPTION(prelu(rand({2, 3}), rand({2})), ShapeError,
                        saying("prelu: expected one weight or 3, one for each channel, got 2"));
  BOOST_CHECK_EXCEPTION(rrelu(x, 0.5, 0.2), Error, saying("rrelu: expected lower <= upper"));
  BOOST_CHECK_EXCEPTION(dropout1d(x), ShapeError,
                        saying("dropout1d: expected [N, C, L] or [C, L]"));
  BOOST_CHECK_EXCEPTION(dropout2d(rand({2, 3, 4, 4}), 1.5), Error,
                        saying("dropout2d: expected a probability in [0, 1], got 1.5"));
  BOOST_CHECK_EXCEPTION(tan(Tensor()), Error, saying("tan: the input is undefined"));
}

BOOST_AUTO_TEST_CASE(integers_and_empty_tensors) {
  const Tensor least = from<int64_t>({std::numeric_limits<int64_t>::min()});
  BOOST_TEST(equal(floor_divide(least, -1), least));
  BOOST_TEST(equal(fmod(least, -1), zeros_like(least)));
  BOOST_TEST(equal(div(least, from<int64_t>({-1}), Rounding::trunc), least));
  const Tensor none = rand({0, 3});
  for (const Named& n : functions) BOOST_TEST(n.f(none).shape() == none.shape(), n.name);
  BOOST_TEST(atan2(none, rand({3})).shape() == none.shape());
  BOOST_TEST(lerp(none, none, none).shape() == none.shape());
  BOOST_TEST(glu(rand({2, 0})).shape() == Shape({2, 0}));
  BOOST_TEST(isinf(none).dtype() == boolean);
  BOOST_TEST((atan2(least, least).dtype() == float32));
}

BOOST_AUTO_TEST_CASE(signs_of_floating_numbers_are_bits) {
  for (const DType dtype : floating_dtypes) {
    const Tensor x = from<double>({0.0, -0.0, 1, -1, -INFINITY, NAN}).to(dtype);
    BOOST_TEST(signbit(x).to_vector<int>() == std::vector<int>({0, 1, 0, 1, 1, 0}));
    BOOST_TEST(signbit(x.unsqueeze(1).expand({6, 2})).sum().item<int>() == 6);
  }
}

BOOST_AUTO_TEST_CASE(allclose_may_take_nan_as_equal) {
  const Tensor x = from<double>({1, NAN, INFINITY});
  BOOST_TEST(!allclose(x, x));
  BOOST_TEST(allclose(x, x, 1e-5, 1e-8, true));
}

BOOST_AUTO_TEST_CASE(isclose_takes_numbers_as_they_are) {
  constexpr int64_t big = int64_t{1} << 60, most = std::numeric_limits<int64_t>::max();
  const Tensor i = from<int64_t>({big + 1, big + 1, most, -most - 1, 7});
  const Tensor j = from<int64_t>({big, big + 1, -most - 1, most, 5});
  BOOST_TEST(isclose(i, j, 0, 0.5).to_vector<int>() == std::vector<int>({0, 1, 0, 0, 0}));
  BOOST_TEST(isclose(i, j, 0, 2).to_vector<int>() == std::vector<int>({1, 1, 0, 0, 1}));
  BOOST_TEST(isclose(i, j, 1, 0).to_vector<int>() == std::vector<int>({1, 1, 0, 0, 1}));
  // Neither the tolerance nor the distance is rounded to the dtype.
  const Tensor x = from<double>({1, 1, -INFINITY, INFINITY, 60000}).to(float16);
  const Tensor y = from<double>({1.0009765625, 1, INFINITY, INFINITY, -60000}).to(float16);
  BOOST_TEST(isclose(x, y, 0, 1e-3).to_vector<int>() == std::vector<int>({1, 1, 0, 1, 0}));
  BOOST_TEST(isclose(x, y, 0, 9.7e-4).to_vector<int>() == std::vector<int>({0, 1, 0, 1, 0}));
  BOOST_TEST(isclose(x, y, 2, 0).to_vector<int>() == std::vector<int>({1, 1, 0, 1, 1}));
  for (const DType dtype : all_dtypes)
    BOOST_TEST(allclose(zeros({2, 3}, dtype), zeros({3, 2}, dtype).t()), name(dtype));
  BOOST_CHECK_EXCEPTION(allclose(x, y, -1), Error, saying("allclose: expected tolerances"));
}

BOOST_AUTO_TEST_CASE(functions_with_parameters_in_place) {
  for (const DType dtype : floating_dtypes) {
    const Tensor x = from<double>({0.25, -1, NAN, INFINITY, -INFINITY, 1}).to(dtype);
    Tensor y = x.clone(), z = x.clone(), bounded = x.clone();
    const void* const memory = y.raw_data();
    BOOST_TEST(equal(y.nan_to_num_(0.5, {}, -2), nan_to_num(x, 0.5, {}, -2)), name(dtype));
    BOOST_TEST(y.raw_data() == memory);
    BOOST_TEST(allclose(z.logit_(), logit(x), 0, 0, true), name(dtype));
    BOOST_TEST(allclose(bounded.logit_(0.1), logit(x, 0.1), 0, 0, true), name(dtype));
  }
  Tensor i = arange(3);
  BOOST_TEST(equal(i.nan_to_num_(), arange(3)));
}

// --- Activations --------------------------------------------------------------------------------

// PyTorch's: what is below eps counts as eps, also where that is the upper of both bounds.
BOOST_AUTO_TEST_CASE(logit_of_bounds_that_cross) {
  for (const DType dtype : floating_dtypes) {
    const Tensor x = from<double>({-1, 0.5, 0.6, 1, NAN}).to(dtype).expand({9, 5});
    const double end = std::log(0.6 / 0.4);
    const Tensor y = from<double>({end, end, -end, -end, NAN}).expand({9, 5});
    BOOST_TEST(allclose(logit(x, 0.6).to(float64), y, 4 * epsilon(dtype), 4 * epsilon(dtype), true),
               name(dtype));
  }
}

BOOST_AUTO_TEST_CASE(rrelu_draws_slopes_where_not_positive) {
  manual_seed(1);
  const Tensor x = randn({1000}, float64);
  const Tensor slope = (rrelu(x, 0.2, 0.4, true) / x);
  BOOST_TEST((slope.masked_select(x > 0) == 1).all().item<bool>());
  const Tensor drawn = slope.masked_select(x < 0);
  BOOST_TEST(((drawn >= 0.2 - 1e-7).all().item<bool>() && (drawn < 0.4 + 1e-7).all().item<bool>()));
  BOOST_TEST(std::abs(drawn.mean().item<double>() - 0.3) < 0.02);
  BOOST_TEST(allclose(rrelu(x, 0.2, 0.4), leaky_relu(x, 0.3)));
}

BOOST_AUTO_TEST_CASE(gumbel_softmax_samples_the_distribution) {
  manual_seed(1);
  const Tensor p = from<double>({0.1, 0.2, 0.7});
  const Tensor logits = log(p).expand({20000, 3}).contiguous().requires_grad_();
  const Tensor hard = gumbel_softmax(logits, 0.5, true);
  BOOST_TEST(allclose(hard.detach().sum({1}), ones(20000, float64), 1e-12, 1e-12));
  BOOST_TEST(allclose(hard.detach().mean({0}), p, 0, 0.02));
  hard.sum().backward();
  BOOST_TEST(logits.grad().isfinite().all().item<bool>());
  const Tensor soft = gumbel_softmax(logits.detach(), 0.5);
  BOOST_TEST(allclose(soft.sum({1}), ones(20000, float64)));
}

BOOST_AUTO_TEST_CASE(channels_are_dropped_whole) {
  manual_seed(1);
  const Tensor y = dropout2d(ones({64, 32, 3, 5}), 0.25);
  const Tensor each = y.mean({2, 3});
  const Tensor of_whole = logical_or(each == 0, abs(each - 1 / 0.75) < 1e-6);
  BOOST_TEST(of_whole.all().item<bool>());
  BOOST_TEST(std::abs((each == 0).to(float64).mean().item<double>() - 0.25) < 0.03);
  BOOST_TEST(equal(dropout2d(y, 0.25, false), y));
  BOOST_TEST(equal(dropout1d(ones({4, 3}), 1), zeros({4, 3})));
  BOOST_TEST(dropout1d(ones({4, 3}), 0.5).mean({1}).max().item<float>() <= 2);
  BOOST_TEST(dropout3d(ones({4, 3, 2, 2}), 0.5).shape() == Shape({4, 3, 2, 2}));
}

BOOST_AUTO_TEST_CASE(alpha_dropout_keeps_mean_and_variance) {
  manual_seed(1);
  const Tensor x = randn({1 << 16}, float64);
  const Tensor y = alpha_dropout(x, 0.3, true);
  BOOST_TEST(std::abs(y.mean().item<double>()) < 0.02);
  BOOST_TEST(std::abs(y.var().item<double>() - 1) < 0.03);
  BOOST_TEST(equal(alpha_dropout(x), x));
  BOOST_TEST(equal(alpha_dropout(x, 1, true), zeros_like(x)));
}

BOOST_AUTO_TEST_CASE(a_divisor_that_becomes_zero_is_refused) {
  const Tensor big = full({}, 256, int64);
  for (const DType dtype : {int8, uint8}) {
    Tensor x = ones({3}, dtype);
    BOOST_CHECK_THROW(floor_divide(x, big), Error);
    BOOST_CHECK_THROW(fmod(x, big), Error);
    BOOST_CHECK_THROW(remainder(x, big), Error);
    BOOST_CHECK_THROW(div(x, big, Rounding::trunc), Error);
    BOOST_CHECK_THROW(x.floor_divide_(big), Error);
    BOOST_CHECK_THROW(x.fmod_(big), Error);
  }
}

BOOST_AUTO_TEST_CASE(nextafter_of_reduced_types_moves_by_one_bit) {
  for (const DType dtype : {float16, bfloat16}) {
    const double eps = dtype == float16 ? std::ldexp(1, -10) : std::ldexp(1, -7);
    const Tensor x = from<double>({1, 1, -1, 1, 0}).to(dtype);
    const Tensor y = nextafter(x, from<double>({2, 0, -2, 1, 1}).to(dtype));
    const std::vector<double> expected = {1 + eps, 1 - eps / 2, -1 - eps, 1};
    for (int64_t i = 0; i < 4; ++i)
      BOOST_TEST(y[i].item<double>() == expected[static_cast<size_t>(i)], i);
    BOOST_TEST(y[4].item<double>() > 0);
    Tensor z = x.clone();
    BOOST_TEST(equal(z.nextafter_(y), nextafter(x, y)));
  }
}
