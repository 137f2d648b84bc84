#include "../check.h"

using namespace rw;
using namespace rw::test;

namespace {

struct Block : nn::Module {
  explicit Block(int64_t channels, double dropout = 0)
      : conv1(add("conv1", nn::Conv2d(channels, channels, 3, {.padding = 1, .bias = false}))),
        bn1(add("bn1", nn::BatchNorm2d(channels))),
        conv2(add("conv2", nn::Conv2d(channels, channels, 3, {.padding = 1, .bias = false}))),
        bn2(add("bn2", nn::BatchNorm2d(channels))),
        drop(add("drop", nn::Dropout(dropout))) {}
  Tensor forward(const Tensor& x) override {
    const Tensor y = bn2(conv2(drop(relu(bn1(conv1(x))))));
    return relu(y + x);
  }
  nn::Conv2d conv1;
  nn::BatchNorm2d bn1;
  nn::Conv2d conv2;
  nn::BatchNorm2d bn2;
  nn::Dropout drop;
};

struct Net : nn::Module {
  Net(int blocks_, int64_t channels, double dropout) {
    for (int i = 0; i < blocks_; ++i) blocks.append(Block(channels, dropout));
  }
  Tensor forward(const Tensor& x) override {
    Tensor y = x;
    for (size_t i = 0; i < blocks.size(); ++i)
      y = checkpoints ? checkpoint(blocks[i], y) : blocks[i](y);
    return y;
  }
  nn::ModuleList<Block> blocks = add("blocks", nn::ModuleList<Block>());
  bool checkpoints = false;
};

struct Outcome {
  std::vector<Tensor> tensors;  // loss, gradients, buffers
  int64_t peak;
};

Outcome train_once(Net& net, const Tensor& input, bool checkpoints) {
  net.checkpoints = checkpoints;
  net.zero_grad();
  manual_seed(7);
  const Tensor x = input.detach().requires_grad_();
  const int64_t before = memory_stats().current;
  reset_peak_memory();
  const Tensor loss = net(x).square().mean();
  loss.backward();
  Outcome o{{loss.detach(), x.grad()}, memory_stats().peak - before};
  for (const Tensor& p : net.parameters()) o.tensors.push_back(p.grad());
  for (const Tensor& b : net.buffers()) o.tensors.push_back(b.clone());
  return o;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(checkpointing)

BOOST_AUTO_TEST_CASE(saves_memory_and_gives_the_same_gradients) {
  manual_seed(1);
  Net net(50, 16, 0), twin(50, 16, 0);
  twin.load_state_dict(net.state_dict());
  const Tensor x = randn({4, 16, 16, 16});
  const Outcome plain = train_once(net, x, false), thrifty = train_once(twin, x, true);
  BOOST_TEST(plain.peak > 3 * thrifty.peak, plain.peak << " and " << thrifty.peak << " bytes");
  BOOST_TEST_REQUIRE(plain.tensors.size() == thrifty.tensors.size());
  for (size_t i = 0; i < plain.tensors.size(); ++i)
    BOOST_TEST(equal(plain.tensors[i], thrifty.tensors[i]), "tensor " << i);
}

BOOST_AUTO_TEST_CASE(repeats_random_numbers_and_autocast) {
  manual_seed(2);
  Net net(3, 4, 0.5), twin(3, 4, 0.5);
  twin.load_state_dict(net.state_dict());
  const Tensor x = randn({2, 4, 6, 6});
  for (const bool lower : {false, true}) {
    const auto run = [&](Net& n, bool checkpoints) {
      const autocast guard(lower);
      return train_once(n, x, checkpoints);
    };
    const Outcome plain = run(net, false), thrifty = run(twin, true);
    for (size_t i = 0; i < plain.tensors.size(); ++i)
      BOOST_TEST(equal(plain.tensors[i], thrifty.tensors[i]), "tensor " << i);
  }
  // The numbers drawn after it are those that would have been drawn without.
  manual_seed(3);
  const Tensor a = randn({8}).requires_grad_();
  const Tensor y = checkpoint([](const Tensor& t) { return dropout(t, 0.5); }, a);
  const Tensor drawn = randn({4});
  y.sum().backward();
  manual_seed(3);
  static_cast<void>(dropout(randn({8}), 0.5));
  BOOST_TEST(equal(drawn, randn({4})));
}

BOOST_AUTO_TEST_CASE(differentiates_to_any_order) {
  const Tensor w = random_leaf({3, 3});
  const auto f = [&](const std::vector<Tensor>& in) {
    const auto inner = [w = in[1]](const Tensor& t) { return tanh(matmul(t, w)) * t; };
    return checkpoint([inner](const Tensor& t) { return sigmoid(checkpoint(inner, t)); },
                      in[0] * in[0]);
  };
  check_gradients(OneResultFunction(f), {random_leaf({2, 3}), w});
  const auto two = [](const std::vector<Tensor>& in) {
    return checkpoint([](const Tensor& a, const Tensor& b) { return a * b / (1 + b * b); }, in[0],
                      in[1]);
  };
  check_gradients(OneResultFunction(two), {random_leaf({4}), random_leaf({4})});
}

BOOST_AUTO_TEST_CASE(takes_several_inputs_and_results) {
  const Tensor a = randn({3}).requires_grad_(), b = randn({3});
  const auto f = [](const std::vector<Tensor>& in) {
    return std::vector<Tensor>{in[0].exp() * in[1], in[0].square()};
  };
  const auto y = checkpoint(f, {a, b});
  BOOST_TEST(y.size() == 2);
  (y[0].sum() + y[1].sum()).backward();
  BOOST_TEST(allclose(a.grad(), a.detach().exp() * b + a.detach() * 2));
  const no_grad guard;
  BOOST_TEST(!checkpoint(f, {a, b})[0].requires_grad());
}

BOOST_AUTO_TEST_CASE(notices_what_can_not_be_repeated) {
  int runs = 0;
  const Tensor x = randn({3}).requires_grad_();
  const Tensor y = checkpoint(
      [&](const Tensor& t) {
        Tensor u = t * 2;
        for (int i = 0; i <= runs; ++i) u = u.exp();
        ++runs;
        return u;
      },
      x);
  BOOST_CHECK_EXCEPTION(y.sum().backward(), AutogradError,
                        saying("checkpoint: the function saved 2 tensors for backward when it was "
                               "run again, and 1 before"));
  Tensor input = randn({3});
  const Tensor z = checkpoint([&](const Tensor& t) { return (t * x).exp(); }, input);
  input.mul_(2);
  BOOST_CHECK_EXCEPTION(z.sum().backward(), AutogradError, saying("changed in place by 'mul_'"));
}

BOOST_AUTO_TEST_SUITE_END()
