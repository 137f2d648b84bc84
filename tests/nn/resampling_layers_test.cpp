#include <rewind/nn/nn.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(resampling_layers)

BOOST_AUTO_TEST_CASE(layers_resample) {
  const Tensor x = randn({1, 4, 3, 5});
  BOOST_TEST((nn::Upsample({.scale_factor = {2}})(x).shape() == Shape{1, 4, 6, 10}));
  BOOST_TEST(equal(nn::UpsamplingNearest2d({.scale_factor = {2}})(x),
                   interpolate(x, {.scale_factor = {2}})));
  BOOST_TEST(equal(
      nn::UpsamplingBilinear2d({.size = {7, 8}})(x),
      interpolate(x, {.size = {7, 8}, .mode = InterpolateMode::bilinear, .align_corners = true})));
  BOOST_TEST((nn::PixelShuffle(2)(x).shape() == Shape{1, 1, 6, 10}));
  BOOST_TEST(equal(nn::PixelUnshuffle(2)(nn::PixelShuffle(2)(x)), x));
  BOOST_TEST(equal(nn::ChannelShuffle(2)(x), channel_shuffle(x, 2)));
  BOOST_TEST((nn::Unflatten(1, {2, -1})(x).shape() == Shape{1, 2, 2, 3, 5}));
}

BOOST_AUTO_TEST_CASE(layers_print_as_in_pytorch) {
  BOOST_TEST(to_string(nn::Upsample({.scale_factor = {2}})) ==
             "Upsample(scale_factor=2.0, mode='nearest')");
  BOOST_TEST(to_string(nn::UpsamplingBilinear2d({.size = {3}})) ==
             "UpsamplingBilinear2d(size=3, mode='bilinear')");
  BOOST_TEST(to_string(nn::UpsamplingNearest2d({.scale_factor = {2, 1.5}})) ==
             "UpsamplingNearest2d(scale_factor=(2.0, 1.5), mode='nearest')");
  BOOST_TEST(to_string(nn::PixelShuffle(2)) == "PixelShuffle(upscale_factor=2)");
  BOOST_TEST(to_string(nn::PixelUnshuffle(2)) == "PixelUnshuffle(downscale_factor=2)");
  BOOST_TEST(to_string(nn::ChannelShuffle(2)) == "ChannelShuffle(groups=2)");
  BOOST_TEST(to_string(nn::Unflatten(1, {2, 3})) == "Unflatten(dim=1, unflattened_size=(2, 3))");
}

BOOST_AUTO_TEST_SUITE_END()
