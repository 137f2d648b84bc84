// Factorizations in the form of LAPACK; tests/parity/samples holds them to PyTorch.
#include <rewind/ops/factored.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;
using boost::test_tools::per_element;

namespace {

Tensor indefinite(const Shape& shape) {
  const Tensor a = randn(shape, float64);
  return a + a.mT();
}
bool near(const Tensor& a, const Tensor& b) { return allclose(a, b, 1e-9, 1e-9); }

}  // namespace

BOOST_AUTO_TEST_SUITE(factored)

BOOST_AUTO_TEST_CASE(ldl_solves_systems_of_all_sizes) {
  manual_seed(3);
  bool pairs = false;
  for (const int64_t n : {0, 1, 2, 3, 7, 20}) {
    Tensor a = indefinite({4, n, n});
    if (n > 1) a.diagonal(0, 1, 2).mul_(0.1);  // so that there are blocks of two rows
    const Tensor b = randn({4, n, 3}, float64);
    const auto [ld, pivots] = linalg::ldl_factor(a);
    pairs = pairs || (pivots < 0).any().item<bool>();
    BOOST_TEST(near(matmul(a, linalg::ldl_solve(ld, pivots, b)), b), n);
    BOOST_TEST(equal(ld, tril(ld)));
    const Tensor one = linalg::ldl_solve(ld, pivots, b[0]);  // broadcast
    BOOST_TEST(near(matmul(a, one), b[0].expand({4, n, 3})), n);
  }
  BOOST_TEST(pairs);
}

BOOST_AUTO_TEST_CASE(ldl_as_lapack_gives_it) {  // by PyTorch 2.14
  const Tensor a = from<double>({4, 1, 2, 1, 0, 3, 2, 3, 1}).view({3, 3});
  const auto [ld, pivots] = linalg::ldl_factor(a);
  BOOST_TEST(near(ld[0][0], full({}, 4., float64)));
  BOOST_TEST(pivots.to_vector<int32_t>()[0] == 1);
  const auto [zero, at, info] = linalg::ldl_factor_ex(zeros({2, 2}));
  BOOST_TEST(at.to_vector<int32_t>() == (std::vector<int32_t>{1, 2}), per_element());
  BOOST_TEST(info.item<int32_t>() == 1);
  BOOST_CHECK_EXCEPTION(linalg::ldl_factor(zeros({2, 2})), linalg::LinAlgError,
                        saying("linalg.ldl_factor: the matrix is singular: D is zero in row 1"));
}

BOOST_AUTO_TEST_CASE(ldl_solve_refuses_what_no_factor_gave) {
  const Tensor ld = eye(3), b = ones({3, 1});
  const auto refuses = [&](std::vector<int32_t> pivots, const char* text) {
    BOOST_CHECK_EXCEPTION(linalg::ldl_solve(ld, from(pivots).to(int32), b), IndexError,
                          saying(text));
  };
  refuses({1, 4, 3}, "linalg.ldl_solve: expected pivots from 1 to 3, got 4");
  refuses({0, 2, 3}, "got 0");
  refuses({-2, -3, 3}, "expected negative pivots in pairs, got -2");
  refuses({1, 2, -3}, "expected negative pivots in pairs, got -3");
  BOOST_CHECK_EXCEPTION(linalg::ldl_solve(ld, ones(3), b), DTypeError, saying("pivots of int32"));
}

BOOST_AUTO_TEST_CASE(q_by_reflections) {
  manual_seed(4);
  const Tensor a = randn({2, 5, 3}, float64), c = randn({2, 5, 4}, float64);
  const auto [factors, tau] = geqrf(a);
  const Tensor full = cat({factors, zeros({2, 5, 2}, float64)}, -1);
  const Tensor q = ormqr(factors, tau, eye(5, float64).expand({2, 5, 5}));
  BOOST_TEST(near(matmul(q.mT(), q), eye(5, float64).expand({2, 5, 5})));
  BOOST_TEST(near(matmul(q, triu(factors)), a));
  BOOST_TEST(near(q.narrow(-1, 0, 3), orgqr(factors, tau)));
  BOOST_TEST(near(ormqr(factors, tau, c, true, true), matmul(q.mT(), c)));
  BOOST_TEST(near(ormqr(factors, tau, c.mT(), false), matmul(c.mT(), q)));
  BOOST_TEST(near(ormqr(full, tau, c.mT(), false, true), matmul(c.mT(), q.mT())));
  BOOST_CHECK_EXCEPTION(ormqr(factors, ones({2, 4}, float64), c), ShapeError,
                        saying("ormqr: expected at most 3 taus for each matrix"));
  const Tensor leaf = randn({3, 3}).requires_grad_();
  BOOST_CHECK_EXCEPTION(geqrf(leaf).first.sum().backward(), AutogradError,
                        saying("geqrf: has no derivative"));
}

BOOST_AUTO_TEST_CASE(of_low_rank) {
  manual_seed(5);
  const Tensor a = matmul(randn({6, 2}, float64), randn({2, 9}, float64));
  const auto [u, s, v] = svd_lowrank(a, 2);
  BOOST_TEST(near(matmul(u * s, v.mT()), a));
  BOOST_TEST(near(s, linalg::svdvals(a).narrow(0, 0, 2)));
  const Tensor mean = a.mean({0}, true);
  const auto [pu, ps, pv] = pca_lowrank(a, 2);
  BOOST_TEST(near(matmul(pu * ps, pv.mT()), a - mean));
  const auto [mu, ms, mv] = svd_lowrank(a, 2, 2, mean);
  BOOST_TEST(near(ms, ps));
  BOOST_CHECK_EXCEPTION(pca_lowrank(a, 7), Error,
                        saying("pca_lowrank: expected q from 0 to 6, got 7"));
}

BOOST_AUTO_TEST_CASE(polar_and_square_root) {
  manual_seed(6);
  const Tensor a = randn({2, 4, 3}, float64);
  const auto [u, h] = linalg::polar(a);
  BOOST_TEST(near(matmul(u, h), a));
  BOOST_TEST(near(matmul(u.mT(), u), eye(3, float64).expand({2, 3, 3})));
  BOOST_TEST(near(h, h.mT()));
  const Tensor p = matmul(a.mT(), a), root = linalg::matrix_sqrth(p);
  BOOST_TEST(near(matmul(root, root), p));
  BOOST_CHECK_EXCEPTION(linalg::polar(a.mT()), ShapeError, saying("no more columns than rows"));
}

BOOST_AUTO_TEST_CASE(tolerances_for_each_matrix) {
  const Tensor a = eye(3).repeat({2, 1, 1});
  const auto rank = [&](const linalg::RankOptions& o) {
    return linalg::matrix_rank(a, o).to_vector<int64_t>();
  };
  const std::vector<int64_t> one_of_two = {3, 0};
  BOOST_TEST(rank({.atol = from<float>({0.5, 2})}) == one_of_two, per_element());
  BOOST_TEST(rank({.rtol = from<float>({0.5, 2})}) == one_of_two, per_element());
  BOOST_TEST((linalg::pinv(a, {.atol = from<float>({0.5, 2})})[1] == 0).all().item<bool>());
}

BOOST_AUTO_TEST_SUITE_END()
