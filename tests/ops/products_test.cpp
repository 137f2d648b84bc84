#include <vector>

#include <rewind/testing/gradcheck.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(products)

BOOST_AUTO_TEST_CASE(einsum_as_other_products) {
  const Tensor a = randn({3, 4, 5}), b = randn({3, 5, 6}), m = randn({5, 7}), v = randn({5});
  BOOST_TEST(allclose(einsum("bij,bjk->bik", {a, b}), bmm(a, b), 1e-4, 1e-5));
  BOOST_TEST(allclose(einsum("...j,jk", {a, m}), matmul(a, m), 1e-4, 1e-5));
  BOOST_TEST(allclose(einsum("bij,j->bi", {a, v}), matmul(a, v), 1e-4, 1e-5));
  BOOST_TEST(allclose(einsum("bij->ib", {a}), a.sum(2).t(), 1e-4, 1e-5));
  BOOST_TEST(equal(einsum("bij->jib", {a}), a.permute({2, 1, 0})));
  BOOST_TEST(allclose(einsum("bij,bjk,kl->bil", {a, b, randn({6, 2}) * 0 + 1}),
                      bmm(a, b).sum(2, true).expand({3, 4, 2}), 1e-4, 1e-4));
}

// The chain of matrices is taken from its small end: another order makes a matrix of 4 TB.
BOOST_AUTO_TEST_CASE(einsum_takes_small_results_first) {
  const int64_t n = 1 << 20;
  const Tensor column = ones({n, 1}), row = ones({1, n}), v = ones({n});
  const Tensor y = einsum("ij,jk,kl,l->i", {column, row, column, ones({1})});
  BOOST_TEST(y[0].item<double>() == n);
  BOOST_TEST(einsum("ij,jk,kl->il", {row, column, row})[0][1].item<double>() == n);
  BOOST_TEST(einsum("i,j,j->i", {v, v, v}).numel() == n);
}

BOOST_AUTO_TEST_CASE(einsum_errors) {
  const Tensor x = ones({2, 3});
  BOOST_CHECK_EXCEPTION(einsum("ij,jk->ik", {x, x}), ShapeError,
                        saying("einsum: sizes 3 and 2 do not fit"));
  BOOST_CHECK_EXCEPTION(einsum("ij,jk", {x}), Error, saying("is for 2 operands, got 1"));
  BOOST_CHECK_EXCEPTION(einsum("i-j", {x}), Error, saying("expected letters or an ellipsis"));
  BOOST_CHECK_EXCEPTION(einsum("ij->ik", {x}), Error, saying("a letter that no operand has"));
  BOOST_CHECK_EXCEPTION(einsum("ij->ii", {x}), Error, saying("has a letter twice"));
  BOOST_CHECK_EXCEPTION(einsum("ijk", {x}), ShapeError, saying("does not have the dimensions"));
  BOOST_CHECK_EXCEPTION(einsum("ij", {Tensor()}), Error, saying("operand 0 is undefined"));
}

BOOST_AUTO_TEST_CASE(cross_of_every_dtype) {
  const Tensor a = randint(-4, 5, {50, 3}), b = randint(-4, 5, {50, 3});
  const Tensor expected = linalg::cross(a, b);
  BOOST_TEST((expected * a).sum().item<int64_t>() == 0);
  for (const DType dtype : {float64, float32, bfloat16, float16, int32, int16, int8})
    BOOST_TEST(equal(linalg::cross(a.to(dtype), b.to(dtype)), expected.to(dtype)));
  BOOST_TEST(equal(cross(a.t(), b.t()), expected.t()));
}

BOOST_AUTO_TEST_CASE(beta_of_zero_leaves_the_input_out) {
  const Tensor a = ones({2, 3}), b = ones({3, 2}), nan = full({2}, std::nan(""));
  BOOST_TEST(equal(addmm(nan, a, b, 0), full({2, 2}, 3.f)));
  BOOST_CHECK_EXCEPTION(addmm(ones({3}), a, b), ShapeError, saying("addmm: "));
  BOOST_CHECK_EXCEPTION(addmm(nan.to(float64), a, b), DTypeError,
                        saying("addmm: expected tensors of one dtype"));
}

