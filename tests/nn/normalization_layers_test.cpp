#include <cmath>

#include <rewind/nn/nn.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(normalization_layers)

BOOST_AUTO_TEST_CASE(batch_norm_of_volumes) {
  nn::BatchNorm3d layer(2);
  const Tensor x = randn({3, 2, 2, 3, 2});
  const Tensor y = layer(x);
  BOOST_TEST(allclose(y.mean({0, 2, 3, 4}), zeros({2}), 1e-5, 1e-5));
  BOOST_TEST(allclose(y.var({0, 2, 3, 4}, 0), ones({2}), 1e-3, 1e-3));
  BOOST_TEST(to_string(layer) ==
             "BatchNorm3d(2, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)");
  BOOST_CHECK_EXCEPTION(layer(randn({3, 2, 2, 3})), ShapeError,
                        saying("BatchNorm3d: expected an input [N, 2, D, H, W]"));
}

BOOST_AUTO_TEST_CASE(running_statistics_without_momentum_are_averages) {
  nn::BatchNorm1d layer(2, {.momentum = {}});
  const Tensor a = randn({5, 2}), b = randn({5, 2});
  layer(a);
  layer(b);
  BOOST_TEST(allclose(layer.running_mean, (a.mean(0) + b.mean(0)) / 2, 1e-5, 1e-6));
  BOOST_TEST(allclose(layer.running_var, (a.var(0) + b.var(0)) / 2, 1e-5, 1e-6));
  BOOST_TEST(to_string(layer) ==
             "BatchNorm1d(2, eps=1e-05, momentum=None, affine=True, track_running_stats=True)");
}

BOOST_AUTO_TEST_CASE(weights_without_bias) {
  nn::BatchNorm2d batch(2, {.bias = false});
  BOOST_TEST((batch.weight.defined() && !batch.bias.defined()));
  BOOST_TEST(to_string(nn::LayerNorm({4}, {.bias = false})) ==
             "LayerNorm((4,), eps=1e-05, elementwise_affine=True, bias=False)");
  BOOST_TEST(!nn::GroupNorm(2, 4, {.bias = false}).bias.defined());
  BOOST_TEST(!nn::InstanceNorm1d(2, {.affine = true, .bias = false}).bias.defined());
}

BOOST_AUTO_TEST_CASE(rms_norm_layer) {
  nn::RMSNorm layer({2, 3});
  const Tensor x = randn({4, 2, 3});
  BOOST_TEST(
      allclose(layer(x), x / (x.square().mean({1, 2}, true) + 1.1920929e-7).sqrt(), 1e-5, 1e-6));
  BOOST_TEST((layer.weight.shape() == Shape{2, 3}));
  BOOST_TEST(to_string(layer) == "RMSNorm((2, 3), eps=None, elementwise_affine=True)");
  BOOST_TEST(!nn::RMSNorm(4, {.elementwise_affine = false}).weight.defined());
}

BOOST_AUTO_TEST_CASE(instance_norms_take_a_batch_or_one) {
  nn::InstanceNorm1d sequences(3);
  const Tensor x = randn({2, 3, 5});
  BOOST_TEST(allclose(sequences(x).select(0, 1), sequences(x.select(0, 1)), 1e-5, 1e-6));
  nn::InstanceNorm3d volumes(2, {.affine = true, .track_running_stats = true});
  BOOST_TEST(volumes(randn({2, 2, 2, 2, 2})).dim() == 5);
  BOOST_TEST(volumes(randn({2, 2, 2, 2})).dim() == 4);
  BOOST_CHECK_EXCEPTION(
      volumes(randn({2, 2, 2})), ShapeError,
      saying("InstanceNorm3d: expected an input [N, 2, D, H, W] or [2, D, H, W]"));
  BOOST_TEST(to_string(sequences) ==
             "InstanceNorm1d(3, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False)");
}

BOOST_AUTO_TEST_CASE(local_response_norm_layer) {
  nn::LocalResponseNorm layer(2);
  BOOST_TEST(to_string(layer) == "LocalResponseNorm(2, alpha=0.0001, beta=0.75, k=1.0)");
  const Tensor x = randn({2, 3, 4});
  BOOST_TEST(equal(layer(x), local_response_norm(x, 2)));
}

BOOST_AUTO_TEST_SUITE_END()
