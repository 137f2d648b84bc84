#include <rewind/tensor/from.h>

#include <boost/test/unit_test.hpp>
#include <limits>
#include <vector>

#include <rewind/rewind.h>

#include "../check.h"
#include "../dtypes.h"
#include "default_dtype.h"

using namespace rw;
using rw::test::DefaultDType;
using rw::test::saying;

namespace {

template <class T>
void check_integers_of_type(DType dtype = int64) {
  const std::vector<T> v{1, 2, std::numeric_limits<signed char>::max()};
  for (const Tensor& t : {from(v), from(v, {3, 1}), from(std::span<const T>(v)),
                          from({T(1), T(2), T(127)}), from({{T(1), T(2), T(127)}})}) {
    BOOST_TEST(t.dtype() == dtype);
    BOOST_TEST(t.to_vector<int64_t>() == (std::vector<int64_t>{1, 2, 127}));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(given_values)

BOOST_AUTO_TEST_CASE(integers_give_int64_but_for_narrow_ones) {
  check_integers_of_type<char>();
  check_integers_of_type<signed char>(int8);
  check_integers_of_type<short>(int16);
  check_integers_of_type<unsigned short>();
  check_integers_of_type<int>();
  check_integers_of_type<unsigned>();
  check_integers_of_type<long>();
  check_integers_of_type<unsigned long>();
  check_integers_of_type<long long>();
  check_integers_of_type<unsigned long long>();
  check_integers_of_type<wchar_t>();
}

BOOST_AUTO_TEST_CASE(other_types_stay) {
  BOOST_TEST(from(std::vector<bool>{true, false}).to_vector<int>() == (std::vector<int>{1, 0}));
  BOOST_TEST(from(std::vector<bool>{true, false}, {2, 1}).dtype() == boolean);
  BOOST_TEST(from({true, false}).dtype() == boolean);
  BOOST_TEST(from({{true, false}, {false, true}}).dtype() == boolean);
  BOOST_TEST(from<bool>({true}).dtype() == boolean);
  BOOST_TEST(from(std::vector<uint8_t>{1, 255}).dtype() == uint8);
  BOOST_TEST(from({uint8_t{1}}).dtype() == uint8);
  BOOST_TEST(from({1.f}).dtype() == float32);
  BOOST_TEST(from(std::vector<float>{1}).dtype() == float32);
  BOOST_TEST(from(std::vector<double>{1}).dtype() == float64);
  BOOST_TEST(from(std::vector<long double>{1}).dtype() == float64);
  BOOST_TEST(from({BFloat16(1.f)}).dtype() == bfloat16);
}

BOOST_AUTO_TEST_CASE(doubles_in_lists_have_the_default_dtype) {
  const int n = 3;
  for (const DType dtype : test::floating_dtypes) {
    const DefaultDType guard(dtype);
    for (const Tensor& t :
         {from({1.5, 2.5}), from({1, 2.5}), from({true, 0.5}), from({n, 0.5}), from({{1.5}, {2.5}}),
          from({{1, 2}, {3, 4.5}}), from({{1}, {2.5}}), from({})})
      BOOST_TEST(t.dtype() == dtype);
    BOOST_TEST(from({1.f, 2.f}).dtype() == float32);
    BOOST_TEST(from({1, 2}).dtype() == int64);
  }
  BOOST_TEST(from({1, 2.5}).to_vector() == (std::vector<float>{1, 2.5f}));
  BOOST_TEST(from({true, 3LL}).dtype() == int64);
}

BOOST_AUTO_TEST_CASE(a_named_type_wins) {
  BOOST_TEST(from<double>({1, 2}).dtype() == float64);
  BOOST_TEST(from<double>({{1, 0.5}, {0, 1}}).dtype() == float64);
  BOOST_TEST(from<float>({1, 2}).dtype() == float32);
  BOOST_TEST(from<int>({7}).dtype() == int64);
  const int n = 3;
  BOOST_TEST((from<float>({{1}, {2}}).shape() == Shape{2, 1}));
  BOOST_TEST((from<double>({{n}}).shape() == Shape{1, 1}));
  BOOST_TEST((from<bool>({{true}, {false}, {true}}).shape() == Shape{3, 1}));
  BOOST_TEST((from<float>({n}).shape() == Shape{1}));
  BOOST_TEST(from<uint8_t>({7}).dtype() == uint8);
  BOOST_TEST(from({1, 2}, {.dtype = float32}).dtype() == float32);
  BOOST_TEST(from<double>({1, 2}, {.dtype = uint8}).to_vector<int>() == (std::vector<int>{1, 2}));
  BOOST_TEST(from(std::vector<int>{1, 2}, {2, 1}, {.dtype = bfloat16}).dtype() == bfloat16);
}

BOOST_AUTO_TEST_CASE(shapes) {
  const std::vector<double> v{1, 2, 3, 4};
  BOOST_TEST((from(v, {2, 2}).shape() == Shape{2, 2}));
  BOOST_TEST((from(v, Shape{4}).shape() == Shape{4}));
  BOOST_TEST((from(v, 4).shape() == Shape{4}));
  BOOST_TEST((from(std::vector<int>{5}, {}).shape() == Shape{}));
  BOOST_TEST((from({{1, 2, 3}, {4, 5, 6}}).shape() == Shape{2, 3}));
  BOOST_TEST((from({{1}, {2}}).shape() == Shape{2, 1}));
  BOOST_TEST((from({{1.5}, {2.5}}).shape() == Shape{2, 1}));
  BOOST_TEST((from({{1}, {2.5}}).shape() == Shape{2, 1}));
  BOOST_TEST((from({}).shape() == Shape{0}));
  BOOST_TEST((from(std::vector<int>()).shape() == Shape{0}));
  BOOST_CHECK_EXCEPTION(from(v, {3}), ShapeError,
                        saying("from: 4 values do not fill the shape [3]"));
  BOOST_CHECK_EXCEPTION(from(v, {-2, -2}), ShapeError, saying("[-2, -2] is negative"));
  BOOST_CHECK_EXCEPTION(from({{1, 2}, {3}}), ShapeError, saying("from: rows differ in length"));
}

BOOST_AUTO_TEST_CASE(numbers_that_do_not_fit) {
  constexpr auto large = std::numeric_limits<uint64_t>::max();
  BOOST_CHECK_EXCEPTION(from({large}), Error, saying("18446744073709551615 is too large"));
  BOOST_CHECK_EXCEPTION(from(std::vector<unsigned long long>{1, large}), Error,
                        saying("too large"));
  BOOST_CHECK_EXCEPTION(from({{1ul, large}}), Error, saying("too large"));
  BOOST_CHECK_EXCEPTION(from({1, 256}, {.dtype = uint8}), Error,
                        saying("from: a number of 256 does not fit into uint8"));
  BOOST_CHECK_EXCEPTION(from({NAN}, {.dtype = int64}), Error,
                        saying("from: a number of nan does not fit into int64"));
  BOOST_CHECK_EXCEPTION(from({1e300, 2}), Error, saying("1e+300 does not fit into float32"));
}

BOOST_AUTO_TEST_CASE(by_the_name_of_pytorch) {
  BOOST_TEST(tensor({1, 2}).dtype() == int64);
  BOOST_TEST(tensor({1.5, 2}).dtype() == float32);
  BOOST_TEST(tensor({1, 2.5}).dtype() == float32);
  BOOST_TEST((tensor({{1., 2.}, {3., 4.}}, float64).shape() == Shape{2, 2}));
  BOOST_TEST(tensor({1, 0}, {.dtype = boolean}).dtype() == boolean);
  BOOST_TEST((tensor(std::vector<float>{1, 2}).shape() == Shape{2}));
  BOOST_TEST((tensor(3.5).shape() == Shape{}));
  BOOST_TEST(tensor(3.5).dtype() == float32);
  BOOST_TEST(tensor(3).dtype() == int64);
  BOOST_TEST(tensor(true).dtype() == boolean);
  BOOST_TEST(tensor(3, float16).item() == 3);
  BOOST_TEST(tensor({1., 2.}, {.requires_grad = true}).requires_grad());
}

BOOST_AUTO_TEST_SUITE_END()
