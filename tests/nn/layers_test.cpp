#include <rewind/nn/nn.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(layers)

BOOST_AUTO_TEST_CASE(linear_layer) {
  nn::Linear layer(3, 5);
  BOOST_TEST((layer.weight.shape() == Shape{5, 3}));
  BOOST_TEST((layer.bias.shape() == Shape{5}));
  const Tensor x = randn({2, 4, 3});
  BOOST_TEST(allclose(layer(x), matmul(x, layer.weight.t()) + layer.bias, 1e-5, 1e-6));
  BOOST_TEST(!nn::Linear(3, 5, {.bias = false}).bias.defined());
  BOOST_TEST(to_string(layer) == "Linear(in_features=3, out_features=5, bias=True)");
}

BOOST_AUTO_TEST_CASE(options_by_their_places) {
  const auto same = [](const nn::Module& a, const nn::Module& b) {
    BOOST_TEST(to_string(a) == to_string(b));
  };
  same(nn::Linear(8, 2, false), nn::Linear(8, 2, {.bias = false}));
  same(nn::Conv1d(1, 8, 3, 2, "valid"), nn::Conv1d(1, 8, 3, {.stride = 2}));
  same(nn::Conv2d(2, 8, {3, 1}, 2, 1, 1, 2, false),
       nn::Conv2d(2, 8, {3, 1}, {.stride = 2, .padding = 1, .groups = 2, .bias = false}));
  same(nn::Conv3d(1, 8, 3, Size<3>(1, 2, 2)), nn::Conv3d(1, 8, 3, {.stride = {1, 2, 2}}));
  same(nn::ConvTranspose2d(8, 1, 2, 2, 1),
       nn::ConvTranspose2d(8, 1, 2, {.stride = 2, .padding = 1}));
  same(nn::MaxPool2d(3, 2, 1), nn::MaxPool2d(3, {.stride = 2, .padding = 1}));
  same(nn::MaxPool1d(2, 2), nn::MaxPool1d(2));
  same(nn::MaxUnpool2d(2, 2), nn::MaxUnpool2d(2));
  same(nn::AvgPool2d(3, 2, 1, true),
       nn::AvgPool2d(3, {.stride = 2, .padding = 1, .ceil_mode = true}));
  same(nn::AvgPool2d({2, 1}, 1), nn::AvgPool2d({2, 1}, {.stride = 1}));
  same(nn::LPPool2d(2, 3, 2), nn::LPPool2d(2, 3, {.stride = 2}));
  same(nn::BatchNorm2d(8, 1e-3, 0.01, false),
       nn::BatchNorm2d(8, {.eps = 1e-3, .momentum = 0.01, .affine = false}));
  same(nn::InstanceNorm1d(8, 1e-3), nn::InstanceNorm1d(8, {.eps = 1e-3}));
  same(nn::LayerNorm(8, 1e-6, false), nn::LayerNorm(8, {.eps = 1e-6, .elementwise_affine = false}));
  same(nn::RMSNorm({2, 8}, 1e-6), nn::RMSNorm({2, 8}, {.eps = 1e-6}));
  same(nn::GroupNorm(4, 8, 1e-3), nn::GroupNorm(4, 8, {.eps = 1e-3}));
  same(nn::Embedding(10, 3, 0), nn::Embedding(10, 3, {.padding_idx = 0}));
  same(nn::LSTM(3, 4, 2, true, true, 0, true),
       nn::LSTM(3, 4, {.num_layers = 2, .batch_first = true, .bidirectional = true}));
  same(nn::RNNCell(3, 4, false), nn::RNNCell(3, 4, {.bias = false}));
}

template <class Layer, class... A>
concept Makes = requires(A... a) {
  Layer(a...);
};

