#include <rewind/tensor/factories.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>
#include <set>

#include <rewind/rewind.h>

#include "../check.h"
#include "../dtypes.h"
#include "default_dtype.h"

using namespace rw;
using rw::test::DefaultDType;
using rw::test::saying;

BOOST_AUTO_TEST_SUITE(factories)

BOOST_AUTO_TEST_CASE(constants) {
  BOOST_TEST(zeros({2, 2}, int64).to_vector<int64_t>() == (std::vector<int64_t>(4, 0)));
  BOOST_TEST(ones({3}, boolean).to_vector<int>() == (std::vector<int>(3, 1)));
  BOOST_TEST(full({2}, 1.5, bfloat16).to_vector() == (std::vector<float>(2, 1.5f)));
  BOOST_TEST(eye(2, 3).to_vector() == (std::vector<float>{1, 0, 0, 0, 1, 0}));
  BOOST_TEST(scalar_tensor(3).dtype() == float32);
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

BOOST_AUTO_TEST_CASE(ranges_of_fractions) {
  BOOST_TEST(arange(0.0, 1.0, 0.25).to_vector() == (std::vector<float>{0, .25f, .5f, .75f}));
  BOOST_TEST(arange(2.5).to_vector() == (std::vector<float>{0, 1, 2}));
  BOOST_TEST(arange(1, 0, -0.5).to_vector() == (std::vector<float>{1, 0.5f}));
  BOOST_TEST(arange(2.5, int64).to_vector<int>() == (std::vector<int>{0, 1, 2}));
  BOOST_TEST(arange(0.0, -8.5, -4.0, int64).to_vector<int>() == (std::vector<int>{0, -4, -8}));
  BOOST_TEST(linspace(4.5, 0, 3, int64).to_vector<int>() == (std::vector<int>{4, 2, 0}));
  BOOST_TEST(arange(0.0, 1.0, 0.25, int64).to_vector<int>() == (std::vector<int>{0, 0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(ranges_of_large_integers_are_exact) {
  constexpr int64_t top = std::numeric_limits<int64_t>::max(), bottom = -top - 1;
  constexpr int64_t odd = (int64_t{1} << 53) + 1;
  const auto check = [](int64_t start, int64_t end, int64_t step, std::vector<int64_t> expected) {
    BOOST_TEST(arange(start, end, step).to_vector<int64_t>() == expected);
  };
  check(odd, odd + 3, 1, {odd, odd + 1, odd + 2});
  check(odd, odd - 2, -1, {odd, odd - 1});
  check(top - 3, top, 2, {top - 3, top - 1});
  check(bottom, top, top, {bottom, -1, top - 1});
  check(top, bottom, bottom, {top, -1});
  check(5, 5, 1, {});
}

BOOST_AUTO_TEST_CASE(ranges_that_can_not_be) {
  constexpr int64_t top = std::numeric_limits<int64_t>::max();
  BOOST_CHECK_EXCEPTION(arange(-top, top), ShapeError, saying("too many"));
  BOOST_CHECK_EXCEPTION(arange(1e300), ShapeError, saying("too many"));
  BOOST_CHECK_EXCEPTION(eye(int64_t{1} << 40, int64_t{1} << 40), Error, saying("eye"));
  for (const double bad : {double(NAN), HUGE_VAL, -HUGE_VAL}) {
    BOOST_CHECK_EXCEPTION(arange(bad), Error, saying("arange: expected finite numbers"));
    BOOST_CHECK_EXCEPTION(arange(0, 1, bad), Error, saying("arange: expected finite numbers"));
    BOOST_CHECK_EXCEPTION(arange(bad, int64), Error, saying("does not fit into int64"));
  }
  BOOST_CHECK_EXCEPTION(arange(300, uint8), Error, saying("arange: a number of 299"));
  BOOST_CHECK_EXCEPTION(linspace(0, 300, 3, uint8), Error, saying("linspace: a number of 300"));
  BOOST_CHECK_EXCEPTION(linspace(0, 1, -1), Error, saying("linspace: expected steps >= 0"));
  const double largest = std::numeric_limits<double>::max();
  BOOST_TEST(linspace(-largest, largest, 3, float64).to_vector<double>() ==
             (std::vector<double>{-largest, 0, largest}));
}

namespace {

struct Factory {
  const char* name;
  std::function<Tensor(const TensorOptions&)> make;
  DType dtype;  // where none is given
};

// Every factory that takes options.
std::vector<Factory> factories_of(const Tensor& like) {
  static float memory[4];
  static const std::vector<int> v{1, 2};
  const DType own = get_default_dtype(), given = like.dtype();
  return {
      {"empty", [](auto& o) { return empty({2}, o); }, own},
      {"zeros", [](auto& o) { return zeros({2}, o); }, own},
      {"ones", [](auto& o) { return ones({2}, o); }, own},
      {"full", [](auto& o) { return full({2}, 1, o); }, int64},
      {"full", [](auto& o) { return full({2}, 1u, o); }, int64},
      {"full", [](auto& o) { return full({2}, true, o); }, boolean},
      {"full", [](auto& o) { return full({2}, 0.5, o); }, own},
      {"full", [](auto& o) { return full({2}, 0.5f, o); }, own},
      {"scalar_tensor", [](auto& o) { return scalar_tensor(1, o); }, own},
      {"scalar_tensor", [](auto& o) { return scalar_tensor(true, o); }, own},
      {"arange", [](auto& o) { return arange(2, o); }, int64},
      {"arange", [](auto& o) { return arange(2.0, o); }, own},
      {"arange", [](auto& o) { return arange(0, 2, o); }, int64},
      {"arange", [](auto& o) { return arange(0.f, 2, o); }, own},
      {"arange", [](auto& o) { return arange(0, 2, 1.0, o); }, own},
      {"arange", [](auto& o) { return arange(0, 2, 1, o); }, int64},
      {"linspace", [](auto& o) { return linspace(0, 1, 2, o); }, own},
      {"eye", [](auto& o) { return eye(2, o); }, own},
      {"eye", [](auto& o) { return eye(2, 3, o); }, own},
      {"rand", [](auto& o) { return rand({2}, o); }, own},
      {"randn", [](auto& o) { return randn({2}, o); }, own},
      {"randint", [](auto& o) { return randint(0, 2, {2}, o); }, int64},
      {"from_blob", [](auto& o) { return from_blob(memory, {2}, o); }, own},
      {"from",
       [](auto& o) {
         return from({1, 2}, o);
       },
       int64},
      {"from",
       [](auto& o) {
         return from({1.5, 2.5}, o);
       },
       own},
      {"from",
       [](auto& o) {
         return from({1, 2.5}, o);
       },
       own},
      {"from",
       [](auto& o) {
         return from<float>({1, 2}, o);
       },
       float32},
      {"from",
       [](auto& o) {
         return from({{1, 2}, {3, 4}}, o);
       },
       int64},
      {"from", [](auto& o) { return from(v, o); }, int64},
      {"from",
       [](auto& o) {
         return from(v, {2, 1}, o);
       },
       int64},
      {"from", [](auto& o) { return from(v, Shape{2}, o); }, int64},
      {"empty_like", [=](auto& o) { return empty_like(like, o); }, given},
      {"zeros_like", [=](auto& o) { return zeros_like(like, o); }, given},
      {"ones_like", [=](auto& o) { return ones_like(like, o); }, given},
      {"full_like", [=](auto& o) { return full_like(like, 1, o); }, given},
      {"full_like", [=](auto& o) { return full_like(like, 0.5, o); }, given},
      {"rand_like", [=](auto& o) { return rand_like(like, o); }, given},
      {"randn_like", [=](auto& o) { return randn_like(like, o); }, given},
  };
}

void check_factory(const Factory& f) {
  BOOST_TEST_CONTEXT(f.name) {
    BOOST_TEST(f.make({}).dtype() == f.dtype);
    BOOST_TEST(!f.make({}).requires_grad());
    for (const DType dtype : test::floating_dtypes) {
      const Tensor leaf = f.make({.dtype = dtype, .requires_grad = true});
      BOOST_TEST(leaf.dtype() == dtype);
      BOOST_TEST((leaf.requires_grad() && leaf.is_leaf()));
      (leaf * 2).sum().backward();
      BOOST_TEST((leaf.grad().shape() == leaf.shape()));
    }
    const auto integers = [&] { f.make({.dtype = int64, .requires_grad = true}); };
    BOOST_CHECK_EXCEPTION(integers(), DTypeError,
                          saying(std::string(f.name) + ": only floating tensors can require"));
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_factory_infers_its_dtype_and_takes_options) {
  for (const DType dtype : test::floating_dtypes) {
    const DefaultDType guard(dtype);
    for (const DType like : {float32, bfloat16})
      for (const Factory& f : factories_of(ones({2, 2}, like))) check_factory(f);
  }
  BOOST_CHECK_EXCEPTION(full({1}, 1, {.requires_grad = true}), DTypeError,
                        saying("got dtype int64"));
}

BOOST_AUTO_TEST_CASE(no_options_in_braces_are_no_dtype) {
  Generator gen(1);
  BOOST_TEST((ones({2}, {}).dtype() == float32));
  BOOST_TEST((full({2}, 2.5, {}).dtype() == float32));
  BOOST_TEST((zeros({2}, {float64}).dtype() == float64));
  BOOST_TEST((rand({2}, {}, gen).dtype() == float32));
  BOOST_TEST((randint(1, 4, {2}, {}, gen).dtype() == int64));
}

BOOST_AUTO_TEST_CASE(the_default_dtype_is_what_integers_become) {
  const Tensor n = arange(1, 4);
  const auto all = [&] {
    return std::vector<Tensor>{n * 0.5,    n + 1.f, n / n,   n / 2,  1 / n,
                               exp(n),     sqrt(n), 0.5 - n, sin(n), where(n > 1, n, 0.5),
                               pow(n, 0.5)};
  };
  for (const DType dtype : test::floating_dtypes) {
    const DefaultDType guard(dtype);
    for (const Tensor& t : all()) BOOST_TEST(t.dtype() == dtype);
    BOOST_TEST((ones({2}, float32) * 0.5).dtype() == float32);
    BOOST_TEST(nn::Linear(2, 3).weight.dtype() == dtype);
  }
  BOOST_TEST(get_default_dtype() == float32);
  for (const DType dtype : {boolean, uint8, int64})
    BOOST_CHECK_EXCEPTION(set_default_dtype(dtype), DTypeError,
                          saying("set_default_dtype: expected a floating dtype"));
}

BOOST_AUTO_TEST_CASE(memory_of_others) {
  static float memory[4] = {1, 2, 3, 4};
  BOOST_CHECK_EXCEPTION(from_blob(memory, {-3, -1}), ShapeError, saying("[-3, -1] is negative"));
  BOOST_CHECK_EXCEPTION(from_blob(nullptr, {2}), Error, saying("a null pointer can't hold"));
  BOOST_CHECK_THROW(from_blob(memory, {int64_t{1} << 62}), ShapeError);
  BOOST_TEST(from_blob(nullptr, {0, 2}).numel() == 0);
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
