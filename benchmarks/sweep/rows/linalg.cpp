#include <algorithm>

#include "../rows.h"

namespace bench {
namespace {

using namespace lib;
using enum Types;

// In a dtype that linear algebra takes, with a dominant diagonal.
Tensor regular(const Tensor& t) {
  const Tensor x = type_of(t) == f64 ? t : t.to(f32);
  const int64_t n = x.size(-1);
  return x + algebra::identity(n, type_of(x)) * static_cast<double>(3 * n);
}
// Where a decomposition would take seconds, no more than 128 rows and columns.
Tensor corner(const Tensor& t) {
  const int64_t n = std::min<int64_t>(t.size(-1), 128);
  return regular(t.narrow(-1, 0, n).narrow(-2, 0, n));
}
// Some columns.
Tensor few(const Tensor& t) { return regular(t).narrow(-1, 0, 4); }

Rows algebra_rows() {
  const Kind m = Kind::products;
  return {
      {"inv", m, floating, 1, smooth, [](In t) { return algebra::inv(regular(t[0])); }},
      {"inv_ex", m, floating, 1, smooth, [](In t) { return algebra::inv_ex(regular(t[0])); }},
      {"solve", m, floating, 1, smooth,
       [](In t) { return algebra::solve(regular(t[0]), few(t[0])); }},
      {"solve_ex", m, floating, 1, smooth,
       [](In t) { return algebra::solve_ex(regular(t[0]), few(t[0])); }},
      {"solve_triangular", m, floating, 1, smooth,
       [](In t) { return algebra::solve_triangular(regular(t[0]), few(t[0])); }},
      {"triangular_solve", m, floating, 1, smooth,
       [](In t) { return algebra::triangular_solve(regular(t[0]), few(t[0])); }},
      {"tensorinv", m, floating, 1, smooth, [](In t) { return algebra::tensorinv(regular(t[0])); }},
      {"tensorsolve", m, floating, 1, smooth,
       [](In t) { return algebra::tensorsolve(regular(t[0]), few(t[0])); }},
      {"det", m, floating, 1, smooth, [](In t) { return algebra::det(regular(t[0])); }},
      {"slogdet", m, floating, 1, smooth, [](In t) { return algebra::slogdet(regular(t[0])); }},
      {"logdet", m, floating, 1, smooth, [](In t) { return algebra::logdet(regular(t[0])); }},
      {"cholesky", m, floating, 1, smooth, [](In t) { return algebra::cholesky(regular(t[0])); }},
      {"cholesky_ex", m, floating, 1, smooth,
       [](In t) { return algebra::cholesky_ex(regular(t[0])); }},
      {"cholesky_solve", m, floating, 1, smooth,
       [](In t) { return algebra::cholesky_solve(regular(t[0]), few(t[0])); }},
      {"cholesky_inverse", m, floating, 1, smooth,
       [](In t) { return algebra::cholesky_inverse(regular(t[0])); }},
      {"lu", m, floating, 1, smooth, [](In t) { return algebra::lu(regular(t[0])); }},
      {"lu_factor", m, floating, 1, smooth, [](In t) { return algebra::lu_factor(regular(t[0])); }},
      {"lu_factor_ex", m, floating, 1, smooth,
       [](In t) { return algebra::lu_factor_ex(regular(t[0])); }},
      {"qr", m, floating, 1, smooth, [](In t) { return algebra::qr(regular(t[0])); }},
      {"eigh", m, floating, 1, smooth, [](In t) { return algebra::eigh(corner(t[0])); }},
      {"eigvalsh", m, floating, 1, smooth, [](In t) { return algebra::eigvalsh(corner(t[0])); }},
      {"svd", m, floating, 1, smooth, [](In t) { return algebra::svd(corner(t[0])); }},
      {"svdvals", m, floating, 1, smooth, [](In t) { return algebra::svdvals(corner(t[0])); }},
      {"pinv", m, floating, 1, smooth, [](In t) { return algebra::pinv(regular(t[0])); }},
      {"matrix_rank", m, floating, 1, flat,
       [](In t) { return algebra::matrix_rank(regular(t[0])); }},
      {"matrix_norm", m, floating, 1, smooth,
       [](In t) { return algebra::matrix_norm(regular(t[0])); }},
      {"cond", m, floating, 1, smooth, [](In t) { return algebra::cond(corner(t[0])); }},
      {"linalg_vander", m, floating, 1, smooth,
       [](In t) { return algebra::vander(few(t[0]).sigmoid()); }},
      {"vecdot", m, floating, 1, smooth,
       [](In t) { return algebra::vecdot(regular(t[0]), few(t[0])); }},
      {"norm", m, floating, 1, smooth, [](In t) { return algebra::norm(regular(t[0])); }},
      {"diagonal", m, floating, 1, smooth, [](In t) { return algebra::diagonal(regular(t[0])); }},
      {"multi_dot", m, floating, 1, smooth,
       [](In t) { return algebra::multi_dot(regular(t[0]), few(t[0])); }},
      {"lu_solve", m, floating, 1, smooth,
       [](In t) { return algebra::lu_solve(regular(t[0]), few(t[0])); }},
      {"lu_unpack", m, floating, 1, smooth, [](In t) { return algebra::lu_unpack(regular(t[0])); }},
      {"lstsq", m, floating, 1, smooth,
       [](In t) { return algebra::lstsq(corner(t[0]), few(corner(t[0]))); }},
      {"inverse", m, floating, 1, smooth, [](In t) { return inverse(regular(t[0])); }},
      {"pinverse", m, floating, 1, smooth, [](In t) { return pinverse(corner(t[0])); }},
      {"matrix_power", m, floating, 1, smooth, [](In t) { return matrix_power(t[0], 5); }},
      {"matrix_exp", m, floating, 1, smooth, [](In t) { return matrix_exp(corner(t[0]) * 0.1); }},
  };
}

const Family family(algebra_rows);

}  // namespace
}  // namespace bench
