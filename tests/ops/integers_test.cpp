// Integers: overflow wraps around, casts from floating numbers end at the range, bounds of clamp
// need not lie in it.

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

using std::vector;
constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t least = std::numeric_limits<int64_t>::min();
constexpr int64_t most = std::numeric_limits<int64_t>::max();

using boost::test_tools::per_element;

vector<int64_t> values(const Tensor& t) { return t.to_vector<int64_t>(); }

}  // namespace

BOOST_AUTO_TEST_CASE(overflow_wraps_around) {
  const Tensor x = from<int64_t>({most, least, 3});
  BOOST_TEST(values(x + 1) == vector<int64_t>({least, least + 1, 4}), per_element());
  BOOST_TEST(values(x - 4) == vector<int64_t>({most - 4, most - 3, -1}), per_element());
  BOOST_TEST(values(x * 2) == vector<int64_t>({-2, 0, 6}), per_element());
  BOOST_TEST(values(-x) == vector<int64_t>({-most, least, -3}), per_element());
  BOOST_TEST(values(abs(x)) == vector<int64_t>({most, least, 3}), per_element());
  BOOST_TEST(values(square(x)) == vector<int64_t>({1, 0, 9}), per_element());
  BOOST_TEST(values(pow(x, 3)) == vector<int64_t>({most, 0, 27}), per_element());
  BOOST_TEST(from<int64_t>({most, most}).sum().item<int64_t>() == -2);
  BOOST_TEST(from<int64_t>({most, most}).prod().item<int64_t>() == 1);
  Tensor y = x.clone();
  y.add_(x);
  BOOST_TEST(values(y) == vector<int64_t>({-2, 0, 6}), per_element());
  y.index_put_({from<int64_t>({0, 0})}, from<int64_t>({most, most}), true);
  BOOST_TEST(values(y) == vector<int64_t>({-4, 0, 6}), per_element());

  const Tensor u = from<uint8_t>({200, 255, 1});
  BOOST_TEST(values(u + u) == vector<int64_t>({144, 254, 2}), per_element());
  BOOST_TEST(values(u * u) == vector<int64_t>({64, 1, 1}), per_element());
  BOOST_TEST(values(-u) == vector<int64_t>({56, 1, 255}), per_element());
  BOOST_TEST(values(square(u)) == vector<int64_t>({64, 1, 1}), per_element());
  BOOST_TEST(values(abs(u)) == vector<int64_t>({200, 255, 1}), per_element());
}

BOOST_AUTO_TEST_CASE(numbers_beyond_a_byte_compare_as_what_they_are) {
  const Tensor u = from<uint8_t>({0, 44, 255});
  BOOST_TEST(values(u == 300) == vector<int64_t>({0, 0, 0}), per_element());
  BOOST_TEST(values(u < 300) == vector<int64_t>({1, 1, 1}), per_element());
  BOOST_TEST(values(u > -1) == vector<int64_t>({1, 1, 1}), per_element());
  BOOST_TEST(values(u == 44) == vector<int64_t>({0, 1, 0}), per_element());
}

// Long enough for vectors and their rest, in order and not.
BOOST_AUTO_TEST_CASE(casts_to_integers_end_at_the_range) {
  const vector<double> from_values = {not_a_number, inf, -inf, 1e30, -1e30, 0x1p63,
                                      -0x1p63,      300, -7.9, 2.7,  -0.5,  255.5};
  const vector<int64_t> to_int64 = {0, most, least, most, least, most, least, 300, -7, 2, 0, 255};
  const vector<int64_t> to_uint8 = {0, 255, 0, 255, 0, 255, 0, 255, 0, 2, 0, 255};
  for (const DType dtype : test::floating_dtypes) {
    const Tensor x = from<double>(from_values).to(dtype);
    const Tensor rounded = x.to(float64);
    for (const int64_t copies : {1, 5}) {
      const Tensor rows = stack(vector<Tensor>(static_cast<size_t>(copies), x), 0);
      for (const Tensor& t : {rows, rows.t()})
        for (const Tensor& row : (t.size(0) == copies ? t : t.t()).unbind()) {
          const auto wide = values(row.to(int64)), narrow = values(row.to(uint8));
          for (size_t i = 0; i < from_values.size(); ++i) {
            const bool exact = rounded.to_vector<double>()[i] == from_values[i];
            if (!exact && i >= 5) continue;  // rounded on its way to bfloat16
            BOOST_TEST(wide[i] == to_int64[i], dtype << " " << from_values[i] << ": " << wide[i]);
            BOOST_TEST(narrow[i] == to_uint8[i],
                       dtype << " " << from_values[i] << ": " << narrow[i]);
          }
        }
    }
    BOOST_TEST(x.to_vector<int64_t>()[3] == most);
    BOOST_TEST(x.to_vector<uint8_t>()[4] == 0);
    BOOST_TEST(x.to_vector<int>()[1] == std::numeric_limits<int>::max());
    BOOST_TEST(x[0].item<int64_t>() == 0);
    BOOST_TEST(x[2].item<int>() == std::numeric_limits<int>::min());
    BOOST_TEST(x[3].item<uint8_t>() == 255);
    BOOST_TEST(x[0].item<bool>());
  }
  BOOST_TEST(Scalar(not_a_number).to_int64() == 0);
  BOOST_TEST(Scalar(-1e300).to_int64() == least);
}

