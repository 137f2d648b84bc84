#include <rewind/optim/adam.h>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

// The rule as PyTorch's documentation writes it, one number at a time.
struct Reference {
  optim::AdamOptions o;
  double p, m = 0, v = 0, greatest = 0;
  int t = 0;

  void step(double g) {
    const auto [beta1, beta2] = o.betas;
    if (o.maximize) g = -g;
    if (o.decoupled_weight_decay)
      p -= o.lr * o.weight_decay * p;
    else
      g += o.weight_decay * p;
    ++t;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    greatest = std::max(greatest, v);
    const double mean = m / (1 - std::pow(beta1, t));
    const double square = (o.amsgrad ? greatest : v) / (1 - std::pow(beta2, t));
    p -= o.lr * mean / (std::sqrt(square) + o.eps);
  }
};

const std::vector<optim::AdamOptions>& all_options() {
  static const std::vector<optim::AdamOptions> options = {
      {},
      {.lr = 0.1, .betas = {0.8, 0.9}, .eps = 1e-3},
      {.lr = 0.1, .weight_decay = 0.1},
      {.lr = 0.1, .betas = {0.5, 0.5}, .amsgrad = true},
      {.lr = 0.1, .weight_decay = 0.1, .maximize = true},
      {.lr = 0.1, .weight_decay = 0.5, .decoupled_weight_decay = true},
  };
  return options;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(adam)

BOOST_AUTO_TEST_CASE(steps_as_defined) {
  for (const DType dtype : test::floating_dtypes) {
    const double tolerance = dtype == float64 ? 1e-13 : dtype == float32 ? 1e-5 : 3e-2;
    for (const auto& options : all_options()) {
      // 301: some vectors, a rest, and more than one piece of bfloat16.
      const Tensor p = linspace(0.5, 1, 301).to(dtype).requires_grad_();
      std::vector<Reference> expected;
      for (const double v : p.to_vector<double>()) expected.push_back({options, v});
      optim::Adam adam({p}, options);
      for (const int weight : {3, 1, 2}) {
        adam.zero_grad();
        (p * p * weight).sum().backward();
        const auto g = p.grad().to_vector<double>();
        for (size_t i = 0; i < g.size(); ++i) expected[i].step(g[i]);
        adam.step();
      }
      const auto got = p.to_vector<double>();
      for (size_t i = 0; i < got.size(); ++i)
        BOOST_TEST(std::abs(got[i] - expected[i].p) <= tolerance * (1 + std::abs(got[i])));
    }
  }
}

BOOST_AUTO_TEST_CASE(decoupled_decay_by_name) {
  const Tensor a = ones(3).requires_grad_(), b = ones(3).requires_grad_();
  const Tensor bias = ones(3).requires_grad_(), free = ones(3).requires_grad_();
  using Group = optim::ParamGroup<optim::AdamWOptions>;
  optim::AdamW by_name({Group{{a}, {.lr = 0.1}}, Group{{bias}, {.lr = 0.1, .weight_decay = 0}}});
  optim::Adam by_option({b}, {.lr = 0.1, .weight_decay = 1e-2, .decoupled_weight_decay = true});
  optim::AdamW undecayed({free}, {.lr = 0.1, .weight_decay = 0});
  for (int i = 0; i < 3; ++i) {
    for (const Tensor& p : {a, b, bias, free}) p.set_grad(full({3}, i + 1, float32));
    by_name.step();
    by_option.step();
    undecayed.step();
  }
  BOOST_TEST(equal(a.detach(), b.detach()));
  BOOST_TEST(equal(bias.detach(), free.detach()));
  BOOST_TEST(!equal(a.detach(), bias.detach()));
}

// The running means of bfloat16 parameters hold what bfloat16 would round away.
BOOST_AUTO_TEST_CASE(moments_of_bfloat16_are_exact) {
  const Tensor low = zeros(1, bfloat16).requires_grad_(), high = zeros(1).requires_grad_();
  optim::Adam of_low({low}, {.lr = 0.125}), of_high({high}, {.lr = 0.125});
  for (int i = 0; i < 50; ++i) {
    const double g = i < 25 ? 1 : 0.0625;
    low.set_grad(full({1}, g, bfloat16));
    high.set_grad(full({1}, g, float32));
    of_low.step();
    of_high.step();
  }
  BOOST_TEST(relative_error(low.detach(), high.detach()) < 2e-2);
}

BOOST_AUTO_TEST_CASE(many_parameters_at_once) {
  std::vector<Tensor> params;
  for (int64_t n = 1; n < 200000; n *= 7) params.push_back(zeros(n).requires_grad_());
  const Tensor unused = ones(3).requires_grad_(), none = zeros(0).requires_grad_();
  params.push_back(unused);
  params.push_back(none);
  optim::Adam adam(params, {.lr = 0.5, .eps = 0});
  for (const Tensor& p : params)
    if (!p.is_same(unused)) (p * 2).sum().backward();
  adam.step();  // the first step is lr itself, whatever the gradient
  for (const Tensor& p : params)
    BOOST_TEST(((p - (p.is_same(unused) ? 1 : -0.5)).abs() < 1e-6).all().item<bool>());
}

BOOST_AUTO_TEST_CASE(parameters_count_their_own_steps) {
  const Tensor early = zeros(1).requires_grad_(), late = zeros(1).requires_grad_();
  optim::Adam adam({{{early}, {.lr = 1, .eps = 0}}, {{late}, {.lr = 2, .eps = 0}}});
  early.set_grad(ones(1));
  adam.step();
  late.set_grad(full({1}, -5.0));
  adam.groups()[0].options.lr = 0;
  adam.step();
  BOOST_TEST(std::abs(early.item() + 1) < 1e-6);
  BOOST_TEST(std::abs(late.item() - 2) < 1e-6);
}

BOOST_AUTO_TEST_CASE(gradients_of_another_memory_order) {
  const Tensor p = zeros({2, 3}).requires_grad_();
  const Tensor g = (arange(6, float32) - 2.5).reshape({3, 2}).t();
  p.set_grad(g);
  optim::Adam({p}, {.lr = 1, .eps = 0}).step();
  BOOST_TEST(allclose(p.detach(), -sign(g)));
}

BOOST_AUTO_TEST_CASE(a_step_is_a_change_in_place) {
  const Tensor p = ones(1).requires_grad_();
  const Tensor y = (p * p).sum();
  p.set_grad(ones(1));
  optim::Adam({p}).step();
  BOOST_CHECK_EXCEPTION(y.backward(), AutogradError, saying("changed in place by 'Adam'"));
}

BOOST_AUTO_TEST_CASE(parameters_keep_their_shape_and_dtype) {
  const Tensor p = ones(2).requires_grad_();
  optim::Adam optimizer({p});
  p.set_grad(ones(2));
  optimizer.step();
  p.set_data(ones(2, float64));
  BOOST_CHECK_EXCEPTION(optimizer.step(), Error,
                        saying("Adam: parameter 0 of group 0 has become float64 of shape [2]"));
  p.set_data(ones(5));
  p.set_grad(ones(5));
  BOOST_CHECK_EXCEPTION(optimizer.step(), Error, saying("make the optimizer anew"));
}

BOOST_AUTO_TEST_CASE(refusals) {
  const Tensor p = ones(1).requires_grad_();
  const std::vector<Tensor> none;
  BOOST_CHECK_EXCEPTION(optim::Adam{none}, Error, saying("Adam: expected at least one parameter"));
  BOOST_CHECK_EXCEPTION((optim::Adam({p, p})), Error, saying("given twice"));
  BOOST_CHECK_EXCEPTION(optim::Adam({p}, {.lr = -1}), Error, saying("Adam: expected lr >= 0"));
  BOOST_CHECK_EXCEPTION(optim::Adam({p}, {.betas = {0.9, 1}}), Error,
                        saying("Adam: expected betas in [0, 1), got 0.9 and 1"));
  BOOST_CHECK_EXCEPTION(optim::Adam({p}, {.eps = -1}), Error, saying("expected eps >= 0"));
  BOOST_CHECK_EXCEPTION(optim::AdamW({p}, {.weight_decay = -1}), Error,
                        saying("expected weight_decay >= 0"));
}

BOOST_AUTO_TEST_CASE(groups_keep_their_parameters) {
  const Tensor p = ones(1).requires_grad_(), q = ones(1).requires_grad_();
  const auto check_refused = [&](auto make, auto change) {
    auto optimizer = make();
    change(optimizer.groups());
    (p + q).backward();
    BOOST_CHECK_EXCEPTION(optimizer.step(), Error,
                          saying("other parameters than it was made with"));
  };
  const auto adam = [&] { return optim::Adam({p}); };
  const auto sgd = [&] { return optim::SGD({p}, {.momentum = 0.9}); };
  const auto add_group = [&](auto& groups) { groups.push_back({{q}, {}}); };
  const auto add_parameter = [&](auto& groups) { groups[0].params.push_back(q); };
  const auto exchange = [&](auto& groups) { groups[0].params[0] = q; };
  check_refused(adam, add_group);
  check_refused(adam, add_parameter);
  check_refused(adam, exchange);
  check_refused(sgd, add_group);
  check_refused(sgd, add_parameter);
  check_refused(sgd, exchange);
}

BOOST_AUTO_TEST_SUITE_END()
