// Gradients and parameters as a whole.

#include <limits>

#include "../check.h"

using namespace rw;
using namespace rw::test;
namespace utils = nn::utils;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

Tensor with_grad(const std::vector<double>& grad, DType dtype = float64) {
  Tensor p = zeros(static_cast<int64_t>(grad.size()), dtype).requires_grad_();
  p.set_grad(from<double>(grad).to(dtype));
  return p;
}

std::vector<double> numbers(const Tensor& t) { return t.to_vector<double>(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(nn_utils)

BOOST_AUTO_TEST_CASE(total_norms) {
  const std::vector<Tensor> tensors = {from<double>({3, -4}), Tensor(), from<double>({12})};
  BOOST_TEST(utils::get_total_norm(tensors) == 13);
  BOOST_TEST(utils::get_total_norm(tensors, 1) == 19);
  BOOST_TEST(utils::get_total_norm(tensors, inf) == 12);
  BOOST_TEST(utils::get_total_norm({}) == 0);
  BOOST_TEST(utils::get_total_norm({full(1000, 300.0, float16)}) == 300 * std::sqrt(1000.0),
             boost::test_tools::tolerance(1e-6));  // which float16 does not hold
  BOOST_TEST(std::isinf(utils::get_total_norm({from<double>({inf})})));
  BOOST_CHECK_EXCEPTION(utils::get_total_norm({from<double>({inf})}, 2, true), Error,
                        saying("get_total_norm: the norm of order 2 is inf"));
}

BOOST_AUTO_TEST_CASE(clipping_by_the_norm) {
  const Tensor a = with_grad({3, -4}), b = with_grad({12}), none = zeros(2).requires_grad_();
  BOOST_TEST(utils::clip_grad_norm_({a, none, b}, 26) == 13);
  BOOST_TEST(numbers(a.grad()) == (std::vector<double>{3, -4}), boost::test_tools::per_element());
  BOOST_TEST(utils::clip_grad_norm_({a, none, b}, 6.5) == 13);
  BOOST_TEST(relative_error(a.grad(), from<double>({1.5, -2})) < 1e-6);
  BOOST_TEST(relative_error(b.grad(), from<double>({6})) < 1e-6);
  BOOST_TEST(!none.grad().defined());
  const Tensor c = with_grad({3, -4});
  BOOST_TEST(utils::clip_grad_norm_(c, 2, inf) == 4);
  BOOST_TEST(relative_error(c.grad(), from<double>({1.5, -2})) < 1e-6);
  utils::clip_grads_with_norm_({c}, 1, 4);
  BOOST_TEST(relative_error(c.grad(), from<double>({0.375, -0.5})) < 1e-6);
  BOOST_CHECK_EXCEPTION(utils::clip_grad_norm_(c, -1), Error,
                        saying("clip_grad_norm_: expected a max_norm of at least 0, got -1"));
}

BOOST_AUTO_TEST_CASE(norms_that_are_not_finite) {
  const Tensor a = with_grad({inf, 1});
  BOOST_CHECK_THROW(utils::clip_grad_norm_(a, 1, 2, /*error_if_nonfinite=*/true), Error);
  BOOST_TEST(a.grad()[1].item() == 1);
  utils::clip_grad_norm_(a, 1);
  BOOST_TEST(std::isnan(a.grad()[0].item()));
  BOOST_TEST(a.grad()[1].item() == 0);
  const Tensor b = with_grad({std::nan(""), 1});
  BOOST_TEST(std::isnan(utils::clip_grad_norm_(b, 1)));
  BOOST_TEST(std::isnan(b.grad()[1].item()));
}

BOOST_AUTO_TEST_CASE(clipping_by_value) {
  const Tensor a = with_grad({3, -4, 0.5});
  utils::clip_grad_value_(a, 1);
  BOOST_TEST(numbers(a.grad()) == (std::vector<double>{1, -1, 0.5}),
             boost::test_tools::per_element());
  BOOST_CHECK_EXCEPTION(utils::clip_grad_value_(a, std::nan("")), Error,
                        saying("clip_grad_value_: expected a clip_value of at least 0, got nan"));
}

BOOST_AUTO_TEST_CASE(parameters_as_a_vector) {
  nn::Linear fc(3, 2), other(3, 2);
  const Tensor v = utils::parameters_to_vector(fc.parameters());
  BOOST_TEST((v.shape() == Shape{8}));
  BOOST_TEST(v[6].item() == fc.bias[0].item());
  v.sum().backward();
  BOOST_TEST(fc.weight.grad().defined());
  const Tensor weight = other.weight;
  utils::vector_to_parameters(v, other.parameters());
  BOOST_TEST(other.weight.is_same(weight));
  BOOST_TEST(weight.requires_grad());
  BOOST_TEST(equal(weight, fc.weight));
  BOOST_TEST(equal(other.bias, fc.bias));
  BOOST_TEST(other.weight.raw_data() != fc.weight.raw_data());
  BOOST_CHECK_EXCEPTION(utils::vector_to_parameters(ones(9), other.parameters()), ShapeError,
                        saying("expected a vector of the parameters' 8 elements, got shape [9]"));
  BOOST_TEST(equal(weight, fc.weight));
  BOOST_CHECK_EXCEPTION(utils::parameters_to_vector({}), Error, saying("there are no parameters"));
  BOOST_CHECK_EXCEPTION(utils::parameters_to_vector({ones(1), ones(1, float64)}), DTypeError,
                        saying("expected parameters of one dtype, got float32 and float64"));
}

BOOST_AUTO_TEST_CASE(a_vector_goes_to_all_parameters_or_to_none) {
  const Tensor first = zeros(2), expanded = zeros(1).expand({3});
  BOOST_CHECK_EXCEPTION(nn::utils::vector_to_parameters(ones(5), {first, expanded}), Error,
                        saying("vector_to_parameters: parameter of shape [3] has several elements "
                               "in one place"));
  BOOST_TEST(first.sum().item() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
