// Activations and dropout as modules: each is its function, printed as PyTorch prints it.

#include "../check.h"

using namespace rw;

namespace {

void check_module(nn::Module& m, const Tensor& x, const Tensor& expected,
                  const std::string& printed) {
  BOOST_TEST(equal(m(x), expected), printed);
  BOOST_TEST(equal(m(x.clone()), expected), printed);
  BOOST_TEST(to_string(m) == printed);
}

template <class M>
void check_layer(M m, const Tensor& x, const Tensor& expected, const std::string& printed) {
  nn::Module& module = m;
  check_module(module, x, expected, printed);
}

}  // namespace

BOOST_AUTO_TEST_CASE(modules_are_their_functions) {
  const Tensor x = randn({4, 6}) * 3;
  check_layer(nn::Hardtanh(), x, hardtanh(x), "Hardtanh(min_val=-1.0, max_val=1.0)");
  check_layer(nn::Hardtanh(-2, 0.5), x, hardtanh(x, -2, 0.5),
              "Hardtanh(min_val=-2.0, max_val=0.5)");
  check_layer(nn::ReLU6(), x, relu6(x), "ReLU6()");
  check_layer(nn::Hardsigmoid(), x, hardsigmoid(x), "Hardsigmoid()");
  check_layer(nn::Hardswish(), x, hardswish(x), "Hardswish()");
  check_layer(nn::Mish(), x, mish(x), "Mish()");
  check_layer(nn::LogSigmoid(), x, logsigmoid(x), "LogSigmoid()");
  check_layer(nn::Softsign(), x, softsign(x), "Softsign()");
  check_layer(nn::Tanhshrink(), x, tanhshrink(x), "Tanhshrink()");
  check_layer(nn::Softplus(2, 5), x, softplus(x, 2, 5), "Softplus(beta=2.0, threshold=5.0)");
  check_layer(nn::Hardshrink(0.25), x, hardshrink(x, 0.25), "Hardshrink(0.25)");
  check_layer(nn::Softshrink(), x, softshrink(x), "Softshrink(0.5)");
  check_layer(nn::Threshold(0.5, 7), x, threshold(x, 0.5, 7),
              "Threshold(threshold=0.5, value=7.0)");
  check_layer(nn::GLU(), x, glu(x), "GLU(dim=-1)");
  check_layer(nn::Softmax(1), x, softmax(x, 1), "Softmax(dim=1)");
  check_layer(nn::LogSoftmax(0), x, log_softmax(x, 0), "LogSoftmax(dim=0)");
  check_layer(nn::Softmin(1), x, softmin(x, 1), "Softmin(dim=1)");
  check_layer(nn::PReLU(6), x, prelu(x, full({6}, 0.25, float32)), "PReLU(num_parameters=6)");
  const Tensor images = randn({2, 3, 2, 2});
  check_layer(nn::Softmax2d(), images, softmax(images, 1), "Softmax2d()");
  BOOST_CHECK_THROW(nn::Softmax2d()(x), ShapeError);
  BOOST_CHECK_THROW(nn::Hardtanh(2, 1), Error);
}

BOOST_AUTO_TEST_CASE(prelu_learns_its_slopes) {
  nn::PReLU layer(3, 0.1);
  BOOST_TEST(layer.state_dict().size() == 1);
  layer(randn({5, 3, 4})).square().sum().backward();
  const Tensor weight = layer.weight;
  BOOST_TEST(weight.grad().shape() == Shape({3}));
}

BOOST_AUTO_TEST_CASE(dropout_layers_follow_the_mode) {
  const Tensor x = ones({3, 4, 5, 6, 7});
  const auto check_layer = [](nn::Module& layer, const Tensor& x, const std::string& printed) {
    manual_seed(1);
    BOOST_TEST(!equal(layer(x), x), printed);
    layer.eval();
    BOOST_TEST(equal(layer(x), x), printed);
    BOOST_TEST(to_string(layer) == printed);
  };
  nn::Dropout dropout;
  nn::Dropout1d dropout1d(0.4);
  nn::Dropout2d dropout2d;
  nn::Dropout3d dropout3d;
  nn::AlphaDropout alpha;
  nn::FeatureAlphaDropout feature(0.2);
  nn::RReLU rrelu;
  check_layer(dropout, x, "Dropout(p=0.5)");
  check_layer(dropout1d, x.flatten(2), "Dropout1d(p=0.4)");
  check_layer(dropout2d, x.flatten(3), "Dropout2d(p=0.5)");
  check_layer(dropout3d, x, "Dropout3d(p=0.5)");
  check_layer(alpha, x, "AlphaDropout(p=0.5)");
  check_layer(feature, x, "FeatureAlphaDropout(p=0.2)");
  const Tensor negative = -x;
  manual_seed(1);
  BOOST_TEST(!equal(rrelu(negative), leaky_relu(negative, (1.0 / 8 + 1.0 / 3) / 2)));
  rrelu.eval();
  BOOST_TEST(equal(rrelu(negative), leaky_relu(negative, (1.0 / 8 + 1.0 / 3) / 2)));
  BOOST_CHECK_EXCEPTION(nn::Dropout2d(-1), Error,
                        test::saying("Dropout2d: expected a probability in [0, 1], got -1"));
}
