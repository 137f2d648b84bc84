// Initialisers beside those of layers_test.cpp.

#include "../check.h"

using namespace rw;
using namespace rw::test;
namespace init = nn::init;
using init::Nonlinearity;

namespace {

double average(const Tensor& t) { return t.mean().item<double>(); }
double deviation(const Tensor& t) { return t.std().item<double>(); }

// Within five standard errors.
void check_moments(const Tensor& t, double expected_mean, double expected_std) {
  const double n = static_cast<double>(t.numel());
  BOOST_TEST(std::abs(average(t) - expected_mean) < 5 * expected_std / std::sqrt(n));
  BOOST_TEST(std::abs(deviation(t) / expected_std - 1) < 5 / std::sqrt(n));
}

// |a' a - gain^2 1| of the vectors that are fewer.
double distance_from_orthogonal(const Tensor& t, double gain) {
  const Tensor m = t.to(float64).flatten(1);
  const Tensor gram = m.size(0) < m.size(1) ? m.matmul(m.t()) : m.t().matmul(m);
  return (gram - eye(gram.size(0), float64) * (gain * gain)).abs().max().item<double>();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(initialisers)

BOOST_AUTO_TEST_CASE(gains) {
  BOOST_TEST(init::calculate_gain(Nonlinearity::linear) == 1);
  BOOST_TEST(init::calculate_gain(Nonlinearity::sigmoid) == 1);
  BOOST_TEST(init::calculate_gain(Nonlinearity::tanh) == 5.0 / 3);
  BOOST_TEST(init::calculate_gain(Nonlinearity::relu) == std::sqrt(2.0));
  BOOST_TEST(init::calculate_gain(Nonlinearity::leaky_relu) == std::sqrt(2 / 1.0001));
  BOOST_TEST(init::calculate_gain(Nonlinearity::leaky_relu, 2) == std::sqrt(0.4));
  BOOST_TEST(init::calculate_gain(Nonlinearity::selu) == 0.75);
}

BOOST_AUTO_TEST_CASE(kaiming_for_what_follows) {
  manual_seed(1);
  const double fan_in = 200;
  check_moments(init::kaiming_normal_(empty({100, 200}), 0, init::Fan::in, Nonlinearity::tanh), 0,
                5 / 3.0 / std::sqrt(fan_in));
  const Tensor w =
      init::kaiming_uniform_(empty({100, 200}), 0, init::Fan::in, Nonlinearity::linear);
  check_moments(w, 0, 1 / std::sqrt(fan_in));
  BOOST_TEST(w.abs().max().item() <= std::sqrt(3 / fan_in) * (1 + 1e-6));
}

BOOST_AUTO_TEST_CASE(truncated_normal_distributions) {
  manual_seed(2);
  const Tensor t = init::trunc_normal_(empty(20000));
  // Of [-2, 2]: the variance is 1 - 4 phi(2) / (2 Phi(2) - 1) = 0.7737.
  check_moments(t, 0, std::sqrt(0.77374));
  BOOST_TEST(t.abs().max().item() <= 2);
  BOOST_TEST(t.abs().max().item() > 1.9);
  const Tensor tail = init::trunc_normal_(empty(1000, float64), 1, 0.5, 3, 4);
  BOOST_TEST(tail.min().item<double>() >= 3);
  BOOST_TEST(tail.max().item<double>() <= 4);
  BOOST_TEST(average(tail) < 3.2);
  for (const DType dtype : {float16, bfloat16})
    check_moments(init::trunc_normal_(empty(20000, dtype)).to(float32), 0, std::sqrt(0.77374));
  BOOST_CHECK_EXCEPTION(
      init::trunc_normal_(empty(3), 0, 1, 2, -2), Error,
      saying("trunc_normal_: expected a mean, a std of at least 0 and an interval, "
             "got mean 0, std 1, [2, -2]"));
}

BOOST_AUTO_TEST_CASE(identities) {
  BOOST_TEST(equal(init::eye_(empty({2, 3})), from({{1.f, 0.f, 0.f}, {0.f, 1.f, 0.f}})));
  BOOST_CHECK_EXCEPTION(init::eye_(empty(3)), ShapeError,
                        saying("eye_: expected a tensor of 2 dimensions, got shape [3]"));
  const Tensor x = randn({2, 4, 5, 5});
  const Tensor w = init::dirac_(empty({4, 4, 3, 3}));
  BOOST_TEST(equal(conv2d(x, w, {}, {.padding = 1}), x));
  const Tensor grouped = init::dirac_(empty({4, 2, 3, 3}), 2);
  BOOST_TEST(equal(conv2d(x, grouped, {}, {.padding = 1, .groups = 2}), x));
  BOOST_TEST(init::dirac_(empty({6, 2, 3})).sum().item() == 2);
  BOOST_TEST(init::dirac_(empty({6, 2, 3, 3, 3}), 3).sum().item() == 6);
  BOOST_CHECK_EXCEPTION(init::dirac_(empty({3, 3})), ShapeError,
                        saying("dirac_: expected a tensor of 3 to 5 dimensions, got shape [3, 3]"));
  BOOST_CHECK_EXCEPTION(init::dirac_(empty({3, 3, 1}), 2), ShapeError,
                        saying("dirac_: expected groups that divide the first size of [3, 3, 1]"));
}

BOOST_AUTO_TEST_CASE(orthogonal_matrices) {
  manual_seed(3);
  for (const Shape& shape : {Shape{5, 5}, Shape{3, 8}, Shape{8, 3}, Shape{4, 3, 2, 2}}) {
    BOOST_TEST(distance_from_orthogonal(init::orthogonal_(empty(shape)), 1) < 1e-6);
    BOOST_TEST(distance_from_orthogonal(init::orthogonal_(empty(shape, float64), 3), 3) < 1e-13);
  }
  BOOST_TEST(distance_from_orthogonal(init::orthogonal_(empty({4, 4}, bfloat16)), 1) < 2e-2);
  // The diagonal of such matrices is as often below zero as above.
  int below = 0;
  for (int i = 0; i < 400; ++i) below += init::orthogonal_(empty({2, 2}))[0][0].item() < 0;
  BOOST_TEST(std::abs(below - 200) < 50);
  BOOST_CHECK_EXCEPTION(init::orthogonal_(empty(3)), ShapeError,
                        saying("orthogonal_: expected a tensor of at least 2 dimensions"));
  BOOST_TEST((init::orthogonal_(empty({0, 3})).shape() == Shape{0, 3}));
}

BOOST_AUTO_TEST_CASE(sparse_matrices) {
  manual_seed(4);
  const Tensor t = init::sparse_(empty({25, 400}), 0.1, 2);
  const Tensor zeros_of_columns = (t == 0).sum(0);
  BOOST_TEST((zeros_of_columns == 3).all().item<bool>());  // 2.5, rounded up
  const Tensor rest = t[t != 0];
  check_moments(rest, 0, 2);
  // Each row is as likely.
  const Tensor zeros_of_rows = (t == 0).sum(1);
  BOOST_TEST(zeros_of_rows.max().item<int64_t>() < 48 + 5 * 7);
  BOOST_TEST(zeros_of_rows.min().item<int64_t>() > 48 - 5 * 7);
  BOOST_CHECK_EXCEPTION(init::sparse_(empty(3), 0.1), ShapeError,
                        saying("sparse_: expected a tensor of 2 dimensions, got shape [3]"));
  BOOST_CHECK_EXCEPTION(init::sparse_(empty({3, 3}), 1.5), Error,
                        saying("sparse_: expected a sparsity in [0, 1], got 1.5"));
}

BOOST_AUTO_TEST_CASE(off_the_tape_and_in_place) {
  Tensor leaf = zeros({3, 3}).requires_grad_();
  BOOST_TEST(init::eye_(leaf).is_same(leaf));
  BOOST_TEST(init::orthogonal_(leaf).is_same(leaf));
  BOOST_TEST(init::sparse_(leaf, 0.5).is_same(leaf));
  BOOST_TEST(init::trunc_normal_(leaf).is_same(leaf));
  BOOST_TEST(leaf.is_leaf());
  BOOST_CHECK_THROW(init::eye_(zeros({2, 2}, int64)), DTypeError);
}

// Of a distribution's tail near x, the numbers are about 1 / x apart from its end.
BOOST_AUTO_TEST_CASE(truncated_to_a_tail) {
  manual_seed(5);
  for (const DType dtype : {float32, float64}) {
    const auto mean_of = [&](double mean, double std, double low, double high) {
      const Tensor t = init::trunc_normal_(empty(20000, dtype), mean, std, low, high);
      BOOST_TEST(t.min().item<double>() >= low - 1e-5);
      BOOST_TEST(t.max().item<double>() <= high + 1e-5);
      return average(t.to(float64));
    };
    BOOST_TEST(std::abs(mean_of(-20, 1, -2, 2) - -1.9448) < 2e-3);
    BOOST_TEST(std::abs(mean_of(20, 1, -2, 2) - 1.9448) < 2e-3);
    BOOST_TEST(std::abs(mean_of(0, 1, 9, 10) - 9.1085) < 4e-3);
    BOOST_TEST(std::abs(mean_of(0, 1, -10, -9) - -9.1085) < 4e-3);
    BOOST_TEST(std::abs(mean_of(0, 1, 50, 51) - 50.02) < 1e-3);
    BOOST_TEST(std::abs(mean_of(0, 1, 50, 50.001) - 50.0005) < 1e-4);
    BOOST_TEST(std::abs(mean_of(0, 1, -1, 8) - 0.28760) < 3e-2);
  }
}

BOOST_AUTO_TEST_CASE(of_a_generator) {
  const auto check_draws = [](const auto& fill) {
    const Tensor before = rand(1);
    manual_seed(8);
    Generator one(7), other(7);
    const Tensor a = fill(one), b = fill(other);
    BOOST_TEST(equal(a, b));
    BOOST_TEST(one.counter() > 0);
    BOOST_TEST(default_generator().counter() == 0);
    BOOST_TEST(!equal(fill(one), a));
  };
  const auto w = [] { return empty({4, 5}); };
  check_draws([&](Generator& g) { return init::uniform_(w(), 0, 1, g); });
  check_draws([&](Generator& g) { return init::normal_(w(), 0, 1, g); });
  check_draws([&](Generator& g) { return init::trunc_normal_(w(), 0, 1, -2, 2, g); });
  check_draws([&](Generator& g) { return init::xavier_uniform_(w(), 1, g); });
  check_draws([&](Generator& g) { return init::xavier_normal_(w(), 1, g); });
  check_draws([&](Generator& g) { return init::orthogonal_(w(), 1, g); });
  check_draws([&](Generator& g) { return init::sparse_(w(), 0.5, 1, g); });
  const auto fan = init::Fan::in;
  const auto after = Nonlinearity::relu;
  check_draws([&](Generator& g) { return init::kaiming_uniform_(w(), 0, fan, after, g); });
  check_draws([&](Generator& g) { return init::kaiming_normal_(w(), 0, fan, after, g); });
}

BOOST_AUTO_TEST_CASE(errors_name_the_function_that_was_called) {
  const Tensor integers = zeros({2, 2}, int64);
  BOOST_CHECK_EXCEPTION(init::xavier_uniform_(integers), DTypeError, saying("xavier_uniform_: "));
  BOOST_CHECK_EXCEPTION(init::kaiming_normal_(integers), DTypeError, saying("kaiming_normal_: "));
  BOOST_CHECK_EXCEPTION(init::xavier_uniform_(empty({2, 2}), -1), Error,
                        saying("xavier_uniform_: expected a standard deviation of at least 0"));
  BOOST_TEST((init::xavier_normal_(empty({0, 0})).shape() == Shape{0, 0}));
  BOOST_TEST((init::dirac_(empty({2, 2, 0})).shape() == Shape{2, 2, 0}));
}

BOOST_AUTO_TEST_SUITE_END()
