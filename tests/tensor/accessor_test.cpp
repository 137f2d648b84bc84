#include <rewind/tensor/accessor.h>

#include <boost/test/unit_test.hpp>
#include <type_traits>

#include <rewind/rewind.h>

#include "../check.h"

using namespace rw;
using rw::test::saying;

BOOST_AUTO_TEST_SUITE(accessor)

BOOST_AUTO_TEST_CASE(elements_by_indices) {
  Tensor x = arange(24, float32).view({2, 3, 4});
  const auto a = x.accessor<float, 3>();
  BOOST_TEST(a[1][2][3] == 23);
  a[1][0][2] = -1;
  BOOST_TEST(x.select(0, 1).select(0, 0).to_vector() == (std::vector<float>{12, 13, -1, 15}));
  BOOST_TEST(a.size(1) == 3);
  BOOST_TEST(a.stride(0) == 12);
  BOOST_TEST(a[1].size(1) == 4);
  BOOST_TEST(a[1][1].data() == x.data<float>() + 16);
}

BOOST_AUTO_TEST_CASE(any_strides) {
  const Tensor x = arange(12).view({3, 4}).t().slice(0, 1, 4, 2);  // rows 1 and 3 of the transpose
  const auto a = x.accessor<const int64_t, 2>();
  for (int64_t i = 0; i < 2; ++i)
    for (int64_t j = 0; j < 3; ++j) BOOST_TEST(a[i][j] == 4 * j + 2 * i + 1);
}

BOOST_AUTO_TEST_CASE(every_dtype) {
  const auto first = []<class T>(T one) {
    const Tensor x = ones({2}, dtype_of<T>);
    x.accessor<T, 1>()[0] = T(0.f);
    const auto a = x.accessor<const T, 1>();
    BOOST_TEST((a[0] == T(0.f) && a[1] == one));
    static_assert(std::is_same_v<decltype(a[0]), const T&>);
  };
  first(true);
  first(uint8_t{1});
  first(int64_t{1});
  first(BFloat16(1.f));
  first(1.f);
  first(1.0);
}

// Whoever only reads changes nothing behind the library's back.
BOOST_AUTO_TEST_CASE(reading_exposes_nothing) {
  const Tensor x = ones({2});
  x.accessor<const float, 1>();
  BOOST_TEST(x.data<const float>() == x.raw_data());
  BOOST_TEST(!x.impl()->storage->exposed());
  x.accessor<float, 1>();
  BOOST_TEST(x.impl()->storage->exposed());
}

BOOST_AUTO_TEST_CASE(errors) {
  const Tensor x = ones({2, 3});
  BOOST_CHECK_EXCEPTION((x.accessor<float, 3>()), ShapeError,
                        saying("accessor: expected a tensor of rank 3, got shape [2, 3]"));
  BOOST_CHECK_EXCEPTION((x.accessor<const double, 2>()), DTypeError,
                        saying("accessor: the tensor holds float32, asked for float64"));
}

BOOST_AUTO_TEST_SUITE_END()
