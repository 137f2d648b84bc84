#include <rewind/rewind.h>

#include <cmath>

#include "../check.h"
#include "../dtypes.h"
#include "targets.h"

using namespace rw;

BOOST_AUTO_TEST_CASE(numbers_are_the_same_on_every_target) {
  for (const DType dtype : test::floating_dtypes)
    for (const int64_t n : {1, 7, 513, 5000}) {
      std::vector<Tensor> first;
      for (const int64_t target : test::targets()) {
        test::choose(target);
        manual_seed(3);
        const std::vector<Tensor> now = {rand({n}, dtype), randn({n}, dtype),
                                         empty({n}, dtype).uniform_(-2, 3),
                                         empty({n}, dtype).normal_(5, 0.1)};
        if (first.empty()) first = now;
        for (size_t k = 0; k < now.size(); ++k)
          BOOST_TEST(equal(now[k], first[k]), hwy::TargetName(target)
                                                  << " " << name(dtype) << " " << n << " " << k);
      }
    }
}

BOOST_AUTO_TEST_CASE(a_shorter_fill_begins_like_a_longer_one) {
  for (const DType dtype : test::floating_dtypes) {
    manual_seed(3);
    const Tensor all = randn({1001}, dtype);
    for (const int64_t n : {1, 2, 3, 5, 1000}) {
      manual_seed(3);
      BOOST_TEST(equal(randn({n}, dtype), all.narrow(0, 0, n)));
    }
  }
}

// Moments of a normal distribution, within five of their standard deviations.
BOOST_AUTO_TEST_CASE(normal_numbers_are_normal) {
  constexpr int64_t n = 1 << 20;
  const double root = std::sqrt(static_cast<double>(n));
  for (const DType dtype : {float32, float64}) {
    manual_seed(11);
    const Tensor z = randn({n}, dtype).to(float64);
    const auto mean = [](const Tensor& t) { return t.mean().item<double>(); };
    BOOST_TEST(std::abs(mean(z)) < 5 / root);
    BOOST_TEST(std::abs(mean(z * z) - 1) < 5 * std::sqrt(2.) / root);
    BOOST_TEST(std::abs(mean(z * z * z)) < 5 * std::sqrt(15.) / root);
    BOOST_TEST(std::abs(mean(z.square().square()) - 3) < 5 * std::sqrt(96.) / root);
    // Neighbours, which come from one pair, are independent.
    const Tensor pairs = z.view({-1, 2});
    BOOST_TEST(std::abs(mean(pairs.select(1, 0) * pairs.select(1, 1))) < 5 * std::sqrt(2.) / root);
    for (const double limit : {1., 2., 3., 4.}) {
      const double share = std::erfc(limit / std::sqrt(2.));
      const double found = mean((z.abs() > limit).to(float64));
      BOOST_TEST(std::abs(found - share) < 5 * std::sqrt(share) / root);
    }
  }
}

BOOST_AUTO_TEST_CASE(uniform_numbers_are_uniform) {
  constexpr int64_t n = 1 << 20;
  for (const DType dtype : {float32, float64}) {
    manual_seed(11);
    const Tensor u = rand({n}, dtype).to(float64);
    BOOST_TEST((u.amin({}).item<double>() >= 0 && u.amax({}).item<double>() < 1));
    for (int k = 0; k < 16; ++k) {
      const double found = ((u >= k / 16.) * (u < (k + 1) / 16.)).to(float64).mean().item<double>();
      BOOST_TEST(std::abs(found - 1 / 16.) < 5 * std::sqrt(1. / 16 / n));
    }
  }
}
