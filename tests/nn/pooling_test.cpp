#include "../check.h"

#include <rewind/nn/nn.h>

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_CASE(pooling_layers_are_their_functions) {
  const Tensor l = randn({2, 3, 9}), x = randn({2, 3, 6, 8}), v = randn({2, 3, 5, 6, 7});
  BOOST_TEST(equal(nn::MaxPool1d(2)(l), max_pool1d(l, 2)));
  BOOST_TEST(equal(nn::MaxPool2d({2, 3}, {.stride = 1})(x), max_pool2d(x, {2, 3}, {.stride = 1})));
  BOOST_TEST(equal(nn::MaxPool3d(3, {.padding = 1})(v), max_pool3d(v, 3, {.padding = 1})));
  BOOST_TEST(
      equal(nn::AvgPool1d(2, {.ceil_mode = true})(l), avg_pool1d(l, 2, {.ceil_mode = true})));
  BOOST_TEST(equal(nn::AvgPool2d(2)(x), avg_pool2d(x, 2)));
  BOOST_TEST(equal(nn::AvgPool3d(2, {.divisor_override = 3})(v),
                   avg_pool3d(v, 2, {.divisor_override = 3})));
  BOOST_TEST(equal(nn::LPPool1d(3, 2)(l.abs()), lp_pool1d(l.abs(), 3, 2)));
  BOOST_TEST(equal(nn::LPPool2d(2, 2)(x), lp_pool2d(x, 2, 2)));
  BOOST_TEST(equal(nn::LPPool3d(2, 2)(v), lp_pool3d(v, 2, 2)));
  BOOST_TEST(equal(nn::AdaptiveAvgPool1d(4)(l), adaptive_avg_pool1d(l, 4)));
  BOOST_TEST((nn::AdaptiveAvgPool2d({same_size, 2})(x).shape() == Shape{2, 3, 6, 2}));
  BOOST_TEST(equal(nn::AdaptiveAvgPool3d(2)(v), adaptive_avg_pool3d(v, 2)));
  BOOST_TEST(equal(nn::AdaptiveMaxPool1d(4)(l), adaptive_max_pool1d(l, 4)));
  BOOST_TEST(equal(nn::AdaptiveMaxPool2d(2)(x), adaptive_max_pool2d(x, 2)));
  const auto [y, at] = nn::AdaptiveMaxPool3d(2).forward_with_indices(v);
  BOOST_TEST(equal(y, adaptive_max_pool3d(v, 2)));
  BOOST_TEST(equal(at, adaptive_max_pool3d_with_indices(v, 2).second));
}

BOOST_AUTO_TEST_CASE(unpooling_layers_take_indices) {
  const Tensor x = randn({2, 3, 6, 8});
  nn::MaxPool2d pool(2);
  const auto [y, at] = pool.forward_with_indices(x);
  const nn::MaxUnpool2d unpool(2);
  BOOST_TEST(equal(unpool(y, at), max_unpool2d(y, at, 2)));
  BOOST_TEST((unpool(y, at, Size2(7, 9)).shape() == Shape{2, 3, 7, 9}));
  BOOST_TEST(
      (nn::MaxUnpool1d(3, {.stride = 2, .padding = 1})(y[0], at[0] % 4).shape() == Shape{3, 3, 7}));
  BOOST_TEST((nn::MaxUnpool3d({1, 2, 2})(y, at).shape() == Shape{2, 3, 6, 8}));
}

BOOST_AUTO_TEST_CASE(fractional_layers) {
  const Tensor x = randn({1, 2, 9, 9}), v = randn({1, 1, 9, 9, 9});
  BOOST_TEST((nn::FractionalMaxPool2d(2, {.output_size = 5})(x).shape() == Shape{1, 2, 5, 5}));
  const auto [y, at] =
      nn::FractionalMaxPool3d(2, {.output_ratio = {{0.5, 0.5, 0.5}}}).forward_with_indices(v);
  BOOST_TEST((y.shape() == Shape{1, 1, 4, 4, 4}));
  BOOST_TEST((at.shape() == y.shape()));
  BOOST_CHECK_EXCEPTION(nn::FractionalMaxPool2d(2, {}), Error,
                        saying("FractionalMaxPool2d: expected either an output_size or"));
  BOOST_CHECK_EXCEPTION(nn::FractionalMaxPool2d(2, {.output_ratio = {{0.5, 1}}}), Error,
                        saying("expected an output_ratio between 0 and 1, got 1"));
}

BOOST_AUTO_TEST_CASE(pooling_layers_print_themselves) {
  BOOST_TEST(to_string(nn::MaxPool1d(2)) ==
             "MaxPool1d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)");
  BOOST_TEST(to_string(nn::MaxUnpool2d(2, {.stride = {1, 2}})) ==
             "MaxUnpool2d(kernel_size=(2, 2), stride=(1, 2), padding=(0, 0))");
  BOOST_TEST(to_string(nn::AvgPool3d({1, 2, 3})) ==
             "AvgPool3d(kernel_size=(1, 2, 3), stride=(1, 2, 3), padding=(0, 0, 0))");
  BOOST_TEST(to_string(nn::LPPool2d(1.5, {2, 3})) ==
             "LPPool2d(norm_type=1.5, kernel_size=(2, 3), stride=None, ceil_mode=False)");
  BOOST_TEST(to_string(nn::AdaptiveAvgPool2d({same_size, 2})) ==
             "AdaptiveAvgPool2d(output_size=(None, 2))");
  BOOST_TEST(to_string(nn::AdaptiveMaxPool1d(2)) == "AdaptiveMaxPool1d(output_size=2)");
  BOOST_TEST(to_string(nn::FractionalMaxPool3d(2, {.output_size = 3})) == "FractionalMaxPool3d()");
}
