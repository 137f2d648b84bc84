#include <rewind/tensor/factories.h>

#include <rewind/tensor/parallel.h>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>
#include <set>

using namespace rw;

BOOST_AUTO_TEST_SUITE(factories)

BOOST_AUTO_TEST_CASE(constants) {
  BOOST_TEST(zeros({2, 2}, int64).to_vector<int64_t>() == (std::vector<int64_t>(4, 0)));
  BOOST_TEST(ones({3}, boolean).to_vector<int>() == (std::vector<int>(3, 1)));
  BOOST_TEST(full({2}, 1.5, bfloat16).to_vector() == (std::vector<float>(2, 1.5f)));
  BOOST_TEST(eye(2, 3).to_vector() == (std::vector<float>{1, 0, 0, 0, 1, 0}));
  BOOST_TEST(scalar_tensor(3).dtype() == int64);
  BOOST_TEST(scalar_tensor(3.0).dtype() == float32);
}

BOOST_AUTO_TEST_CASE(ranges) {
  BOOST_TEST(arange(4).to_vector<int64_t>() == (std::vector<int64_t>{0, 1, 2, 3}));
  BOOST_TEST(arange(1, 2, 0.25, float32).to_vector() ==
             (std::vector<float>{1, 1.25f, 1.5f, 1.75f}));
  BOOST_TEST(arange(3, 0, -1).to_vector<int>() == (std::vector<int>{3, 2, 1}));
  BOOST_TEST(linspace(0, 1, 5).to_vector() == (std::vector<float>{0, .25f, .5f, .75f, 1}));
  BOOST_TEST(linspace(2, 5, 1).to_vector() == (std::vector<float>{2}));
  BOOST_CHECK_THROW(arange(0, 1, -1), Error);
  BOOST_CHECK_THROW(arange(0, 1, 0), Error);
}

BOOST_AUTO_TEST_CASE(given_values) {
  BOOST_TEST((from({{1, 2, 3}, {4, 5, 6}}).shape() == Shape{2, 3}));
  BOOST_TEST(from<int64_t>({7}).dtype() == int64);
  const std::vector<double> v{1, 2, 3, 4};
  BOOST_TEST((from(v, {2, 2}).shape() == Shape{2, 2}));
  BOOST_CHECK_EXCEPTION(from(v, {3}), ShapeError, [](const Error& e) {
    return std::string(e.what()) == "from: 4 values do not fill the shape [3]";
  });
  BOOST_CHECK_THROW((from({{1, 2}, {3}})), ShapeError);
}

BOOST_AUTO_TEST_CASE(seeds_repeat_whatever_the_thread_count) {
  const Shape big{1 << 18};
  const auto draw = [&](int threads) {
    set_num_threads(threads);
    manual_seed(7);
    return std::pair{rand(big).to_vector(), randn(big, float64).to_vector<double>()};
  };
  const int before = get_num_threads();
  const auto one = draw(1), two = draw(2);
  set_num_threads(before);
  BOOST_TEST(one.first == two.first);
  BOOST_TEST(one.second == two.second);
  BOOST_TEST(rand({4}).to_vector() != rand({4}).to_vector());
}

BOOST_AUTO_TEST_CASE(moments) {
  Generator gen(3);
  const auto u = rand({100000}, float32, gen).to_vector<double>();
  const auto z = randn({100001}, float64, gen).to_vector<double>();
  const double mean_u = std::accumulate(u.begin(), u.end(), 0.0) / double(u.size());
  const double mean_z = std::accumulate(z.begin(), z.end(), 0.0) / double(z.size());
  const double var_z = std::inner_product(z.begin(), z.end(), z.begin(), 0.0) / double(z.size());
  BOOST_TEST(std::abs(mean_u - 0.5) < 0.005);
  BOOST_TEST(std::abs(mean_z) < 0.015);
  BOOST_TEST(std::abs(var_z - 1) < 0.02);
  for (const double x : u) BOOST_REQUIRE((x >= 0 && x < 1));
}

BOOST_AUTO_TEST_CASE(integers) {
  Generator gen(11);
  const auto v = randint(-2, 3, {1000}, int64, gen).to_vector<int64_t>();
  BOOST_TEST((std::set<int64_t>(v.begin(), v.end()) == std::set<int64_t>{-2, -1, 0, 1, 2}));
  auto order = randperm(100, gen).to_vector<int64_t>();
  BOOST_TEST(order != arange(100).to_vector<int64_t>());
  std::sort(order.begin(), order.end());
  BOOST_TEST(order == arange(100).to_vector<int64_t>());
  BOOST_CHECK_THROW(randint(3, 3, {1}), Error);
  BOOST_CHECK_THROW(rand({2}, int64), DTypeError);
}

BOOST_AUTO_TEST_CASE(philox_known_answers) {
  // Known-answer test of Random123's distribution (philox4x32-10, zero counter and key).
  const Philox4 r = philox(0, 0);
  BOOST_TEST(r.v[0] == 0x6627e8d5u);
  BOOST_TEST(r.v[1] == 0xe169c58du);
  BOOST_TEST(r.v[2] == 0xbc57ac4cu);
  BOOST_TEST(r.v[3] == 0x9b00dbd8u);
}

BOOST_AUTO_TEST_SUITE_END()