BOOST_AUTO_TEST_CASE(clamp_of_integers_takes_any_bounds) {
  const Tensor x = from<int64_t>({-45, -8, 29});
  const auto is = [](const Tensor& t, DType dtype, const vector<double>& expected) {
    return t.dtype() == dtype && t.to_vector<double>() == expected;
  };
  BOOST_TEST(is(clamp_min(x, 3), int64, {3, 3, 29}));
  BOOST_TEST(is(clamp_max(x, 3), int64, {-45, -8, 3}));
  BOOST_TEST(is(clamp(x, 0, inf), int64, {0, 0, 29}));
  BOOST_TEST(is(clamp(x, -inf, -10), int64, {-45, -10, -10}));
  BOOST_TEST(is(clamp(x, -1e30, 1e30), int64, {-45, -8, 29}));
  BOOST_TEST(is(clamp(x, 5, -5), int64, {-5, -5, -5}));
  BOOST_TEST(is(clamp(x, -8.5, 2.5), float32, {-8.5, -8, 2.5}));
  const Tensor u = from<uint8_t>({0, 44, 255});
  BOOST_TEST(is(clamp_min(u, 3), uint8, {3, 44, 255}));
  BOOST_TEST(is(clamp(u, -5, 300), uint8, {0, 44, 255}));
  BOOST_TEST(is(clamp(u, 0.5, 100), float32, {0.5, 44, 100}));
  BOOST_TEST(is(clamp(u.to(boolean), 1, 3), int64, {1, 1, 1}));
  BOOST_TEST(isnan(clamp(x, not_a_number, 1)).all().item<bool>());
  Tensor y = x.clone();
  BOOST_TEST(is(y.clamp_(0, inf), int64, {0, 0, 29}));
  BOOST_CHECK_EXCEPTION(y.clamp_(0, 0.5), DTypeError,
                        saying("clamp_: a result of dtype float32 can't be stored"));
  BOOST_CHECK_EXCEPTION(y.clamp_(not_a_number, 3), DTypeError,
                        saying("clamp_: a result of dtype float32"));
  BOOST_CHECK_EXCEPTION(clamp_min(u, 256), DTypeError,
                        saying("clamp: uint8 holds no number in [256, inf]"));
  BOOST_CHECK_EXCEPTION(clamp_max(u, -1), DTypeError, saying("clamp: uint8 holds no number"));
  BOOST_CHECK_EXCEPTION(clamp_min(x, inf), DTypeError, saying("clamp: int64 holds no number"));
}

BOOST_AUTO_TEST_CASE(a_nan_bound_makes_all_nan) {
  for (const DType dtype : test::floating_dtypes)
    for (const auto& [low, high] : {std::pair(not_a_number, 1.0),
                                    {0.0, not_a_number},
                                    {not_a_number, inf},
                                    {-inf, not_a_number}}) {
      const Tensor x = linspace(-2, 2, 37, dtype).requires_grad_();
      const Tensor y = clamp(x, low, high);
      BOOST_TEST((isnan(y).all().item<bool>() && y.dtype() == dtype));
      y.sum().backward();
      BOOST_TEST(isnan(x.grad()).all().item<bool>());
      Tensor z = x.clone();
      z.clamp_(low, high);
      BOOST_TEST(isnan(z).all().item<bool>());
      BOOST_TEST(isnan(maximum(x, full({}, not_a_number, dtype))).all().item<bool>());
      BOOST_TEST(isnan(minimum(full({}, not_a_number, dtype), x)).all().item<bool>());
    }
}
