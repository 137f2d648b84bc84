// Options, beginnings, costs and mistakes of the models.

#include <rewind/nn/fuse.h>
#include <rewind/nn/summary.h>

#include "fixtures.h"

using namespace rw;
using namespace rw::test;

namespace {

double deviation(const Tensor& t) { return std::sqrt(t.square().mean().item<double>()); }

Shape sizes_after(nn::Module& model, const Shape& input) {
  const no_grad guard;
  return model.eval()(zeros(input)).shape();
}

const models::VisionTransformerForm small_vit = {
    .patch_size = 8, .num_layers = 2, .num_heads = 2, .hidden_dim = 32, .mlp_dim = 64};

}  // namespace

BOOST_AUTO_TEST_SUITE(architectures)

// torchvision states them with its weights (`_ops`), in 1e9.
BOOST_AUTO_TEST_CASE(multiply_adds_are_torchvisions) {
  const auto costs = [](auto model, double expected) {
    const nn::Summary s = nn::summary(model, Shape{1, 3, 224, 224});
    const double got = static_cast<double>(s.total().multiply_adds) * 1e-9;
    BOOST_TEST(std::abs(got - expected) < 0.001, s.total().layer << ": " << got);
    return s;
  };
  const nn::Summary resnet50 = costs(models::resnet50(), 4.089);
  BOOST_TEST(resnet50.total().multiply_adds == 4'089'184'256);
  BOOST_TEST(resnet50["layer1.0.conv2"].multiply_adds == 56 * 56 * 64 * 64 * 9);
  BOOST_TEST((resnet50["layer4"].outputs.at(0) == Shape{1, 2048, 7, 7}));
  costs(models::resnet18(), 1.814);
  costs(models::mobilenet_v2(), 0.301);
  costs(models::efficientnet_b0(), 0.386);
  costs(models::densenet121(), 2.834);
  costs(models::convnext_tiny(), 4.456);
}

BOOST_AUTO_TEST_CASE(multiply_adds_of_large_models, *boost::unit_test::disabled()) {
  models::VisionTransformer vit = models::vit_b_16();
  const auto products = nn::summary(vit, Shape{1, 3, 224, 224}).total().multiply_adds;
  BOOST_TEST(std::abs(static_cast<double>(products) * 1e-9 - 17.564) < 0.001, products);
}

BOOST_AUTO_TEST_CASE(weights_begin_as_torchvisions) {
  const auto near = [](const Tensor& weight, double expected) {
    BOOST_TEST(std::abs(deviation(weight) / expected - 1) < 0.05, deviation(weight)
                                                                      << " for " << expected);
  };
  models::ResNet resnet = models::resnet18();
  near(resnet.conv1.weight, std::sqrt(2.0 / (64 * 49)));
  near(resnet.fc.weight, 1 / std::sqrt(3.0 * 512));
  near(resnet.state_dict()["layer4.0.conv1.weight"], std::sqrt(2.0 / (512 * 9)));
  nn::StateDict dense = models::densenet121().state_dict();
  near(dense["features.conv0.weight"], std::sqrt(2.0 / (3 * 49)));
  BOOST_TEST(dense["classifier.bias"].abs().max().item<float>() == 0);
  nn::StateDict mobile = models::mobilenet_v2().state_dict();
  near(mobile["features.1.conv.0.0.weight"], std::sqrt(2.0 / (32 * 9)));
  near(mobile["classifier.1.weight"], 0.01);
  nn::StateDict efficient = models::efficientnet_b0().state_dict();
  near(efficient["classifier.1.weight"], 1 / std::sqrt(3.0 * 1000));
  BOOST_TEST(efficient["features.1.0.block.1.fc1.bias"].abs().max().item<float>() == 0);
  nn::StateDict convnext = models::convnext_tiny().state_dict();
  near(convnext["features.1.0.block.3.weight"], 0.02);
  BOOST_TEST(convnext["features.1.0.layer_scale"].sub(1e-6).abs().max().item<double>() < 1e-12);
  nn::StateDict vit =
      models::VisionTransformer(small_vit, {.num_classes = 10, .image_size = 64}).state_dict();
  near(vit["conv_proj.weight"], 1 / std::sqrt(3.0 * 64));
  near(vit["encoder.pos_embedding"], 0.02);
  near(vit["encoder.layers.encoder_layer_0.mlp.0.weight"], std::sqrt(2.0 / (32 + 64)));
  BOOST_TEST(vit["heads.head.weight"].abs().max().item<float>() == 0);
  BOOST_TEST(vit["class_token"].abs().max().item<float>() == 0);
  nn::StateDict cifar = models::resnet20().state_dict();
  near(cifar["layer3.0.conv1.weight"], std::sqrt(2.0 / (32 * 9)));
  nn::StateDict gan = models::dcgan_generator().state_dict();
  near(gan["main.0.weight"], 0.02);
  near(gan["main.1.weight"].sub(1), 0.02);
}

BOOST_AUTO_TEST_CASE(sizes) {
  models::ResNet resnet = models::resnet18({.num_classes = 7, .small_images = true});
  BOOST_TEST((sizes_after(resnet, {1, 3, 32, 32}) == Shape{1, 7}));
  BOOST_TEST((resnet.conv1.weight.shape() == Shape{64, 3, 3, 3}));
  BOOST_TEST(
      (nn::summary(resnet, Shape{1, 3, 32, 32})["layer4"].outputs.at(0) == Shape{1, 512, 4, 4}));
  models::UNet unet = models::unet({.in_channels = 1, .num_classes = 5, .width = 2});
  BOOST_TEST((sizes_after(unet, {2, 1, 33, 47}) == Shape{2, 5, 33, 47}));
  models::DCGANGenerator generator = models::dcgan_generator({.nz = 8, .width = 2, .nc = 1});
  BOOST_TEST((sizes_after(generator, {3, 8, 1, 1}) == Shape{3, 1, 64, 64}));
  models::DCGANDiscriminator discriminator = models::dcgan_discriminator({.width = 2, .nc = 1});
  BOOST_TEST((sizes_after(discriminator, {3, 1, 64, 64}) == Shape{3}));
  models::LeNet lenet = models::lenet({.num_classes = 3, .in_channels = 2});
  BOOST_TEST((sizes_after(lenet, {4, 2, 28, 28}) == Shape{4, 3}));
}

BOOST_AUTO_TEST_CASE(blocks_may_begin_as_identities) {
  const nn::StateDict basic = models::resnet18({.zero_init_residual = true}).state_dict();
  const nn::StateDict deep =
      models::ResNet({true, {1, 1, 1, 1}}, {.zero_init_residual = true}).state_dict();
  BOOST_TEST(basic["layer3.1.bn2.weight"].abs().max().item<float>() == 0);
  BOOST_TEST(basic["layer3.1.bn1.weight"].min().item<float>() == 1);
  BOOST_TEST(deep["layer3.0.bn3.weight"].abs().max().item<float>() == 0);
  BOOST_TEST(deep["layer3.0.bn2.weight"].min().item<float>() == 1);
}

BOOST_AUTO_TEST_CASE(models_are_members_and_their_layers_are_replaced) {
  struct Tuned : nn::Module {
    models::MobileNetV2 body = add("body", models::mobilenet_v2());
    Tuned() { body.classifier.at<nn::Linear>(1) = nn::Linear(1280, 3); }
    Tensor forward(const Tensor& x) override { return body(x); }
  };
  std::vector<Tuned> all;
  all.emplace_back();
  all.emplace_back();  // moves the first
  BOOST_TEST((sizes_after(all[0], {1, 3, 32, 32}) == Shape{1, 3}));
  BOOST_TEST((all[0].state_dict()["body.classifier.1.weight"].shape() == Shape{3, 1280}));
}

BOOST_AUTO_TEST_CASE(every_parameter_is_trained) {
  const auto trains = [](auto model, const Shape& input) {
    const Tensor y = model(randn(input));
    const std::vector<std::string> unused = nn::unused_parameters(y.square().sum(), model);
    BOOST_TEST(unused.empty(), model.name() << ": " << (unused.empty() ? "" : unused[0]));
  };
  trains(models::resnet18({.small_images = true}), {2, 3, 16, 16});
  trains(models::densenet121(), {2, 3, 64, 64});
  trains(models::mobilenet_v2(), {2, 3, 64, 64});
  trains(models::efficientnet_b0(), {2, 3, 64, 64});
  trains(models::convnext_tiny(), {2, 3, 64, 64});
  trains(models::VisionTransformer(small_vit, {.image_size = 32}), {2, 3, 32, 32});
  trains(models::resnet20(), {2, 3, 16, 16});
  trains(models::unet({.width = 4}), {2, 3, 32, 32});
  trains(models::lenet(), {2, 1, 28, 28});
  trains(models::dcgan_generator({.width = 2}), {2, 100, 1, 1});
  trains(models::dcgan_discriminator({.width = 2}), {2, 3, 64, 64});
}

// With all but the first of 16 blocks left out, what is random is which samples keep them.
BOOST_AUTO_TEST_CASE(stochastic_depth_leaves_samples_out) {
  const no_grad guard;
  models::ConvNeXt net = models::convnext_tiny({.stochastic_depth_prob = 1, .layer_scale = 1});
  const Tensor x = images({1, 3, 32, 32}).expand({16, 3, 32, 32});
  const Tensor y = net(x);
  BOOST_TEST(std::abs((y - y[0]).abs().max().item<double>()) > 1e-3);
  net.eval();
  const Tensor z = net(x);
  BOOST_TEST((z - z[0]).abs().max().item<double>() < 1e-4);
}

BOOST_AUTO_TEST_CASE(batch_norms_fold) {
  const no_grad guard;
  models::ResNet net = models::resnet18({.num_classes = 10});
  const Tensor x = images({1, 3, 64, 64});
  const Tensor y = net.eval()(x);
  BOOST_TEST(nn::fuse(net, x) == 20);
  BOOST_TEST(relative_error(net(x), y) < 1e-5);
}

BOOST_AUTO_TEST_CASE(mistakes) {
  BOOST_CHECK_EXCEPTION(
      models::CifarResNet(21), Error,
      saying("CifarResNet: expected a depth of 6 n + 2 layers with n >= 1, got 21"));
  BOOST_CHECK_EXCEPTION(models::mobilenet_v2({.width_mult = 0}), Error,
                        saying("mobilenet_v2: expected a positive width_mult, got 0"));
  BOOST_CHECK_EXCEPTION(models::unet({.width = 0}), Error,
                        saying("unet: expected a positive width, got 0"));
  BOOST_CHECK_EXCEPTION(models::dcgan_generator({.width = -1}), Error,
                        saying("dcgan_generator: expected a positive width, got -1"));
  BOOST_CHECK_EXCEPTION(models::dcgan_discriminator({.width = 0}), Error,
                        saying("dcgan_discriminator: expected a positive width, got 0"));
  BOOST_CHECK_EXCEPTION(
      models::VisionTransformer(small_vit, {.image_size = 60}), Error,
      saying("VisionTransformer: expected an image_size that patches of 8 divide, got 60"));
  models::VisionTransformer vit(small_vit, {.num_classes = 10, .image_size = 32});
  BOOST_CHECK_EXCEPTION(vit(zeros({1, 3, 40, 40})), ShapeError,
                        saying("expected images [N, 3, 32, 32], got shape [1, 3, 40, 40]"));
  models::ResNet resnet = models::resnet18();
  BOOST_CHECK_EXCEPTION(resnet(zeros({1, 4, 32, 32})), ShapeError, saying("conv1: conv2d"));
}

BOOST_AUTO_TEST_CASE(groups_are_for_bottlenecks) {
  BOOST_CHECK_EXCEPTION(models::ResNet({false, {1, 1, 1, 1}, 2}), Error,
                        saying("ResNet: blocks without bottleneck have groups = 1 and "
                               "width_per_group = 64, got 2 and 64"));
  BOOST_CHECK_THROW(models::ResNet({false, {1, 1, 1, 1}, 1, 128}), Error);
}

BOOST_AUTO_TEST_SUITE_END()
