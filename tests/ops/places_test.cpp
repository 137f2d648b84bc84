#include <rewind/ops/activation_inplace.h>
#include <rewind/ops/linear_cross_entropy.h>
#include <rewind/ops/native_forms.h>
#include <rewind/ops/places.h>
#include <rewind/ops/signal_windows.h>

#include <limits>

#include "../check.h"

using namespace rw;
using namespace rw::test;
using boost::test_tools::per_element;

BOOST_AUTO_TEST_SUITE(places)

BOOST_AUTO_TEST_CASE(strides_that_are_asked_for) {
  BOOST_TEST(empty_strided({2, 3}, {1, 2}).strides() == (Strides{1, 2}));
  BOOST_TEST(empty_strided({2, 3}, {0, 5}, {.dtype = int64}).dtype() == int64);
  BOOST_TEST(empty_strided({0, 3}, {7, 1}).numel() == 0);
  BOOST_TEST(empty_permuted({2, 3, 4}, {2, 0, 1}).strides() == (Strides{3, 1, 6}));
  BOOST_TEST(new_empty_strided(ones(2, float64), {2}, {3}).dtype() == float64);
  BOOST_CHECK_EXCEPTION(empty_permuted({2, 3}, {0, 0}), ShapeError,
                        saying("empty_permuted: dimension 0 is named twice"));
  BOOST_CHECK_EXCEPTION(empty_permuted({2}, {3}), IndexError, saying("empty_permuted"));
  BOOST_CHECK_EXCEPTION(empty_strided({2}, {-1}), ShapeError, saying("not negative"));
}

BOOST_AUTO_TEST_CASE(places_of_elements) {
  const Tensor x = from<int64_t>({1, 0, 1, 1}).view({2, 2});
  const std::vector<int64_t> filled = {0, 0, 1, 0, 1, 1, 7, 7}, cut = {0, 0, 1, 0};
  BOOST_TEST(nonzero_static(x, 4, 7).to_vector<int64_t>() == filled, per_element());
  BOOST_TEST(nonzero_static(x, 2).to_vector<int64_t>() == cut, per_element());
  const auto at = unravel_index(from<int64_t>({3, 8, 13}), {4, 5});
  BOOST_TEST(equal(at[0], from<int64_t>({0, 1, 2})));
  BOOST_TEST(equal(at[1], from<int64_t>({3, 3, 3})));
  BOOST_CHECK_EXCEPTION(unravel_index(ones(2), {2}), DTypeError, saying("integer indices"));
}

BOOST_AUTO_TEST_CASE(of_real_numbers) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Tensor x = from<double>({-1, 0, 2, nan}).requires_grad_(), y = angle(x);
  BOOST_TEST(
      isclose(y, from<double>({3.141592653589793, 0, 0, nan}), 0, 1e-15, true).all().item<bool>());
  BOOST_TEST((grad({y}, {x}, {ones(4, float64)})[0] == 0).all().item<bool>());
  BOOST_TEST(angle(from<int64_t>({-3})).dtype() == float32);
  BOOST_TEST(conj(x).is_same(x));
  BOOST_TEST(isreal(x).all().item<bool>());
}

BOOST_AUTO_TEST_CASE(windows) {  // by PyTorch 2.14
  const TensorOptions exact = {.dtype = float64};
  const auto near = [](const Tensor& a, std::vector<double> b) {
    return allclose(a, from(b), 1e-12, 1e-15);
  };
  BOOST_TEST(near(signal::windows::cosine(3, true, exact), {0.5, 1, 0.5}));
  BOOST_TEST(near(signal::windows::exponential(3, {}, 1, true, exact),
                  {0.36787944117144233, 1, 0.36787944117144233}));
  BOOST_TEST(near(signal::windows::gaussian(3, 1, true, exact),
                  {0.6065306597126334, 1, 0.6065306597126334}));
  BOOST_TEST(near(signal::windows::nuttall(3, true, exact), {0.0003628, 1, 0.0003628}));
  BOOST_TEST(near(signal::windows::general_hamming(4, 0.5, false, exact), {0, 0.5, 1, 0.5}));
  BOOST_TEST(equal(signal::windows::hann(4, false, exact), hann_window(4, exact)));
  BOOST_TEST(signal::windows::nuttall(0).numel() == 0);
  BOOST_CHECK_EXCEPTION(signal::windows::cosine(3, true, {.dtype = bfloat16}), DTypeError,
                        saying("cosine: expected float32 or float64, got bfloat16"));
  BOOST_CHECK_EXCEPTION(signal::windows::general_cosine(3, {}), Error, saying("got none"));
  BOOST_CHECK_EXCEPTION(signal::windows::exponential(3, 1.), Error, saying("no center"));
}

BOOST_AUTO_TEST_CASE(native_results) {
  const Tensor x = from({1., 2., 3., 4., 5., 9.}).to(float32).view({2, 3});
  const auto [y, mean, rstd] = native_layer_norm(x, 3, {}, {}, 0);
  BOOST_TEST(equal(y, layer_norm(x, 3, {}, {}, 0)));
  BOOST_TEST(mean.shape() == (Shape{2, 1}));
  BOOST_TEST(allclose(mean, from<float>({2, 6}).view({2, 1})));
  BOOST_TEST(allclose(rstd.square(), from<float>({1.5, 3. / 14}).view({2, 1})));
  const auto [kept, mask] = native_dropout(ones(100), 0.5);
  BOOST_TEST(equal(kept, mask.to(float32) * 2));
}

BOOST_AUTO_TEST_CASE(in_place_as_the_functions) {
  Tensor x = randn(20), expected = silu(x);
  BOOST_TEST(&silu_(x) == &x);
  BOOST_TEST(equal(x, expected));
  Tensor leaf = randn(3).requires_grad_();
  BOOST_CHECK_THROW(elu_(leaf), AutogradError);
  Tensor whole = from<int64_t>({-3, 3});
  BOOST_CHECK_THROW(silu_(whole), DTypeError);
  BOOST_TEST(equal(dropout_(whole, 0.5, false), from<int64_t>({-3, 3})));
}

BOOST_AUTO_TEST_CASE(linear_cross_entropy_refuses_what_does_not_fit) {
  const Tensor x = randn({2, 3}), w = randn({4, 3}), t = from<int64_t>({1, 0});
  BOOST_TEST(equal(linear_cross_entropy(x, w, t), cross_entropy(linear(x, w), t)));
  BOOST_CHECK_EXCEPTION(linear_cross_entropy(x, randn({4, 2}), t), ShapeError,
                        saying("expected a linear_weight [C, ..., 3]"));
  BOOST_CHECK_EXCEPTION(linear_cross_entropy(x, w, t, {.linear_bias = ones(3)}), ShapeError,
                        saying("expected a linear_bias of shape [4], got [3]"));
  BOOST_CHECK_EXCEPTION(linear_cross_entropy(x, w, ones({2, 4}), {.ignore_index = 1}), ShapeError,
                        saying("probabilities take no ignore_index"));
}

BOOST_AUTO_TEST_SUITE_END()
