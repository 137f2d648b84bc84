#include <rewind/autograd/autocast.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(autocast_scope)

BOOST_AUTO_TEST_CASE(products_lower_their_inputs_and_losses_raise_theirs) {
  const Tensor x = randn({4, 8}), w = randn({3, 8}).requires_grad_();
  BOOST_TEST(!is_autocast_enabled());
  const autocast guard;
  BOOST_TEST(is_autocast_enabled());
  const Tensor y = linear(x, w);
  BOOST_TEST(y.dtype() == bfloat16);
  BOOST_TEST(matmul(x, x.t()).dtype() == bfloat16);
  BOOST_TEST(mm(x, x.t()).dtype() == bfloat16);
  BOOST_TEST(bmm(x.unsqueeze(0), x.t().unsqueeze(0)).dtype() == bfloat16);
  BOOST_TEST(conv2d(randn({1, 2, 5, 5}), randn({2, 2, 3, 3})).dtype() == bfloat16);
  BOOST_TEST((x + x).dtype() == float32);
  const Tensor labels = from<int64_t>({0, 1, 2, 0});
  BOOST_TEST(cross_entropy(y, labels).dtype() == float32);
  BOOST_TEST(nll_loss(log_softmax(y, 1), labels).dtype() == float32);
  BOOST_TEST(mse_loss(y, zeros({4, 3})).dtype() == float32);
  BOOST_TEST(l1_loss(y, zeros({4, 3})).dtype() == float32);
  BOOST_TEST(binary_cross_entropy_with_logits(y, zeros({4, 3})).dtype() == float32);
  BOOST_TEST(matmul(x.to(float64), x.t().to(float64)).dtype() == float64);
}

BOOST_AUTO_TEST_CASE(gradients_are_float32_and_close) {
  manual_seed(1);
  nn::Sequential net(nn::Conv2d(3, 8, 3, {.padding = 1}), nn::BatchNorm2d(8), nn::ReLU(),
                     nn::MaxPool2d(2), nn::Flatten(), nn::Linear(8 * 4 * 4, 5));
  const Tensor x = randn({6, 3, 8, 8}), labels = randint(0, 5, 6);
  const auto gradients = [&](bool lower) {
    net.zero_grad();
    Tensor loss;
    {
      const autocast guard(lower);
      loss = cross_entropy(net(x), labels);
    }
    loss.backward();
    std::vector<Tensor> grads;
    for (const Tensor& p : net.parameters()) grads.push_back(p.grad());
    return grads;
  };
  const auto exact = gradients(false), lowered = gradients(true);
  for (size_t i = 0; i < exact.size(); ++i) {
    BOOST_TEST(lowered[i].dtype() == float32);
    if (i != 1)  // the gradient of a bias before a batch norm is nothing but rounding errors
      BOOST_TEST(relative_error(lowered[i], exact[i]) < 0.1);
  }
}

// One of the factors, or what is added, may be in bfloat16 already.
BOOST_AUTO_TEST_CASE(added_products_are_lowered) {
  const Tensor matrix = randn({3, 3}), batch = randn({2, 3, 3});
  const autocast guard;
  for (const int low : {0, 1, 2, 3}) {
    const auto as = [&](int place, const Tensor& t) { return place == low ? t.to(bfloat16) : t; };
    const Tensor of_matrices = addmm(as(1, matrix), as(2, matrix), as(3, matrix));
    const Tensor of_sums = addbmm(as(1, matrix), as(2, batch), as(3, batch));
    const Tensor of_batches = baddbmm(as(1, matrix), as(2, batch), as(3, batch));
    BOOST_TEST((of_matrices.dtype() == bfloat16 && of_sums.dtype() == bfloat16 &&
                of_batches.dtype() == bfloat16));
  }
}

BOOST_AUTO_TEST_CASE(a_weight_is_converted_once_per_value) {
  Tensor w = randn({3, 3}).requires_grad_();
  const autocast guard;
  const Tensor first = detail::lowered(w);
  BOOST_TEST(detail::lowered(w).is_same(first));
  {
    const autocast inner;
    BOOST_TEST(detail::lowered(w).is_same(first));
  }
  {
    const no_grad off_the_tape;
    BOOST_TEST(!detail::lowered(w).requires_grad());
    w.mul_(2);
  }
  BOOST_TEST(detail::lowered(w).requires_grad());
  BOOST_TEST(equal(detail::lowered(w).detach(), w.detach().to(bfloat16)));
}

BOOST_AUTO_TEST_CASE(a_scope_holds_several_backward_passes) {
  const Tensor w = randn({4, 4}).requires_grad_(), x = randn({2, 4});
  const autocast guard;
  linear(x, w).sum().backward();
  const Tensor once = w.grad().clone();
  linear(x, w).sum().backward();
  BOOST_TEST(relative_error(w.grad(), once * 2) < 1e-6);
}

BOOST_AUTO_TEST_CASE(two_losses_share_a_converted_weight) {
  const Tensor x = randn({4, 8}), w = randn({3, 8}).requires_grad_();
  const autocast guard;
  const Tensor first = linear(x, w).sum(), second = linear(x * 2, w).sum();
  first.backward();
  const Tensor once = w.grad().clone();
  second.backward();
  BOOST_TEST(relative_error(w.grad(), once * 3) < 0.02);
}

BOOST_AUTO_TEST_CASE(scopes_nest) {
  const Tensor x = randn({2, 2});
  const autocast guard;
  {
    const autocast off(false);
    BOOST_TEST(matmul(x, x).dtype() == float32);
  }
  BOOST_TEST(matmul(x, x).dtype() == bfloat16);
  BOOST_CHECK_EXCEPTION(const autocast wrong(true, float64), DTypeError,
                        saying("autocast: expected bfloat16, got float64"));
}

BOOST_AUTO_TEST_CASE(writes_through_a_pointer_are_seen) {
  const Tensor x = ones({1, 4}), w = ones({1, 4}).requires_grad_();
  const autocast guard;
  BOOST_TEST(linear(x, w).item() == 4);
  float* weights = w.data<float>();
  BOOST_TEST(linear(x, w).item() == 4);
  weights[0] = 5;
  BOOST_TEST(linear(x, w).item() == 8);
}

BOOST_AUTO_TEST_SUITE_END()
