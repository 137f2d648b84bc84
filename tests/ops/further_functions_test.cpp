// histogramdd, gradient, binomial and householder_product.

#include <rewind/rewind.h>

#include <cmath>
#include <vector>

#include "../check.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(further_functions)

BOOST_AUTO_TEST_CASE(histogramdd_counts) {
  const Tensor x = rand({200, 2}, float64) * 4 - 1;
  // One coordinate is histogram; two add up to it.
  const Histogramdd both = histogramdd(x, std::vector<int64_t>{5, 3});
  const Tensor first = x.select(1, 0).contiguous();
  BOOST_TEST(equal(sum(both.hist, 1), histogram(first, 5).hist));
  BOOST_TEST(equal(both.bin_edges[0], histogram(first, 5).bin_edges));
  BOOST_TEST(sum(both.hist).item<double>() == 200);
  BOOST_TEST(equal(histogramdd(x, 4).hist, histogramdd(x, std::vector<int64_t>{4, 4}).hist));
  const Histogramdd density =
      histogramdd(x, std::vector<int64_t>{5, 3}, {.range = {{0, 1}, {-0.5, 2}}, .density = true});
  BOOST_TEST(std::abs(sum(density.hist).item<double>() * 0.2 * 2.5 / 3 - 1) < 1e-12);
  const Tensor nan = full({3, 2}, NAN, float64);
  BOOST_TEST(sum(histogramdd(nan, 2, {.range = {{0, 1}, {0, 1}}}).hist).item<double>() == 0);
}

BOOST_AUTO_TEST_CASE(histogramdd_refuses) {
  const Tensor x = rand({4, 2});
  BOOST_CHECK_EXCEPTION(histogramdd(x, std::vector<int64_t>{3}), ShapeError,
                        saying("histogramdd: expected bins for each of 2 coordinates, got 1"));
  BOOST_CHECK_EXCEPTION(histogramdd(ones(4), 3), ShapeError,
                        saying("histogramdd: expected points in a last dimension"));
  BOOST_CHECK_EXCEPTION(histogramdd(x, 0), Error,
                        saying("histogramdd: expected one bin or more, got 0"));
  BOOST_CHECK_EXCEPTION(histogramdd(x, 3, {.weight = ones(3)}), ShapeError,
                        saying("histogramdd: expected weights of shape [4], got [3]"));
  BOOST_CHECK_EXCEPTION(histogramdd(x.to(int64), 3), DTypeError,
                        saying("histogramdd: expected float32 or float64, got int64"));
}

// Of a parabola: exact inside, and at the ends by parabolas.
BOOST_AUTO_TEST_CASE(gradient_of_a_parabola) {
  const Tensor at = from<double>({-1, 0.5, 1, 3, 7});
  const std::vector<Tensor> uneven = gradient(at.square(), std::vector<Tensor>{at}, {}, 2);
  BOOST_TEST(allclose(uneven[0], at * 2, 1e-12, 1e-12));
  const Tensor even = arange(6, float64) * 0.5;
  BOOST_TEST(allclose(gradient(even.square(), 0.5, {}, 2)[0], even * 2, 1e-12, 1e-12));
  BOOST_TEST(gradient(ones({3, 4})).size() == 2U);
  BOOST_TEST(gradient(from<int64_t>({1, 4, 9}))[0].dtype() == float32);
}

BOOST_AUTO_TEST_CASE(gradient_refuses) {
  BOOST_CHECK_EXCEPTION(gradient(ones(1)), ShapeError,
                        saying("gradient: expected more than 1 elements along dimension 0"));
  BOOST_CHECK_EXCEPTION(gradient(ones(4), 1, {}, 3), Error,
                        saying("gradient: expected an edge_order of 1 or 2, got 3"));
  BOOST_CHECK_EXCEPTION(gradient(ones(4).to(uint8)), DTypeError,
                        saying("gradient: not defined for uint8"));
  BOOST_CHECK_EXCEPTION(gradient(ones(4), std::vector<Tensor>{ones(3)}), ShapeError,
                        saying("gradient: expected 4 coordinates along dimension 0, got shape"));
  BOOST_CHECK_EXCEPTION(gradient(ones({4, 4}), 1, {0, -2}), ShapeError,
                        saying("gradient: dimension -2 is there twice"));
}

BOOST_AUTO_TEST_CASE(binomial_moments) {
  manual_seed(3);
  for (const auto& [n, p] : {std::pair{5., 0.3}, {40., 0.9}, {100., 0.5}, {1e6, 0.2}}) {
    const Tensor drawn = binomial(full(20000, n, float64), full(20000, p, float64));
    const double variance = n * p * (1 - p), mean = drawn.mean().item<double>();
    BOOST_TEST(std::abs(mean - n * p) < 5 * std::sqrt(variance / 20000), n << " " << p);
    BOOST_TEST(std::abs(drawn.var().item<double>() / variance - 1) < 0.06, n << " " << p);
    BOOST_TEST(equal(drawn, floor(drawn)));
    BOOST_TEST((amin(drawn).item<double>() >= 0 && amax(drawn).item<double>() <= n));
  }
}

BOOST_AUTO_TEST_CASE(binomial_ends) {
  BOOST_TEST(equal(binomial(full(9, 7.), zeros(9)), zeros(9)));
  BOOST_TEST(equal(binomial(full(9, 7.), ones(9)), full(9, 7.)));
  BOOST_TEST((binomial(ones({3, 1}), full(4, 0.5)).shape() == Shape{3, 4}));
  Tensor p = full(4, 0.5).requires_grad_();
  binomial(ones(4), p).sum().backward();
  BOOST_TEST(equal(p.grad(), zeros(4)));
  BOOST_CHECK_EXCEPTION(binomial(ones(2), full(2, 1.5)), Error,
                        saying("binomial: expected probabilities in [0, 1]"));
  BOOST_CHECK_EXCEPTION(binomial(from<int64_t>({2}), ones(1)), DTypeError,
                        saying("binomial: expected counts and probabilities of one floating"));
}

// The reflections that qr would take, one by one.
BOOST_AUTO_TEST_CASE(products_of_reflections) {
  const Tensor a = randn({4, 3}, float64), tau = from<double>({0.5, 0, 1.5});
  Tensor product = eye(4, float64);
  for (int64_t k = 0; k < 3; ++k) {
    const Tensor v = tril(a, -1).select(1, k) + eye(4, float64).select(1, k);
    product = matmul(product, eye(4, float64) - outer(v, v) * tau.select(0, k));
  }
  BOOST_TEST(allclose(linalg::householder_product(a, tau), product.narrow(1, 0, 3), 1e-12, 1e-12));
  BOOST_CHECK_EXCEPTION(linalg::householder_product(a.t(), tau), ShapeError,
                        saying("linalg.householder_product: expected no more columns than rows"));
  BOOST_CHECK_EXCEPTION(linalg::householder_product(a, tau.to(float32)), DTypeError,
                        saying("linalg.householder_product: expected taus of float64"));
}

BOOST_AUTO_TEST_SUITE_END()
