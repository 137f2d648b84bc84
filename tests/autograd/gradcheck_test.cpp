#include <rewind/autograd/gradcheck.h>

#include <rewind/ops/pointwise.h>
#include <rewind/rewind.h>

#include <rewind/testing/gradcheck.h>
#include <boost/test/unit_test.hpp>
#include "../check.h"

using namespace rw;
using rw::test::saying;

BOOST_AUTO_TEST_SUITE(gradcheck_itself)

BOOST_AUTO_TEST_CASE(accepts_right_derivatives) {
  const Tensor x = rand({2, 3}, float64).requires_grad_();
  const auto f = [](const Tensor& t) { return t * t * t; };
  BOOST_TEST(gradcheck(f, x).ok);
  BOOST_TEST(gradgradcheck(f, x).ok);
}

BOOST_AUTO_TEST_CASE(finds_the_wrong_element) {
  const Tensor x = from<double>({1, 2, 3}).requires_grad_();
  const auto wrong = [](const Tensor& t) {
    return record("wrong", t.detach() * 2, {t}, [](const Tensor&, Needs) -> Grads {
      return from<double>({2, 2, 2.5});
    });
  };
  const GradcheckResult r = gradcheck(wrong, x);
  BOOST_TEST(!r.ok);
  BOOST_TEST(r.message.find("input 0 at [") == 0);
  BOOST_TEST(r.message.find("analytic") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(finds_wrong_second_derivatives) {
  // The first derivative is right, but off the tape.
  const auto cut = [](const Tensor& t) {
    return record("cut", (t * t).detach(), {t},
                  [t = t.detach()](const Tensor& g, Needs) -> Grads { return g * t * 2; });
  };
  const Tensor x = from<double>({1, 2}).requires_grad_();
  BOOST_TEST(gradcheck(cut, x).ok);
  BOOST_TEST(!gradgradcheck(cut, x).ok);
}

BOOST_AUTO_TEST_CASE(looks_through_strides) {
  const Tensor base = rand({3, 4}, float64);
  const Tensor transposed = base.t().detach().requires_grad_();
  const Tensor expanded = rand({1, 4}, float64).expand({3, 4}).detach().requires_grad_();
  const auto f = [](const Tensor& t) { return t * t; };
  BOOST_TEST(gradcheck(f, transposed).ok);
  BOOST_TEST(gradcheck(f, expanded).ok);
}

BOOST_AUTO_TEST_CASE(steps_in_one_of_the_inputs_that_share_memory) {
  const Tensor base = rand({4, 5}, float64);
  const Tensor a = base.detach().narrow(0, 0, 3).requires_grad_();
  const Tensor b = base.detach().narrow(0, 1, 3).requires_grad_(), c = base.detach()[2];
  const auto f = [](const std::vector<Tensor>& in) { return in[0] * in[1] + in[2] * in[0]; };
  for (const bool fast : {false, true}) {
    const GradcheckResult r = gradcheck(f, {a, b, c}, {.fast_mode = fast});
    BOOST_TEST(r.ok, r.message);
    BOOST_TEST(gradcheck(f, {a, a, c}, {.fast_mode = fast}).ok);
  }
}

BOOST_AUTO_TEST_CASE(views_apart_of_one_storage_are_stepped_in_place) {
  const Tensor base = rand({4, 6}, float64);
  const Tensor rows = base.detach().narrow(0, 0, 2), others = base.detach().narrow(0, 2, 2);
  const Tensor even = base.detach().as_strided({2, 3}, {12, 2}, 0);
  const Tensor odd = base.detach().as_strided({2, 3}, {12, 2}, 1);
  for (auto [p, q] : {std::pair(rows, others), std::pair(even, odd)}) {
    p.requires_grad_();
    q.requires_grad_();
    const auto wrong = [&](const std::vector<Tensor>&) { return p * q.detach(); };
    const auto right = [&](const std::vector<Tensor>&) { return p * q; };
    for (const bool fast : {false, true}) {
      BOOST_TEST(!gradcheck(wrong, {p, q}, {.fast_mode = fast}).ok);
      BOOST_TEST(gradcheck(right, {p, q}, {.fast_mode = fast}).ok);
    }
  }
}

BOOST_AUTO_TEST_CASE(checks_a_direction_in_fast_mode) {
  const Tensor x = rand({200, 100}, float64).requires_grad_();
  const Tensor view = rand({1, 300}, float64).expand({20, 300}).detach().requires_grad_();
  const auto f = [](const Tensor& t) { return tanh(t) * t; };
  BOOST_TEST(gradcheck(f, x, {.fast_mode = true}).ok);
  BOOST_TEST(gradcheck(f, view, {.fast_mode = true}).ok);
  BOOST_TEST(gradgradcheck(f, x, {.fast_mode = true}).ok);
  const Tensor before = x.detach().clone();
  const auto wrong = [](const Tensor& t) {
    return record("wrong", tanh(t.detach()), {t},
                  [t = t.detach()](const Tensor& g, Needs) -> Grads {
                    Tensor d = g * (1 - tanh(t).square());
                    d[7].mul_(1.01);
                    return d;
                  });
  };
  const GradcheckResult r = gradcheck(wrong, x, {.fast_mode = true});
  BOOST_TEST(!r.ok);
  BOOST_TEST(r.message.find("input 0 along a random direction: analytic") == 0);
  BOOST_TEST(equal(x.detach(), before));
}

BOOST_AUTO_TEST_CASE(notices_a_backward_that_is_not_deterministic) {
  int calls = 0;
  const auto shaky = [&](const Tensor& t) {
    return record("shaky", t.detach() * 2, {t},
                  [&calls](const Tensor& g, Needs) -> Grads { return g * (2 + 1e-12 * ++calls); });
  };
  const GradcheckResult r = gradcheck(shaky, rand({3}, float64).requires_grad_());
  BOOST_TEST(!r.ok);
  BOOST_TEST(r.message.find("a second backward differs from the first: gradient 0 at [0]") == 0);
}

BOOST_AUTO_TEST_CASE(notices_a_function_that_is_random) {
  const Tensor x = rand({20}, float64).requires_grad_();
  const GradcheckResult r = gradcheck([](const Tensor& t) { return dropout(t, 0.5, true); }, x);
  BOOST_TEST(!r.ok);
  BOOST_TEST(r.message.find("the function gives another result when it is called again (") == 0);
  BOOST_TEST(r.message.find("is it random, as dropout is?") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(functions_of_several_tensors) {
  const Tensor x = rand({3}, float64).requires_grad_(), y = rand({2, 3}, float64).requires_grad_();
  const auto f = [](const Tensor& a, const Tensor& b) { return a.sin() * b; };
  BOOST_TEST(gradcheck(f, {x, y}).ok);
  BOOST_TEST(gradgradcheck(f, {x, y}).ok);
  BOOST_TEST(gradcheck(f, {x.detach(), y}, {.fast_mode = true}).ok);
  const auto several = [](const Tensor& a, const Tensor& b, const Tensor& c) {
    return std::vector<Tensor>{a * b, b.exp() + c};
  };
  BOOST_TEST(gradcheck(several, {x, y, x}).ok);
  const auto two_of_one = [](const Tensor& a) { return std::vector<Tensor>{a.sin(), a.cos()}; };
  BOOST_TEST(gradcheck(two_of_one, x).ok);
  BOOST_TEST(gradgradcheck(two_of_one, x).ok);
  const auto wrong = [](const Tensor& a, const Tensor& b) { return a.detach() * b + a; };
  const GradcheckResult r = gradcheck(wrong, {x, y});
  BOOST_TEST(r.message.find("input 0 at") == 0);
  BOOST_CHECK_THROW(gradcheck(f, {x}), Error);
}

BOOST_AUTO_TEST_CASE(tries_results_without_a_gradient) {
  // Takes a missing gradient for one of ones.
  const TensorFunction wrong = [](const std::vector<Tensor>& in) {
    const Tensor x = in[0].detach();
    return record("two", std::vector<Tensor>{x * 2, x * 3}, {in[0]},
                  [](std::span<const Tensor> g, Needs) -> Grads {
                    const auto or_ones = [&](size_t i) {
                      return g[i].defined() ? g[i] : ones_like(g[1 - i]);
                    };
                    return or_ones(0) * 2 + or_ones(1) * 3;
                  });
  };
  const Tensor x = rand({3}, float64).requires_grad_();
  const GradcheckResult r = gradcheck(wrong, {x});
  BOOST_TEST(!r.ok);
  BOOST_TEST(r.message.find("gradients of the results one by one do not add up") == 0);
  BOOST_TEST(gradcheck(wrong, {x}, {.check_undefined_grad = false}).ok);
}

BOOST_AUTO_TEST_CASE(is_a_predicate_of_boost_test) {
  const Tensor x = rand({2, 3}, float64).requires_grad_();
  const auto f = [](const Tensor& t) { return t * t * t; };
  BOOST_TEST(rewind::testing::gradcheck(f, x));
  BOOST_TEST(rewind::testing::gradgradcheck(f, x));
  const OneResultFunction product = [](const std::vector<Tensor>& in) { return in[0] * in[1]; };
  BOOST_TEST(rewind::testing::gradcheck(product, {x, x.detach().clone().requires_grad_()}));
  const auto cut = [](const Tensor& t) {
    return record("cut", t.detach() * 2, {t}, [](const Tensor& g, Needs) -> Grads { return g; });
  };
  const auto failed = rewind::testing::gradcheck(cut, x);
  BOOST_TEST(!failed);
  const auto text = failed.message();
  const std::string message(text.begin(), text.end());
  BOOST_TEST(message.find("input 0 at [") == 0);
  BOOST_TEST(message.find("; 6 of 6 elements differ") != std::string::npos);
}

// As on paper, not weighed.
BOOST_AUTO_TEST_CASE(shows_the_derivative_of_one_number) {
  const Tensor x = from<double>({3}).requires_grad_();
  const GradcheckResult result =
      gradcheck([](const Tensor& t) { return t.detach().square().sum(); }, x);
  BOOST_TEST(!result.ok);
  BOOST_TEST(result.message.find("numeric 6") != std::string::npos, result.message);
}

BOOST_AUTO_TEST_CASE(names_the_input_of_another_dtype) {
  BOOST_CHECK_EXCEPTION(
      gradcheck([](const Tensor& t) { return t.cumsum(0); }, randn({2, 3}).requires_grad_()),
      DTypeError, saying("gradcheck: expected float64 inputs, got float32 for input 0"));
  Tensor loss;
  {
    const no_grad guard;
    loss = from<double>({3}).requires_grad_().sum();
  }
  BOOST_CHECK_EXCEPTION(loss.backward(), AutogradError, saying("under no_grad, or detached"));
}

BOOST_AUTO_TEST_CASE(wants_float64) {
  const auto f = [](const Tensor& t) { return t * t; };
  BOOST_CHECK_THROW(gradcheck(f, rand({2}).requires_grad_()), DTypeError);
  BOOST_CHECK_THROW(gradcheck(f, rand({2}, float64)), Error);
}

BOOST_AUTO_TEST_SUITE_END()
