#include <rewind/nn/nn.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(padding_layers)

BOOST_AUTO_TEST_CASE(layers_pad) {
  const Tensor x = randn({2, 3, 4, 5});
  BOOST_TEST(equal(nn::ZeroPad2d({1, 2, 0, 3})(x), pad(x, {1, 2, 0, 3})));
  BOOST_TEST(equal(nn::ConstantPad1d(2, 0.5)(x), pad(x, {2, 2}, PaddingMode::zeros, 0.5)));
  BOOST_TEST(equal(nn::ReflectionPad2d(1)(x), pad(x, {1, 1, 1, 1}, PaddingMode::reflect)));
  BOOST_TEST(equal(nn::ReplicationPad3d(1)(x), pad(x, {1, 1, 1, 1, 1, 1}, PaddingMode::replicate)));
  BOOST_TEST(
      equal(nn::CircularPad2d({-1, 2, 1, 0})(x), pad(x, {-1, 2, 1, 0}, PaddingMode::circular)));
}

BOOST_AUTO_TEST_CASE(layers_print_as_in_pytorch) {
  BOOST_TEST(to_string(nn::ZeroPad1d(2)) == "ZeroPad1d((2, 2))");
  BOOST_TEST(to_string(nn::ZeroPad2d({1, 2, 0, 3})) == "ZeroPad2d((1, 2, 0, 3))");
  BOOST_TEST(to_string(nn::ConstantPad3d(1, 3.5)) ==
             "ConstantPad3d(padding=(1, 1, 1, 1, 1, 1), value=3.5)");
  BOOST_TEST(to_string(nn::ReflectionPad1d(1)) == "ReflectionPad1d((1, 1))");
  BOOST_TEST(to_string(nn::ReplicationPad3d(2)) == "ReplicationPad3d((2, 2, 2, 2, 2, 2))");
  BOOST_TEST(to_string(nn::CircularPad2d(1)) == "CircularPad2d((1, 1, 1, 1))");
}

BOOST_AUTO_TEST_CASE(layers_refuse) {
  BOOST_CHECK_EXCEPTION(nn::ReflectionPad2d(1)(randn({2, 2})), ShapeError,
                        saying("ReflectionPad2d: expected an input of 3 or 4 dimensions, got shape "
                               "[2, 2]"));
  BOOST_CHECK_EXCEPTION(nn::ZeroPad2d(1)(randn({2})), ShapeError,
                        saying("ZeroPad2d: expected an input of at least 2 dimensions"));
}

BOOST_AUTO_TEST_SUITE_END()
