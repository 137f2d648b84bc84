#include <rewind/nn/vision_layers.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(vision_layers)

BOOST_AUTO_TEST_CASE(permute) {
  nn::Permute layer({0, 2, 1});
  const Tensor x = randn({2, 3, 4});
  BOOST_TEST(equal(layer(x), x.permute({0, 2, 1})));
  BOOST_TEST(to_string(layer) == "Permute(dims=[0, 2, 1])");
}

BOOST_AUTO_TEST_CASE(layer_norm_of_channels) {
  nn::LayerNorm2d norm(3, {.eps = 1e-6});
  const Tensor x = randn({2, 3, 4, 5});
  const Tensor y = norm(x);
  BOOST_TEST((y.shape() == x.shape()));
  BOOST_TEST(y.mean(1).abs().max().item() < 1e-6);
  const Tensor pixel = x.select(3, 2).select(2, 1);
  BOOST_TEST(relative_error(y.select(3, 2).select(2, 1), layer_norm(pixel, {3}, {}, {}, 1e-6)) <
             1e-6);
  BOOST_CHECK_EXCEPTION(norm(ones({2, 3})), ShapeError,
                        saying("LayerNorm2d: expected an input [N, C, H, W], got shape [2, 3]"));
}

BOOST_AUTO_TEST_CASE(stochastic_depth) {
  manual_seed(1);
  const Tensor x = ones({4000, 2});
  nn::StochasticDepth rows(0.25), batch(0.5, nn::StochasticDepthMode::batch), all(1);
  const Tensor y = rows(x);
  BOOST_TEST(equal(y.select(1, 0), y.select(1, 1)));  // a sample as a whole
  BOOST_TEST((((y == 0) + (y == 4.0f / 3)) == 1).all().item<bool>());
  const double dropped = (y == 0).to(float64).mean().item<double>();
  BOOST_TEST(std::abs(dropped - 0.25) < 5 * std::sqrt(0.25 * 0.75 / 4000));
  int zero = 0;
  for (int i = 0; i < 200; ++i) {
    const Tensor z = batch(ones({3, 2}));
    BOOST_TEST(((z == 0).all().item<bool>() || (z == 2).all().item<bool>()));
    zero += z[0][0].item() == 0;
  }
  BOOST_TEST(std::abs(zero - 100) < 36);
  BOOST_TEST(all(x).abs().sum().item() == 0);
  rows.eval();
  BOOST_TEST(equal(rows(x), x));
  BOOST_TEST(to_string(batch) == "StochasticDepth(p=0.5, mode=batch)");
  BOOST_CHECK_EXCEPTION(nn::StochasticDepth(1.5), Error,
                        saying("StochasticDepth: expected a probability in [0, 1], got 1.5"));
}

BOOST_AUTO_TEST_CASE(squeeze_and_excitation) {
  nn::SqueezeExcitation layer(6, 2);
  const Tensor x = randn({3, 6, 4, 4}).requires_grad_();
  const Tensor y = layer(x);
  std::string names;
  for (const auto& [name, t] : layer.state_dict()) names += name + " ";
  BOOST_TEST(names == "fc1.weight fc1.bias fc2.weight fc2.bias ");
  const Tensor means = x.mean({2, 3}, true);
  const Tensor scale = sigmoid(layer.fc2(relu(layer.fc1(means))));
  BOOST_TEST(relative_error(y.detach(), (x * scale).detach()) < 1e-6);
  y.sum().backward();
  BOOST_TEST(layer.fc1.weight.grad().defined());
  nn::SqueezeExcitation plain(
      6, 2, [](const Tensor& t) { return t; }, [](const Tensor& t) { return t * 0 + 3; });
  BOOST_TEST(relative_error(plain(x).detach(), (x * 3).detach()) < 1e-6);
}

BOOST_AUTO_TEST_CASE(stochastic_depth_takes_floating_inputs) {
  nn::StochasticDepth layer(0.5);
  BOOST_CHECK_EXCEPTION(layer(ones({2, 2}, int64)), DTypeError,
                        saying("StochasticDepth: expected a floating input, got int64"));
}

BOOST_AUTO_TEST_SUITE_END()
