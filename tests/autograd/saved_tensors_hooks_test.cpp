#include "../check.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(saved_tensors)

BOOST_AUTO_TEST_CASE(pass_through_both_functions) {
  int packed = 0, unpacked = 0;
  const Tensor w = random_leaf({2, 3});
  const auto f = [&](const std::vector<Tensor>& in) {
    const saved_tensors_hooks hooks(
        [&](const Tensor& t) {
          BOOST_TEST(!t.requires_grad());
          BOOST_TEST(!is_grad_enabled());
          ++packed;
          return std::any(t * 2);
        },
        [&](const std::any& a) {
          BOOST_TEST(!is_grad_enabled());
          ++unpacked;
          return std::any_cast<const Tensor&>(a) / 2;
        });
    return tanh(in[0] * w) * sigmoid(in[0] * in[0]);
  };
  const Tensor x = random_leaf({2, 3});
  const Tensor y = f({x});
  // tanh(..), sigmoid(..), and both as factors; leaves are saved as they are.
  BOOST_TEST(packed == 4);
  BOOST_TEST(unpacked == 0);
  y.sum().backward();
  BOOST_TEST(unpacked == 4);
  check_gradients(OneResultFunction(f), {x});
}

BOOST_AUTO_TEST_CASE(scopes_nest_and_end) {
  int outer = 0, inner = 0;
  const auto counting = [](int& count) {
    return [&count](const Tensor& t) {
      ++count;
      return std::any(t);
    };
  };
  const auto as_is = [](const std::any& a) { return std::any_cast<Tensor>(a); };
  const Tensor x = randn({3}).requires_grad_();
  {
    const saved_tensors_hooks first(counting(outer), as_is);
    {
      const saved_tensors_hooks second(counting(inner), as_is);
      static_cast<void>(x.exp());
    }
    static_cast<void>(x.exp());
  }
  static_cast<void>(x.exp());
  BOOST_TEST(outer == 1);
  BOOST_TEST(inner == 1);
}

BOOST_AUTO_TEST_CASE(as_bfloat16_take_half_the_memory) {
  const Tensor x = randn({128, 128}).requires_grad_();
  const auto chain = [&] {
    Tensor y = x;
    for (int i = 0; i < 10; ++i) y = tanh(y);
    return y.sum();
  };
  const auto run = [&](const auto& f) {
    const int64_t before = memory_stats().current;
    const Tensor y = f();
    const int64_t held = memory_stats().current - before;
    x.set_grad({});
    y.backward();
    return std::pair(held, x.grad().clone());
  };
  const auto [plain, exact] = run(chain);
  const auto [halved, close] = run([&] {
    const save_as_bfloat16 guard;
    return chain();
  });
  BOOST_TEST(halved < 0.6 * static_cast<double>(plain));
  BOOST_TEST(relative_error(close, exact) < 1e-2);
  BOOST_TEST(relative_error(close, exact) > 0);
}

BOOST_AUTO_TEST_CASE(a_part_of_a_tensor_is_kept_as_a_tensor) {
  const Tensor x = rand({2, 3}, float64).requires_grad_();
  const saved_tensors_hooks hooks(
      [](const Tensor& t) {
        return stack({t, t})[0];
      },
      [](const std::any& packed) { return std::any_cast<Tensor>(packed); });
  (x * 1).exp().sum().backward();
  BOOST_TEST(relative_error(x.grad(), x.detach().exp()) < 1e-12);
}

BOOST_AUTO_TEST_CASE(may_come_back_in_other_memory_orders) {
  const auto spread = [](const Tensor& t) -> Tensor {
    return stack({t, zeros_like(t)}, -1).select(-1, 0);
  };
  const Tensor weight = randn({3, 4, 3, 3}).requires_grad_();
  const Tensor gamma = ones({3}).requires_grad_(), beta = zeros({3}).requires_grad_();
  const Tensor x = randn({2, 4, 8, 8}).requires_grad_();
  const auto run = [&] {
    Tensor y = conv2d(x, weight, {}, {.padding = 1});
    y = relu(batch_norm(y, gamma, beta, {}, {}, {.training = true}));
    y = max_pool2d(y, 2) * max_pool2d(y, 2, {.padding = 1, .dilation = 2}).mean();
    y = dropout(group_norm(y, 3).reshape({2, -1}), 0.5, true);
    return cross_entropy(softmax(y, 1), from<int64_t>({0, 5})) + y.pow(2).sum();
  };
  const auto gradients = [&] {
    manual_seed(3);
    return run();
  };
  const std::vector<Tensor> leaves = {x, weight, gamma, beta};
  const std::vector<Tensor> expected = grad({gradients()}, leaves);
  Tensor y;
  {
    const saved_tensors_hooks hooks([&](const Tensor& t) { return std::any(spread(t)); },
                                    [](const std::any& t) { return std::any_cast<Tensor>(t); });
    y = gradients();
  }
  const std::vector<Tensor> got = grad({y}, leaves);
  for (size_t i = 0; i < leaves.size(); ++i) BOOST_TEST(equal(got[i], expected[i]), "leaf " << i);
}

BOOST_AUTO_TEST_CASE(must_come_back_as_they_were) {
  const Tensor x = randn({3}).requires_grad_();
  Tensor y;
  {
    const saved_tensors_hooks hooks([](const Tensor& t) { return std::any(t); },
                                    [](const std::any&) { return zeros({2}); });
    y = x.exp().sum();
  }
  BOOST_CHECK_EXCEPTION(y.backward(), AutogradError,
                        saying("saved_tensors_hooks: expected unpack to return a float32 tensor of "
                               "shape [3], got a float32 one of shape [2]"));
  BOOST_CHECK_THROW(const saved_tensors_hooks wrong(nullptr, nullptr), Error);
}

BOOST_AUTO_TEST_SUITE_END()
