#include <rewind/nn/bilinear.h>

#include "../check.h"

using namespace rw;

BOOST_AUTO_TEST_CASE(bilinear_layer) {
  manual_seed(1);
  nn::Bilinear layer(3, 4, 5);
  BOOST_TEST(layer.weight.shape() == Shape({5, 3, 4}));
  BOOST_TEST(amax(abs(layer.weight)).item<double>() <= 1 / std::sqrt(3.0));
  BOOST_TEST(layer.extra_repr() == "in1_features=3, in2_features=4, out_features=5, bias=True");
  const Tensor a = randn({2, 6, 3}), b = randn({2, 6, 4});
  const Tensor expected = einsum("...i,kij,...j->...k", {a, layer.weight, b}) + layer.bias;
  BOOST_TEST(allclose(layer(a, b), expected, 1e-4, 1e-5));
  BOOST_TEST(layer.state_dict().size() == 2);
  nn::Bilinear plain(3, 4, 5, {.bias = false});
  BOOST_TEST(!plain.bias.defined());
  BOOST_TEST(plain.extra_repr() == "in1_features=3, in2_features=4, out_features=5, bias=False");
}
