#include <rewind/autograd/gradcheck.h>

#include <rewind/ops/pointwise.h>
#include <rewind/rewind.h>
#include <boost/test/unit_test.hpp>

using namespace rw;

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

BOOST_AUTO_TEST_CASE(wants_float64) {
  const auto f = [](const Tensor& t) { return t * t; };
  BOOST_CHECK_THROW(gradcheck(f, rand({2}).requires_grad_()), DTypeError);
  BOOST_CHECK_THROW(gradcheck(f, rand({2}, float64)), Error);
}

BOOST_AUTO_TEST_SUITE_END()