BOOST_AUTO_TEST_CASE(places_take_what_options_are) {
  static_assert(Makes<nn::Linear, int, int, bool>);
  static_assert(!Makes<nn::Linear, int, int, int>);
  static_assert(!Makes<nn::Linear, int, int, bool, bool>);
  static_assert(!Makes<nn::Conv2d, int, int, int, bool>);
  static_assert(!Makes<nn::Conv2d, int, int, int, double>);
  static_assert(!Makes<nn::LSTM, int, int, bool>);
  // PyTorch's next argument, return_indices, is none of the options.
  static_assert(Makes<nn::MaxPool2d, int, int, int, int>);
  static_assert(!Makes<nn::MaxPool2d, int, int, int, int, bool>);
}

BOOST_AUTO_TEST_CASE(layers_tell_their_sizes) {
  const nn::Conv2d conv(4, 6, {3, 1}, {.stride = 2, .padding = {1, 0}, .groups = 2});
  BOOST_TEST(conv.in_channels() == 4);
  BOOST_TEST(conv.out_channels() == 6);
  BOOST_TEST((conv.kernel_size() == Size2(3, 1)));
  BOOST_TEST((conv.stride() == Size2(2)));
  BOOST_TEST((conv.padding().before() == Size2(1, 0)));
  const nn::ConvTranspose1d up(4, 6, 3, {.groups = 2});
  BOOST_TEST(up.in_channels() == 4);
  BOOST_TEST(up.out_channels() == 6);
  BOOST_TEST(nn::Linear(3, 5).in_features() == 3);
  BOOST_TEST(nn::Embedding(10, 3).num_embeddings() == 10);
  BOOST_TEST(nn::Embedding(10, 3).embedding_dim() == 3);
  BOOST_TEST(nn::BatchNorm2d(8, {.affine = false}).num_features() == 8);
  BOOST_TEST(nn::GRU(3, 4, 2).hidden_size() == 4);
  BOOST_TEST(nn::GRU(3, 4, 2).num_layers() == 2);
  BOOST_TEST(nn::LSTMCell(3, 4).input_size() == 3);
}

BOOST_AUTO_TEST_CASE(relu_in_place) {
  const Tensor x = from<float>({-1, 2}), y = from<float>({-1, 2});
  BOOST_TEST(nn::ReLU(true)(x).is_same(x));
  BOOST_TEST(x[0].item() == 0);
  (void)nn::ReLU()(y);
  BOOST_TEST(y[0].item() == -1);
  BOOST_TEST(to_string(nn::ReLU(true)) == "ReLU(inplace=True)");
  BOOST_TEST(to_string(nn::ReLU()) == "ReLU()");
  Tensor leaf = from<float>({-1, 2}).requires_grad_();
  nn::Sequential net(nn::Lambda([](const Tensor& t) { return t * 3; }), nn::ReLU(true));
  net(leaf).sum().backward();
  BOOST_TEST(equal(leaf.grad(), from<float>({0, 3})));
}

BOOST_AUTO_TEST_CASE(default_initialisation_is_pytorchs) {
  // Uniform within 1 / sqrt(fan_in): within the bound, and of its variance, bound^2 / 3.
  manual_seed(3);
  const auto check = [](const Tensor& t, double fan_in) {
    const double bound = 1 / std::sqrt(fan_in);
    BOOST_TEST(abs(t).max().item<double>() <= bound);
    BOOST_TEST(std::abs(t.var().item<double>() / (bound * bound / 3) - 1) < 0.1);
  };
  check(nn::Linear(100, 80).weight, 100);
  check(nn::Linear(16, 3000).bias, 16);
  check(nn::Conv2d(8, 32, {3, 5}, {.groups = 2}).weight, 4 * 15);
  BOOST_TEST((nn::BatchNorm2d(4).weight == 1).all().item<bool>());
}

