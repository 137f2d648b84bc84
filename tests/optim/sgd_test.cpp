#include <rewind/optim/sgd.h>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

// The rule as PyTorch's documentation writes it, one number at a time.
struct Reference {
  optim::SGDOptions o;
  double p, b = 0;
  bool first = true;

  void step(double g) {
    if (o.maximize) g = -g;
    g += o.weight_decay * p;
    if (o.momentum > 0) {
      b = first ? g : o.momentum * b + (1 - o.dampening) * g;
      first = false;
      g = o.nesterov ? g + o.momentum * b : b;
    }
    p -= o.lr * g;
  }
};

const std::vector<optim::SGDOptions>& all_options() {
  static const std::vector<optim::SGDOptions> options = {
      {.lr = 0.1},
      {.lr = 0.1, .momentum = 0.9},
      {.lr = 0.1, .momentum = 0.9, .dampening = 0.5, .weight_decay = 0.01},
      {.lr = 0.1, .momentum = 0.9, .weight_decay = 0.1, .nesterov = true},
      {.lr = 0.1, .momentum = 0.5, .weight_decay = 0.1, .maximize = true},
  };
  return options;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sgd)

BOOST_AUTO_TEST_CASE(steps_as_defined) {
  for (const DType dtype : test::floating_dtypes) {
    const double tolerance = dtype == float64 ? 1e-14 : dtype == float32 ? 1e-6 : 3e-2;
    for (const auto& options : all_options()) {
      // 37: some vectors and a rest.
      const Tensor p = linspace(-1, 1, 37).to(dtype).requires_grad_();
      std::vector<Reference> expected;
      for (const double v : p.to_vector<double>()) expected.push_back({options, v});
      optim::SGD sgd({p}, options);
      for (int step = 0; step < 3; ++step) {
        sgd.zero_grad();
        (p * p * (step + 1)).sum().backward();
        const auto g = p.grad().to_vector<double>();
        for (size_t i = 0; i < g.size(); ++i) expected[i].step(g[i]);
        sgd.step();
      }
      const auto got = p.to_vector<double>();
      for (size_t i = 0; i < got.size(); ++i)
        BOOST_TEST(std::abs(got[i] - expected[i].p) <= tolerance * (1 + std::abs(got[i])));
    }
  }
}

BOOST_AUTO_TEST_CASE(many_parameters_at_once) {
  std::vector<Tensor> params;
  for (int64_t n = 1; n < 200000; n *= 7) params.push_back(zeros(n).requires_grad_());
  const Tensor unused = ones(3).requires_grad_();
  params.push_back(unused);
  optim::SGD sgd(params, {.lr = 0.5});
  for (const Tensor& p : params)
    if (!p.is_same(unused)) (p * 2).sum().backward();
  sgd.step();
  for (const Tensor& p : params) BOOST_TEST((p == (p.is_same(unused) ? 1 : -1)).all().item<bool>());
}

BOOST_AUTO_TEST_CASE(groups_have_their_own_options) {
  const Tensor a = zeros(1).requires_grad_(), b = zeros(1).requires_grad_();
  optim::SGD sgd({{{a}, {.lr = 1}}, {{b}, {.lr = 10}}});
  (a + b).sum().backward();
  sgd.step();
  BOOST_TEST(a.item() == -1);
  BOOST_TEST(b.item() == -10);
  sgd.groups()[1].options.lr = 0;
  sgd.step();
  BOOST_TEST(a.item() == -2);
  BOOST_TEST(b.item() == -10);
}

BOOST_AUTO_TEST_CASE(gradients_of_another_memory_order) {
  const Tensor p = zeros({2, 3}).requires_grad_();
  const Tensor g = arange(6, float32).reshape({3, 2}).t();
  p.set_grad(g);
  optim::SGD({p}, {.lr = 1}).step();
  BOOST_TEST(equal(p.detach(), -g));
  BOOST_TEST(p.grad().is_same(p.grad()));
}

BOOST_AUTO_TEST_CASE(a_step_is_a_change_in_place) {
  const Tensor p = ones(1).requires_grad_();
  const Tensor y = (p * p).sum();
  p.set_grad(ones(1));
  optim::SGD({p}, {.lr = 1}).step();
  BOOST_CHECK_EXCEPTION(y.backward(), AutogradError, saying("changed in place by 'SGD'"));
}

