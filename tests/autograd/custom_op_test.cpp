// The op that CONTRIBUTING.md adds as its example, word for word, as a user of the library.
#include <boost/test/unit_test.hpp>

#include <span>
#include <vector>

#include <rewind/autograd/gradcheck.h>
#include <rewind/rewind.h>

using namespace rw;
using boost::test_tools::per_element;

namespace {

// y = x / (1 + |x|).   dx = g / (1 + |x|)^2
Tensor softsign(const Tensor& x) {
  const auto forward = [&] {
    no_grad guard;
    return x / (x.abs() + 1);
  };
  return record("softsign", forward(), {x}, [x = save(x)](const Tensor& g, Needs) -> Grads {
    return g / (x.get().abs() + 1).square();
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(softsign_values_and_gradients) {
  const Tensor x = from<double>({-3, -0.5, 0.25, 1}).requires_grad_();
  const std::vector<double> expected = {-0.75, -1 / 3.0, 0.2, 0.5};
  BOOST_TEST(softsign(x).to_vector<double>() == expected, per_element());
  const auto f = [](const Tensor& t) { return softsign(t); };
  const GradcheckResult first = gradcheck(f, x);
  BOOST_TEST(first.ok, first.message);
  const GradcheckResult second = gradgradcheck(f, x);
  BOOST_TEST(second.ok, second.message);
}

namespace {

// Doubles the gradient, so that it shows whether it was called.
Tensor passed_on(const Tensor& x, const Tensor& other) {
  return record("passed_on", x, {x, other}, [](const Tensor& g, Needs) -> Grads {
    return {g * 2, g};
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_input_as_the_result_is_recorded_as_a_view_of_it) {
  const Tensor x = from<double>({1, 2}).requires_grad_(), w = ones({2}, float64).requires_grad_();
  const Tensor constant = ones({2}, float64), result = x * 3;
  for (const Tensor& t : {x, result, constant}) {
    const bool recorded = t.requires_grad();
    const std::string made_by = t.grad_fn();
    Tensor y = passed_on(t, w);
    BOOST_TEST(!y.is_same(t));
    BOOST_TEST((y.impl()->storage == t.impl()->storage));
    BOOST_TEST(std::string(y.grad_fn()) == "passed_on");
    BOOST_TEST(t.grad_fn() == made_by);
    BOOST_TEST(t.requires_grad() == recorded);
    y.sum().backward({}, true);
    // Its pullback would be left out.
    BOOST_CHECK_THROW(y.add_(1), AutogradError);
  }
  BOOST_TEST(x.is_leaf());
  BOOST_TEST(x.grad().to_vector<double>() == std::vector<double>({8, 8}), per_element());
  BOOST_TEST(w.grad().to_vector<double>() == std::vector<double>({3, 3}), per_element());
}

BOOST_AUTO_TEST_CASE(results_may_be_inputs_or_there_twice_or_undefined) {
  const Tensor x = from<double>({1, 2}).requires_grad_(), fresh = x.detach() * 2;
  const std::vector<Tensor> y = record("many", std::vector<Tensor>{x, fresh, Tensor(), fresh, x},
                                       {x}, [](std::span<const Tensor> g, Needs) -> Grads {
                                         return g[0] + g[1] * 10 + g[3] * 100 + g[4] * 1000;
                                       });
  BOOST_TEST(!y[2].defined());
  (y[0] + y[1] * 2 + y[3] * 3 + y[4] * 4).sum().backward();
  BOOST_TEST(x.is_leaf());
  BOOST_TEST(x.grad().to_vector<double>() == std::vector<double>({4321, 4321}), per_element());
  BOOST_CHECK_EXCEPTION(
      record("none", Tensor(), {x}, [](const Tensor& g, Needs) -> Grads { return g; }), Error,
      [](const Error& e) { return std::string(e.what()) == "none: the result is undefined"; });
}