BOOST_AUTO_TEST_CASE(initialisers) {
  manual_seed(4);
  const auto deviation = [](const Tensor& t) { return t.std().item<double>(); };
  const Tensor w = empty({64, 32, 3, 3});
  const double fan_in = 32 * 9, fan_out = 64 * 9;
  const auto close = [](double a, double b) { return std::abs(a / b - 1) < 0.03; };
  BOOST_TEST(close(deviation(nn::init::kaiming_uniform_(w)), std::sqrt(2 / fan_in)));
  BOOST_TEST(close(deviation(nn::init::kaiming_normal_(w, 0, nn::init::Fan::out)),
                   std::sqrt(2 / fan_out)));
  BOOST_TEST(close(deviation(nn::init::kaiming_normal_(w, 2)), std::sqrt(2 / 5.0 / fan_in)));
  BOOST_TEST(close(deviation(nn::init::xavier_uniform_(w)), std::sqrt(2 / (fan_in + fan_out))));
  BOOST_TEST(
      close(deviation(nn::init::xavier_normal_(w, 3)), 3 * std::sqrt(2 / (fan_in + fan_out))));
  BOOST_TEST((nn::init::constant_(empty(3), 2.5) == 2.5).all().item<bool>());
  Tensor leaf = ones(3).requires_grad_();
  nn::init::normal_(leaf, 5, 0);
  BOOST_TEST((leaf == 5).all().item<bool>());
  BOOST_CHECK_EXCEPTION(nn::init::kaiming_normal_(ones(3)), ShapeError,
                        saying("kaiming_normal_: expected a weight [out, in, …], got shape [3]"));
}

BOOST_AUTO_TEST_CASE(conv_layer) {
  nn::Conv2d layer(4, 6, 3, {.stride = 2, .padding = 1, .groups = 2});
  BOOST_TEST((layer.weight.shape() == Shape{6, 2, 3, 3}));
  const Tensor x = randn({2, 4, 8, 8});
  const Tensor y = conv2d(x, layer.weight, layer.bias, {.stride = 2, .padding = 1, .groups = 2});
  BOOST_TEST(equal(layer(x), y));
  BOOST_TEST(to_string(layer) ==
             "Conv2d(4, 6, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), groups=2)");
  BOOST_TEST(to_string(nn::Conv2d(
                 1, 1, {3, 5},
                 {.padding = {1, 2}, .bias = false, .padding_mode = PaddingMode::reflect})) ==
             "Conv2d(1, 1, kernel_size=(3, 5), stride=(1, 1), padding=(1, 2), bias=False, "
             "padding_mode=reflect)");
  BOOST_CHECK_EXCEPTION(nn::Conv2d(3, 4, 3, {.groups = 2}), Error,
                        saying("groups (2) must divide in_channels (3) and out_channels (4)"));
  BOOST_CHECK_THROW(nn::Conv2d(1, 1, 0), Error);
  BOOST_CHECK_THROW(nn::Conv2d(0, 1, 1), Error);
}

BOOST_AUTO_TEST_CASE(batch_norm_layer) {
  nn::BatchNorm2d bn(3);
  const Tensor x = randn({8, 3, 5, 5}) * 2 + 1;
  const Tensor y = bn(x);
  BOOST_TEST(std::abs(y.mean().item<double>()) < 1e-5);
  BOOST_TEST(std::abs(y.std().item<double>() - 1) < 1e-2);
  BOOST_TEST(bn.num_batches_tracked.item<int>() == 1);
  BOOST_TEST(allclose(bn.running_mean, x.mean({0, 2, 3}) * 0.1, 1e-4, 1e-5));
  BOOST_TEST(allclose(bn.running_var, x.var({0, 2, 3}) * 0.1 + 0.9, 1e-4, 1e-5));

  bn.eval();
  const Tensor mean = bn.running_mean.clone();
  const Tensor by_running = bn(x);
  BOOST_TEST(equal(mean, bn.running_mean));
  const auto channel = [](const Tensor& t) { return t.reshape({3, 1, 1}); };
  BOOST_TEST(allclose(by_running,
                      (x - channel(bn.running_mean)) * rsqrt(channel(bn.running_var) + 1e-5), 1e-4,
                      1e-5));
  nn::BatchNorm2d plain(3, {.affine = false, .track_running_stats = false});
  plain.eval();
  BOOST_TEST(std::abs(plain(x).mean().item<double>()) < 1e-5);
  BOOST_TEST(plain.state_dict().empty());
  BOOST_CHECK_EXCEPTION(bn(randn({3})), ShapeError,
                        saying("BatchNorm2d: expected an input [N, 3, H, W], got shape [3]"));
  BOOST_CHECK_EXCEPTION(bn.forward({}), Error, saying("BatchNorm2d: the input is undefined"));
  BOOST_TEST(to_string(bn) ==
             "BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)");
}