BOOST_AUTO_TEST_CASE(parameters_keep_their_shape_and_dtype) {
  const Tensor p = ones(2).requires_grad_();
  optim::SGD optimizer({p}, {.momentum = 0.9});
  p.set_grad(ones(2));
  optimizer.step();
  p.set_data(ones(2, float64));
  BOOST_CHECK_EXCEPTION(optimizer.step(), Error,
                        saying("SGD: parameter 0 of group 0 has become float64 of shape [2]"));
  p.set_data(ones(5));
  p.set_grad(ones(5));
  BOOST_CHECK_EXCEPTION(optimizer.step(), Error, saying("make the optimizer anew"));
}

BOOST_AUTO_TEST_CASE(frozen_parameters_stay_as_they_are) {
  nn::Linear body(2, 2), head(2, 1);
  body.requires_grad_(false);
  std::vector<Tensor> all = body.parameters();
  for (const Tensor& p : head.parameters()) all.push_back(p);
  optim::SGD sgd(all, {.lr = 0.1, .momentum = 0.9, .weight_decay = 0.1});
  const auto changed = [&] {
    const Tensor body_before = body.weight.detach().clone(),
                 head_before = head.weight.detach().clone();
    sgd.zero_grad();
    head(body(ones({1, 2}))).sum().backward();
    sgd.step();
    return std::pair(!equal(body.weight.detach(), body_before),
                     !equal(head.weight.detach(), head_before));
  };
  BOOST_TEST((changed() == std::pair(false, true)));
  body.requires_grad_();
  BOOST_TEST((changed() == std::pair(true, true)));
  body.requires_grad_(false);
  BOOST_TEST((changed() == std::pair(false, true)));
  const Tensor frozen = ones(1);
  optim::SGD({frozen}, {.lr = 1}).step();
  BOOST_TEST(frozen.item() == 1);
}

// Numbers without their full precision would take a hundred times as long in every step. The last
// one still counts in the step that drops it: 0.9 of the least.
BOOST_AUTO_TEST_CASE(moments_that_fade_away_end_at_zero) {
  for (const DType dtype : {float32, float64}) {
    const double tiny = dtype == float32 ? 1e-35 : 1e-303, lr = 1 / tiny;
    const double least = dtype == float32 ? 1.17549435e-38 : 2.2250738585072014e-308;
    Tensor p = zeros({37}, dtype).requires_grad_();
    optim::SGD sgd({p}, {.lr = lr, .momentum = 0.9});
    for (int k = 0; k < 300; ++k) {
      p.detach().zero_();
      p.set_grad(full({37}, k == 0 ? tiny : 0., dtype));
      sgd.step();
      const double step = -p.detach().select(0, 36).item();
      BOOST_TEST((step == 0 || step > 0.89 * least * lr), "step " << k << ": " << step);
      if (k > 110) BOOST_TEST(step == 0);
    }
  }
}

BOOST_AUTO_TEST_CASE(refusals) {
  const Tensor p = ones(1).requires_grad_();
  const std::vector<Tensor> none;
  BOOST_CHECK_EXCEPTION(optim::SGD{none}, Error, saying("SGD: expected at least one parameter"));
  BOOST_CHECK_EXCEPTION((optim::SGD({p, p * 2})), AutogradError,
                        saying("SGD: parameter 1 of shape [1] is not a leaf, but made by 'mul'"));
  BOOST_CHECK_EXCEPTION(
      (optim::SGD({p, ones(2, int64)})), DTypeError,
      saying("SGD: expected floating parameters, parameter 1 of shape [2] is int64"));
  BOOST_CHECK_EXCEPTION((optim::SGD({p, p})), Error, saying("given twice"));
  BOOST_CHECK_EXCEPTION(optim::SGD({p}, {.lr = -1}), Error, saying("SGD: expected lr >= 0"));
  BOOST_CHECK_EXCEPTION(optim::SGD({p}, {.nesterov = true}), Error, saying("Nesterov"));
}

BOOST_AUTO_TEST_SUITE_END()
