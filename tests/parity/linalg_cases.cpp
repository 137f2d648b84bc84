#include <limits>

#include "cases.h"

namespace rw::test {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

using Three = std::tuple<Tensor, Tensor, Tensor>;
using Two = std::pair<Tensor, Tensor>;

Tensor turned(In x) { return x.transpose(-2, -1); }
Tensor symmetric(In x) { return x + turned(x); }
Tensor definite(In x) { return matmul(x, turned(x)); }

Tensors list(const Three& t) { return {std::get<0>(t), std::get<1>(t), std::get<2>(t)}; }
// Fixtures know no int32.
Tensors wide_integers(Tensors all) {
  for (Tensor& t : all)
    if (t.dtype() == int32) t = t.to(int64);
  return all;
}
Tensors wide_integers(const Two& t) { return wide_integers(Tensors{t.first, t.second}); }
Tensors list(const linalg::LstsqResult& r) {
  return {r.solution.detach(), r.residuals.detach(), r.rank, r.singular_values};
}
Tensors of_vectors(const Three& usv) {
  const auto& [u, s, vh] = usv;
  const int64_t k = s.size(-1);
  const Tensor x = u.narrow(-1, 0, k), y = vh.narrow(-2, 0, k);
  return {s, x.square(), matmul(x * s.square().unsqueeze(-2), y), y.square()};
}
Tensors of_eigenvectors(const Two& dv) {
  const auto& [d, v] = dv;
  return {d, v.square(), matmul(v * d.square().unsqueeze(-2), turned(v))};
}
Tensors of_qr(const Two& qr) {
  const auto& [q, r] = qr;
  return {r.square(), matmul(q, r), definite(q)};
}

Cases systems() {
  return {
      {"inv", [](In a) { return linalg::inv(a); }},
      {"inv_batch", [](In a) { return linalg::inv(a); }},
      {"inv_of_one", [](In a) { return linalg::inv(a); }},
      {"inv_turned", [](In a) { return linalg::inv(turned(a)); }},
      {"inv_of_nothing",
       [](In a) {
         return linalg::inv(a.reshape({2, 0, 0}));
       }},
      {"inv_singular", [](In a) { return linalg::inv(a); }},
      {"inv_one_singular", [](In a) { return linalg::inv(a); }},
      {"inv_not_square", [](In a) { return inverse(a); }},
      {"inv_of_ints", [](In a) { return linalg::inv(a); }},
      {"inv_of_vector", [](In a) { return linalg::inv(a); }},
      {"inv_ex", [](In a) { return wide_integers(linalg::inv_ex(a)); }},
      {"inv_ex_singular", [](In a) { return linalg::inv_ex(a).second.to(int64); }},
      {"inv_ex_checked", [](In a) { return linalg::inv_ex(a, true).first; }},
      {"solve", [](In a, In b) { return linalg::solve(a, b); }},
      {"solve_vector", [](In a, In b) { return linalg::solve(a, b); }},
      {"solve_vectors", [](In a, In b) { return linalg::solve(a, b); }},
      {"solve_broadcast", [](In a, In b) { return linalg::solve(a, b); }},
      {"solve_broadcast_both", [](In a, In b) { return linalg::solve(a, b); }},
      {"solve_right", [](In a, In b) { return linalg::solve(a, b, false); }},
      {"solve_of_nothing",
       [](In a, In b) {
         return linalg::solve(a.reshape({0, 0}), b.reshape({0, 2}));
       }},
      {"solve_no_columns",
       [](In a, In b) {
         return linalg::solve(a, b.reshape({2, 0}));
       }},
      {"solve_singular", [](In a, In b) { return linalg::solve(a, b); }},
      {"solve_no_fit", [](In a, In b) { return linalg::solve(a, b); }},
      {"solve_right_vector", [](In a, In b) { return linalg::solve(a, b, false); }},
      {"solve_ex", [](In a, In b) { return wide_integers(linalg::solve_ex(a, b)); }},
      {"solve_triangular", [](In a, In b) { return linalg::solve_triangular(a, b, false); }},
      {"solve_triangular_upper", [](In a, In b) { return linalg::solve_triangular(a, b, true); }},
      {"solve_triangular_right",
       [](In a, In b) { return linalg::solve_triangular(a, b, true, false); }},
      {"solve_triangular_ones",
       [](In a, In b) { return linalg::solve_triangular(a, b, false, true, true); }},
      {"solve_triangular_no_fit", [](In a, In b) { return linalg::solve_triangular(a, b, true); }},
      {"triangular_solve", [](In b, In a) { return triangular_solve(b, a).first; }},
      {"triangular_solve_turned",
       [](In b, In a) { return triangular_solve(b, a, false, true).first; }},
      {"tensorinv",
       [](In a) {
         return linalg::tensorinv(a.reshape({2, 3, 6}));
       }},
      {"tensorinv_of_one",
       [](In a) {
         return linalg::tensorinv(a.reshape({4, 2, 2}), 1);
       }},
      {"tensorinv_no_fit", [](In a) { return linalg::tensorinv(a); }},
      {"tensorsolve",
       [](In a, In b) {
         return linalg::tensorsolve(a.reshape({2, 3, 6}), b);
       }},
      {"tensorsolve_dims",
       [](In a, In b) {
         return linalg::tensorsolve(a.reshape({2, 4, 2}), b, {0});
       }},
      {"lstsq", [](In a, In b) { return linalg::lstsq(a, b).solution; }},
      {"lstsq_wide", [](In a, In b) { return linalg::lstsq(a, b).solution; }},
      {"lstsq_vector", [](In a, In b) { return linalg::lstsq(a, b).solution; }},
      {"lstsq_all", [](In a, In b) { return list(linalg::lstsq(a, b)); }},
      {"lstsq_gels",
       [](In a, In b) { return list(linalg::lstsq(a, b, {}, linalg::LstsqDriver::gels)); }},
      {"lstsq_gelsd",
       [](In a, In b) { return list(linalg::lstsq(a, b, {}, linalg::LstsqDriver::gelsd)); }},
      {"lstsq_gelss",
       [](In a, In b) { return list(linalg::lstsq(a, b, {}, linalg::LstsqDriver::gelss)); }},
      {"lstsq_low_rank",
       [](In a, In b) { return list(linalg::lstsq(a, b, {}, linalg::LstsqDriver::gelsd)); }},
      {"lstsq_no_fit", [](In a, In b) { return linalg::lstsq(a, b).solution; }},
      {"linalg_det", [](In a) { return linalg::det(a); }},
      {"linalg_det_of_one", [](In a) { return linalg::det(a); }},
      {"linalg_det_of_nothing",
       [](In a) {
         return linalg::det(a.reshape({2, 0, 0}));
       }},
      {"det_singular", [](In a) { return det(a); }},
      {"det_not_square", [](In a) { return det(a); }},
      {"det_of_ints", [](In a) { return det(a); }},
      {"slogdet", [](In a) { return linalg::slogdet(a); }},
      {"slogdet_singular", [](In a) { return slogdet(a); }},
      {"logdet", [](In a) { return logdet(a); }},
      {"logdet_negative", [](In a) { return logdet(a); }},
  };
}

Cases factorizations() {
  return {
      {"cholesky", [](In a) { return linalg::cholesky(definite(a)); }},
      {"cholesky_upper", [](In a) { return linalg::cholesky(definite(a), true); }},
      {"cholesky_of_triangle", [](In a) { return linalg::cholesky(tril(definite(a))); }},
      {"cholesky_of_upper_triangle",
       [](In a) { return linalg::cholesky(triu(definite(a)), true); }},
      {"cholesky_of_nothing",
       [](In a) {
         return linalg::cholesky(a.reshape({0, 0}));
       }},
      {"cholesky_indefinite", [](In a) { return linalg::cholesky(a); }},
      {"cholesky_of_ints", [](In a) { return linalg::cholesky(a); }},
      {"cholesky_ex", [](In a) { return linalg::cholesky_ex(a).second.to(int64); }},
      {"cholesky_solve", [](In b, In a) { return cholesky_solve(b, tril(a)); }},
      {"cholesky_solve_upper", [](In b, In a) { return cholesky_solve(b, triu(a), true); }},
      {"cholesky_inverse", [](In a) { return cholesky_inverse(tril(a)); }},
      {"cholesky_inverse_upper", [](In a) { return cholesky_inverse(triu(a), true); }},
      {"lu", [](In a) { return list(linalg::lu(a)); }},
      {"lu_tall", [](In a) { return list(linalg::lu(a)); }},
      {"lu_wide", [](In a) { return list(linalg::lu(a)); }},
      {"lu_singular", [](In a) { return list(linalg::lu(a)); }},
      {"lu_of_nothing",
       [](In a) {
         return list(linalg::lu(a.reshape({3, 0})));
       }},
      {"lu_factor", [](In a) { return wide_integers(linalg::lu_factor(a)); }},
      {"lu_factor_wide", [](In a) { return wide_integers(linalg::lu_factor(a)); }},
      {"lu_factor_singular", [](In a) { return wide_integers(linalg::lu_factor(a)); }},
      {"lu_factor_ex", [](In a) { return wide_integers(list(linalg::lu_factor_ex(a))); }},
      {"lu_solve",
       [](In a, In b) {
         const auto [lu, pivots] = linalg::lu_factor(a);
         return linalg::lu_solve(lu, pivots, b);
       }},
      {"lu_solve_adjoint",
       [](In a, In b) {
         const auto [lu, pivots] = linalg::lu_factor(a);
         return linalg::lu_solve(lu, pivots, b, true, true);
       }},
      {"lu_solve_right",
       [](In a, In b) {
         const auto [lu, pivots] = linalg::lu_factor(a);
         return linalg::lu_solve(lu, pivots, b, false);
       }},
      {"lu_solve_old",
       [](In a, In b) {
         const auto [lu, pivots] = linalg::lu_factor(a);
         return lu_solve(b, lu, pivots);
       }},
      {"lu_unpack",
       [](In a) {
         const auto [lu, pivots] = linalg::lu_factor(a);
         return list(lu_unpack(lu, pivots));
       }},
      {"qr", [](In a) { return of_qr(linalg::qr(a)); }},
      {"qr_tall", [](In a) { return of_qr(linalg::qr(a)); }},
      {"qr_wide", [](In a) { return of_qr(linalg::qr(a, linalg::QrMode::complete)); }},
      {"qr_complete", [](In a) { return of_qr(linalg::qr(a, linalg::QrMode::complete)); }},
      {"qr_r",
       [](In a) {
         const auto [q, r] = linalg::qr(a, linalg::QrMode::r);
         return Tensors{q, r.square()};
       }},
      {"qr_of_nothing",
       [](In a) {
         return linalg::qr(a.reshape({2, 0}), linalg::QrMode::complete);
       }},
      {"eigh", [](In a) { return of_eigenvectors(linalg::eigh(symmetric(a))); }},
      {"eigh_of_triangle", [](In a) { return of_eigenvectors(linalg::eigh(tril(symmetric(a)))); }},
      {"eigh_of_upper_triangle",
       [](In a) { return of_eigenvectors(linalg::eigh(triu(symmetric(a)), 'U')); }},
      {"eigh_of_nothing",
       [](In a) {
         return linalg::eigh(a.reshape({2, 0, 0}));
       }},
      {"eigvalsh", [](In a) { return linalg::eigvalsh(symmetric(a)); }},
      {"eigh_not_square", [](In a) { return linalg::eigh(a); }},
      {"eigvalsh_wrong_uplo", [](In a) { return linalg::eigvalsh(a, 'X'); }},
      {"svd", [](In a) { return of_vectors(linalg::svd(a)); }},
      {"svd_tall", [](In a) { return of_vectors(linalg::svd(a)); }},
      {"svd_wide", [](In a) { return of_vectors(linalg::svd(a, false)); }},
      {"svd_basis",
       [](In a) {
         const auto [u, s, vh] = linalg::svd(a);
         return Tensors{definite(u), definite(vh)};
       }},
      {"svd_old",
       [](In a) {
         const auto [u, s, v] = svd(a);
         return of_vectors({u, s, turned(v)});
       }},
      {"svd_old_values", [](In a) { return list(svd(a, true, false)); }},
      {"svd_of_nothing",
       [](In a) {
         return list(linalg::svd(a.reshape({2, 0})));
       }},
      {"svdvals", [](In a) { return linalg::svdvals(a); }},
      {"svdvals_singular", [](In a) { return linalg::svdvals(a); }},
      {"svd_of_nan", [](In a) { return list(linalg::svd(a)); }},
      {"svd_of_ints", [](In a) { return list(linalg::svd(a)); }},
  };
}

Cases ranks_and_norms() {
  Cases cases = {
      {"pinv", [](In a) { return linalg::pinv(a); }},
      {"pinv_wide", [](In a) { return linalg::pinv(a); }},
      {"pinv_singular", [](In a) { return linalg::pinv(a); }},
      {"pinv_cut", [](In a) { return linalg::pinv(a, {.atol = 2.5, .rtol = 0.1}); }},
      {"pinv_symmetric", [](In a) { return linalg::pinv(symmetric(a), {.hermitian = true}); }},
      {"pinv_of_nothing",
       [](In a) {
         return linalg::pinv(a.reshape({2, 0}));
       }},
      {"pinverse", [](In a) { return pinverse(a); }},
      {"matrix_rank", [](In a) { return linalg::matrix_rank(a); }},
      {"matrix_rank_cut", [](In a) { return linalg::matrix_rank(a, {.atol = 2.5}); }},
      {"matrix_rank_relative", [](In a) { return linalg::matrix_rank(a, {.rtol = 0.6}); }},
      {"matrix_rank_symmetric", [](In a) { return linalg::matrix_rank(a, {.hermitian = true}); }},
      {"matrix_rank_of_nothing",
       [](In a) {
         return linalg::matrix_rank(a.reshape({2, 0, 3}));
       }},
      {"matrix_norm_dims",
       [](In a) {
         return linalg::matrix_norm(a, 1, {2, 0}, true);
       }},
      {"matrix_norm_nuc_dims",
       [](In a) {
         return linalg::matrix_norm(a, "nuc", {0, 2}, true);
       }},
      {"matrix_norm_of_zeros", [](In a) { return linalg::matrix_norm(a); }},
      {"matrix_norm_of_vector", [](In a) { return linalg::matrix_norm(a); }},
      {"matrix_norm_wrong_order", [](In a) { return linalg::matrix_norm(a, 3); }},
      {"matrix_norm_of_ints", [](In a) { return linalg::matrix_norm(a); }},
      {"linalg_norm", [](In a) { return linalg::norm(a); }},
      {"linalg_norm_of_number", [](In a) { return linalg::norm(a); }},
      {"linalg_norm_vector", [](In a) { return linalg::norm(a, 3); }},
      {"linalg_norm_zero", [](In a) { return linalg::norm(a, 0); }},
      {"linalg_norm_inf", [](In a) { return linalg::norm(a, inf, {1}); }},
      {"linalg_norm_one", [](In a) { return linalg::norm(a, 1, {0}, true); }},
      {"linalg_norm_matrix", [](In a) { return linalg::norm(a, inf); }},
      {"linalg_norm_dims",
       [](In a) {
         return linalg::norm(a, "fro", {0, 2});
       }},
      {"linalg_norm_wrong_rank", [](In a) { return linalg::norm(a, 2); }},
      {"linalg_norm_name_of_vector", [](In a) { return linalg::norm(a, "fro"); }},
      {"cond", [](In a) { return linalg::cond(a); }},
      {"cond_singular", [](In a) { return linalg::cond(a, 1); }},
  };
  const std::pair<const char*, linalg::Ord> orders[] = {
      {"fro", "fro"}, {"nuc", "nuc"},  {"1", 1},     {"minus_1", -1},
      {"2", 2},       {"minus_2", -2}, {"inf", inf}, {"minus_inf", -inf}};
  for (const auto& [name, ord] : orders) {
    cases.push_back({std::string("matrix_norm_") + name,
                     [p = ord](In a) { return linalg::matrix_norm(a, p); }});
    cases.push_back({std::string("cond_") + name, [p = ord](In a) { return linalg::cond(a, p); }});
  }
  return cases;
}

Cases products() {
  return {
      {"matrix_power_0", [](In a) { return linalg::matrix_power(a, 0); }},
      {"matrix_power_1", [](In a) { return linalg::matrix_power(a, 1); }},
      {"matrix_power_5", [](In a) { return linalg::matrix_power(a, 5); }},
      {"matrix_power_minus_3", [](In a) { return linalg::matrix_power(a, -3); }},
      {"matrix_power_of_ints", [](In a) { return matrix_power(a, 3); }},
      {"matrix_power_not_square", [](In a) { return matrix_power(a, 3); }},
      {"matrix_exp", [](In a) { return linalg::matrix_exp(a); }},
      {"matrix_exp_large", [](In a) { return matrix_exp(a * 4); }},
      {"matrix_exp_of_different", [](In a) { return linalg::matrix_exp(a); }},
      {"matrix_exp_of_nothing",
       [](In a) {
         return linalg::matrix_exp(a.reshape({0, 0}));
       }},
      {"matrix_exp_of_ints", [](In a) { return linalg::matrix_exp(a); }},
      {"multi_dot", [](const Tensors& t) { return Tensors{linalg::multi_dot(t)}; }},
      {"multi_dot_vectors", [](const Tensors& t) { return Tensors{linalg::multi_dot(t)}; }},
      {"multi_dot_two", [](const Tensors& t) { return Tensors{linalg::multi_dot(t)}; }},
      {"multi_dot_one", [](const Tensors& t) { return Tensors{linalg::multi_dot(t)}; }},
      {"multi_dot_no_fit", [](const Tensors& t) { return Tensors{linalg::multi_dot(t)}; }},
      {"vecdot", [](In x, In y) { return linalg::vecdot(x, y); }},
      {"vecdot_dim", [](In x, In y) { return linalg::vecdot(x, y, 0); }},
      {"linalg_vander", [](In x) { return linalg::vander(x); }},
      {"linalg_vander_batch", [](In x) { return linalg::vander(x, 2); }},
      {"linalg_vander_of_int", [](In x) { return linalg::vander(x, 4); }},
      {"linalg_vander_of_number", [](In x) { return linalg::vander(x, 3); }},
      {"linalg_vander_one", [](In x) { return linalg::vander(x, 1); }},
      {"linalg_vander_of_bool", [](In x) { return linalg::vander(x > 0, 3); }},
      {"vecdot_of_ints", [](In x, In y) { return linalg::vecdot(x, y); }},
      {"linalg_diagonal", [](In a) { return linalg::diagonal(a, -1).square(); }},
  };
}

}  // namespace

static const Family linalg_systems_family(systems);
static const Family linalg_factorizations_family(factorizations);
static const Family linalg_norms_family(ranks_and_norms);
static const Family linalg_products_family(products);

}  // namespace rw::test