BOOST_AUTO_TEST_CASE(batch_norm_1d_layer) {
  nn::BatchNorm1d bn(3);
  for (const Tensor& x : {randn({8, 3}), randn({4, 3, 5})})
    BOOST_TEST(equal(bn(x), batch_norm(x, bn.weight, bn.bias, {}, {}, {.training = true})));
  BOOST_TEST(bn.num_batches_tracked.item<int>() == 2);
  BOOST_CHECK_EXCEPTION(
      bn(randn({2, 3, 4, 5})), ShapeError,
      saying("BatchNorm1d: expected an input [N, 3] or [N, 3, L], got shape [2, 3, 4, 5]"));
  BOOST_TEST(to_string(bn) ==
             "BatchNorm1d(3, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)");
}

BOOST_AUTO_TEST_CASE(layer_norm_layer) {
  nn::LayerNorm layer({3, 4});
  BOOST_TEST((layer.weight == 1).all().item<bool>());
  BOOST_TEST((layer.bias == 0).all().item<bool>());
  BOOST_TEST((layer.bias.shape() == Shape{3, 4}));
  const Tensor x = randn({2, 3, 4});
  BOOST_TEST(equal(layer(x), layer_norm(x, {3, 4}, layer.weight, layer.bias)));
  BOOST_TEST((nn::LayerNorm({4}).weight.shape() == Shape{4}));
  BOOST_TEST(!nn::LayerNorm(4, {.bias = false}).bias.defined());
  const nn::LayerNorm plain(4, {.eps = 1e-3, .elementwise_affine = false});
  BOOST_TEST(plain.state_dict().empty());
  BOOST_TEST(to_string(layer) == "LayerNorm((3, 4), eps=1e-05, elementwise_affine=True)");
  BOOST_TEST(to_string(plain) == "LayerNorm((4,), eps=0.001, elementwise_affine=False)");
}

BOOST_AUTO_TEST_CASE(group_norm_layer) {
  nn::GroupNorm layer(2, 6);
  const Tensor x = randn({2, 6, 4, 4});
  BOOST_TEST(equal(layer(x), group_norm(x, 2, layer.weight, layer.bias)));
  BOOST_TEST(nn::GroupNorm(2, 6, {.affine = false}).state_dict().empty());
  BOOST_TEST(to_string(layer) == "GroupNorm(2, 6, eps=1e-05, affine=True)");
  BOOST_CHECK_EXCEPTION(nn::GroupNorm(4, 6), Error,
                        saying("GroupNorm: num_groups (4) must divide num_channels (6)"));
  BOOST_CHECK_EXCEPTION(layer(randn({2, 4})), ShapeError,
                        saying("GroupNorm: expected an input [N, 6, ...], got shape [2, 4]"));
}

