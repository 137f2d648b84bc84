// var and std: spreads far from zero, and corrections.

#include <cmath>
#include <limits>

#include "../check.h"

using namespace rw;
using namespace rw::test;

// Whatever the memory order, although the mean is large against the spread.
BOOST_AUTO_TEST_CASE(variances_about_large_means) {
  for (const DType dtype : {float64, float32})
    for (const double mean : {1e4, dtype == float32 ? 1e5 : 1e7}) {
      const Tensor x = (randn({8, 16, 1000}, float64) + mean).to(dtype);
      for (const Dims& dims : {Dims{0, 2}, Dims{0, 1, 2}, Dims{2}, Dims{0}}) {
        const Tensor wanted = var((x.to(float64) - mean), dims);
        const Tensor spread = stack({x, x}, -1).select(-1, 1);
        const double error = dtype == float64 ? 1e-12 : 1e-6;
        BOOST_TEST(allclose(var(x, dims).to(float64), wanted, error, 0), dims.str());
        BOOST_TEST(allclose(var(spread, dims).to(float64), wanted, error, 0), dims.str());
      }
    }
}

BOOST_AUTO_TEST_CASE(corrections) {
  const Tensor x = from<double>({1, 2, 4, 9});
  BOOST_TEST(x.var({}, 0).item<double>() == 9.5);
  BOOST_TEST(rw::var(x, {}, 2).item<double>() == 19);
  BOOST_TEST(std::isinf(rw::var(x, {}, 5).item<double>()));
  BOOST_TEST(std::isnan(from<double>({3}).var().item<double>()));
  for (const int64_t correction : {0, 2})
    check_gradients([=](const std::vector<Tensor>& in) { return rw::std(in[0], {1}, correction); },
                    {random_leaf({2, 4})}, "correction");
  // Where nothing varies the gradient is zero, not NaN.
  const Tensor same = ones(3).requires_grad_();
  same.std().backward();
  BOOST_TEST((same.grad().to_vector() == std::vector<float>{0, 0, 0}));
}

// 2 (x - mean) / (n - correction), whose sign changes with the divisor's.
BOOST_AUTO_TEST_CASE(gradients_of_corrections_beyond_the_count) {
  const auto gradient = [](bool of_std, double correction) {
    const Tensor x = from<double>({0, 1, 2}).requires_grad_();
    (of_std ? rw::std(x, {0}, correction) : var(x, {0}, correction)).backward();
    return x.grad().to_vector<double>();
  };
  const std::vector<double> four = {2, 0, -2}, five = {1, 0, -1}, nothing = {0, 0, 0};
  BOOST_TEST(gradient(false, 4) == four, boost::test_tools::per_element());
  BOOST_TEST(gradient(false, 5) == five, boost::test_tools::per_element());
  BOOST_TEST(gradient(true, 4) == nothing, boost::test_tools::per_element());
  const std::vector<double> three = gradient(false, 3);
  const double infinity = std::numeric_limits<double>::infinity();
  BOOST_TEST(three[0] == -infinity);
  BOOST_TEST(std::isnan(three[1]));
  BOOST_TEST(three[2] == infinity);
}

BOOST_AUTO_TEST_CASE(corrections_of_any_size) {
  const Tensor x = from<double>({1, 2, 4});
  for (const int64_t correction : {INT64_MIN, INT64_MIN + 1, int64_t{-1}, int64_t{3}, INT64_MAX}) {
    const double divisor = std::max(0.0, 3 - static_cast<double>(correction));
    BOOST_TEST(x.var({}, correction).item<double>() == (14.0 / 3) / divisor,
               boost::test_tools::tolerance(1e-12));
  }
}