BOOST_AUTO_TEST_CASE(chains_take_few_multiplications) {
  // Neither from the left nor from the right: a matrix of 4 TB comes of it.
  const Tensor wide = rand({2, 1 << 20}), tall = rand({1 << 20, 2}), v = rand({2});
  const Tensor small = mm(wide, tall);
  BOOST_TEST(allclose(linalg::multi_dot({wide, tall, wide, tall, v}), matmul(mm(small, small), v),
                      1e-4, 1e-4));
  BOOST_TEST(
      allclose(linalg::multi_dot({tall, wide, tall, v}), matmul(mm(tall, small), v), 1e-4, 1e-4));
  BOOST_TEST(allclose(linalg::multi_dot({wide, tall, wide}), mm(small, wide), 1e-4, 1e-4));
  BOOST_CHECK_EXCEPTION(linalg::multi_dot({wide}), Error,
                        saying("linalg.multi_dot: expected two tensors or more, got 1"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(sampling)

namespace {

// The mean and the variance, within a few standard errors.
void check_moments(const Tensor& x, double mean, double variance, double error) {
  const Tensor y = x.to(float64);
  BOOST_TEST(std::abs(y.mean().item<double>() - mean) < error);
  BOOST_TEST(std::abs(y.var().item<double>() - variance) < 5 * error * (1 + variance));
}

}  // namespace

BOOST_AUTO_TEST_CASE(moments) {
  manual_seed(3);
  const Shape many = 40000;
  check_moments(bernoulli(full(many, 0.3)), 0.3, 0.21, 0.02);
  check_moments(bernoulli(zeros(many, int64), 0.7), 0.7, 0.21, 0.02);
  check_moments(normal(full(many, 2.), full({}, 3.)), 2, 9, 0.1);
  check_moments(normal(-1, 0.5, many), -1, 0.25, 0.02);
  for (const double rate : {0.5, 9.0, 11.0, 300.0})
    check_moments(poisson(full(many, rate)), rate, rate, 0.05 * std::sqrt(rate) + 0.02);
  Tensor x = empty(many);
  detail::exponential_in_place(x, 2);
  BOOST_TEST(amin(x).item<double>() > 0);
  check_moments(x, 0.5, 0.25, 0.02);
  detail::geometric_in_place(x, 0.25);
  BOOST_TEST(amin(x).item<double>() == 1);
  check_moments(x, 4, 12, 0.2);
  Tensor rare = empty(1000, int64);  // numbers that float32 has no odd ones of
  detail::geometric_in_place(rare, 1e-9);
  BOOST_TEST((rare % 2).sum().item<int64_t>() > 300);
  detail::log_normal_in_place(x, 0, 0.25);
  check_moments(log(x), 0, 0.0625, 0.02);
  detail::cauchy_in_place(x, 1, 2);
  const double middle = (x > 1).to(float64).mean().item<double>();
  const double within = (abs(x - 1) < 2).to(float64).mean().item<double>();
  BOOST_TEST(std::abs(middle - 0.5) < 0.02);
  BOOST_TEST(std::abs(within - 0.5) < 0.02);
}

BOOST_AUTO_TEST_CASE(multinomial_follows_its_weights) {
  manual_seed(5);
  const Tensor weights = from<float>({{1, 0, 3}, {0, 0, 5}});
  const Tensor drawn = multinomial(weights, 10000, true);
  const Tensor shares = one_hot(drawn, 3).to(float64).mean(1);
  BOOST_TEST(allclose(shares, from<double>({{0.25, 0, 0.75}, {0, 0, 1}}), 0, 0.02));
  const Tensor order = multinomial(from<float>({1, 2, 3, 4}), 4);
  BOOST_TEST(order.sum().item<int64_t>() == 6);
  BOOST_CHECK_EXCEPTION(multinomial(weights, 2), Error, saying("2 samples can't be drawn"));
  BOOST_CHECK_EXCEPTION(multinomial(from<float>({-1, 2}), 1), Error,
                        saying("expected finite weights >= 0"));
  BOOST_CHECK_EXCEPTION(multinomial(zeros({2}), 1), Error, saying("add up to 0"));
}

BOOST_AUTO_TEST_CASE(a_seed_gives_the_same_numbers_on_any_threads) {
  const int threads = get_num_threads();
  const auto draw = [] {
    manual_seed(11);
    const Tensor rates = rand({100000}) * 30;
    return poisson(rates) + bernoulli(rates / 30) + normal(rates, 2);
  };
  set_num_threads(1);
  const Tensor one = draw();
  set_num_threads(2);
  BOOST_TEST(equal(draw(), one));
  set_num_threads(threads);
}

BOOST_AUTO_TEST_CASE(no_gradient_passes) {
  const Tensor p = full({4}, 0.5).requires_grad_();
  (bernoulli(p) + poisson(p) + normal(p, p)).sum().backward();
  BOOST_TEST(equal(p.grad(), zeros({4})));
  BOOST_CHECK_EXCEPTION(bernoulli(full({2}, 1.5)), Error, saying("bernoulli: expected"));
  BOOST_CHECK_EXCEPTION(poisson(full({2}, -1.)), Error, saying("poisson: expected rates in [0"));
}

BOOST_AUTO_TEST_CASE(bilinear_of_no_features_is_its_bias) {
  const Tensor y = bilinear(ones({4, 0}), ones({4, 2}), ones({3, 0, 2}), ones({3}));
  BOOST_TEST(equal(y, ones({4, 3})));
}

BOOST_AUTO_TEST_SUITE_END()