BOOST_AUTO_TEST_CASE(instance_norm_layer) {
  nn::InstanceNorm2d plain(3);
  const Tensor x = randn({2, 3, 5, 5}) * 2 + 1;
  BOOST_TEST(plain.state_dict().empty());
  BOOST_TEST(equal(plain(x), instance_norm(x)));
  BOOST_TEST(equal(plain(x[0]), instance_norm(x)[0]));
  plain.eval();
  BOOST_TEST(equal(plain(x), instance_norm(x)));

  nn::InstanceNorm2d tracking(3, {.affine = true, .track_running_stats = true});
  BOOST_TEST(equal(tracking(x), instance_norm(x)));
  BOOST_TEST(allclose(tracking.running_mean, x.mean({0, 2, 3}) * 0.1, 1e-4, 1e-5));
  tracking.eval();
  BOOST_TEST(equal(tracking(x), batch_norm(x, tracking.weight, tracking.bias, tracking.running_mean,
                                           tracking.running_var)));
  BOOST_TEST(to_string(plain) ==
             "InstanceNorm2d(3, eps=1e-05, momentum=0.1, affine=False, "
             "track_running_stats=False)");
  BOOST_CHECK_EXCEPTION(plain(randn({3, 5})), ShapeError,
                        saying("expected an input [N, 3, H, W] or [3, H, W], got shape [3, 5]"));
}

BOOST_AUTO_TEST_CASE(layers_without_parameters) {
  const Tensor x = randn({2, 3, 6, 6});
  BOOST_TEST(equal(nn::MaxPool2d(2)(x), max_pool2d(x, 2)));
  BOOST_TEST(equal(nn::AvgPool2d(3, {.stride = 1})(x), avg_pool2d(x, 3, {.stride = 1})));
  BOOST_TEST(equal(nn::AdaptiveAvgPool2d(1)(x), adaptive_avg_pool2d(x, 1)));
  BOOST_TEST(equal(nn::ReLU()(x), relu(x)));
  BOOST_TEST(equal(nn::LeakyReLU(0.3)(x), leaky_relu(x, 0.3)));
  BOOST_TEST(equal(nn::ELU(0.3)(x), elu(x, 0.3)));
  BOOST_TEST(equal(nn::CELU(0.3)(x), celu(x, 0.3)));
  BOOST_TEST(equal(nn::SELU()(x), selu(x)));
  BOOST_TEST(equal(nn::GELU()(x), gelu(x)));
  BOOST_TEST(equal(nn::GELU(Gelu::tanh)(x), gelu(x, Gelu::tanh)));
  BOOST_TEST(equal(nn::SiLU()(x), silu(x)));
  BOOST_TEST(equal(nn::Tanh()(x), tanh(x)));
  BOOST_TEST(equal(nn::Sigmoid()(x), sigmoid(x)));
  BOOST_TEST(equal(nn::Identity()(x), x));
  BOOST_TEST((nn::Flatten()(x).shape() == Shape{2, 108}));
  BOOST_TEST(to_string(nn::MaxPool2d(2)) ==
             "MaxPool2d(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0), dilation=(1, 1), "
             "ceil_mode=False)");

  nn::Dropout dropout(0.5);
  BOOST_TEST((dropout(x) == 0).any().item<bool>());
  dropout.eval();
  BOOST_TEST(equal(dropout(x), x));
  BOOST_CHECK_EXCEPTION(nn::Dropout(1.5), Error, saying("a probability in [0, 1], got 1.5"));
}

BOOST_AUTO_TEST_CASE(losses) {
  namespace F = nn::functional;
  const Tensor logits = randn({4, 3}), labels = from<int64_t>({0, 2, 1, 2});
  BOOST_TEST(equal(nn::CrossEntropyLoss()(logits, labels), F::cross_entropy(logits, labels)));
  BOOST_TEST(equal(nn::NLLLoss({.reduction = Reduction::sum})(F::log_softmax(logits, 1), labels),
                   F::nll_loss(F::log_softmax(logits, 1), labels, {.reduction = Reduction::sum})));
  BOOST_TEST(equal(nn::MSELoss()(logits, logits * 2), F::mse_loss(logits, logits * 2)));
}

BOOST_AUTO_TEST_SUITE_END()
