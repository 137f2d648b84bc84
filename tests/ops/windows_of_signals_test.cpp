#include <rewind/ops/special_functions.h>
#include <rewind/ops/windows_of_signals.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(windows_of_signals)

BOOST_AUTO_TEST_CASE(values) {
  const TensorOptions exact = {.dtype = float64};
  BOOST_TEST(allclose(hann_window(4, exact), from<double>({0, 0.5, 1, 0.5})));
  BOOST_TEST(allclose(hann_window(5, false, exact), from<double>({0, 0.5, 1, 0.5, 0})));
  BOOST_TEST(allclose(bartlett_window(4, exact), from<double>({0, 0.5, 1, 0.5})));
  BOOST_TEST(allclose(hamming_window(4, exact), from<double>({0.08, 0.54, 1, 0.54})));
  BOOST_TEST(
      allclose(hamming_window(3, false, 0.5, 0.25, exact), from<double>({0.25, 0.75, 0.25})));
  BOOST_TEST(allclose(blackman_window(4, exact), from<double>({0, 0.34, 1, 0.34}), 1e-12, 1e-15));
}

BOOST_AUTO_TEST_CASE(symmetric_in_every_bit) {
  for (const int64_t n : {2, 7, 100}) {
    for (const Tensor& w :
         {hann_window(n, false), hamming_window(n, false), blackman_window(n, false),
          bartlett_window(n, false), kaiser_window(n, false)}) {
      for (int64_t i = 0; i < n; ++i)
        BOOST_TEST(w.select(0, i).item<float>() == w.select(0, n - 1 - i).item<float>());
    }
  }
}

// i0(beta sqrt(1 - x^2)) / i0(beta), also where these overflow.
BOOST_AUTO_TEST_CASE(kaiser) {
  const Tensor x = from<double>({-1, -0.5, 0, 0.5, 1});
  const Tensor expected = i0(sqrt(1 - x.square()) * 12) / i0(full({}, 12, float64));
  BOOST_TEST(allclose(kaiser_window(5, false, {.dtype = float64}), expected, 1e-12));
  BOOST_TEST(allclose(kaiser_window(4, {.dtype = float64}), expected.narrow(0, 0, 4), 1e-12));
  BOOST_TEST(equal(kaiser_window(3, false, 1e4), from<float>({0, 1, 0})));
  BOOST_TEST(equal(kaiser_window(1), ones(1)));
}

BOOST_AUTO_TEST_CASE(ends) {
  BOOST_TEST(hann_window(0).numel() == 0);
  BOOST_TEST(equal(bartlett_window(1), ones(1)));
  BOOST_TEST(hann_window(3, {.dtype = bfloat16, .requires_grad = true}).requires_grad());
  BOOST_CHECK_EXCEPTION(hann_window(-1), Error, saying("hann_window: expected window_length >= 0"));
  BOOST_CHECK_EXCEPTION(hann_window(3, {.dtype = int64}), DTypeError,
                        saying("hann_window: expected a floating dtype, got int64"));
}

BOOST_AUTO_TEST_SUITE_END()
