#include <limits>

#include "table.h"

namespace rw::test {
namespace {

// Far from singular, with singular values far from each other, whatever x is: also repeated rows.
Tensor regular(In x) {
  const Tensor small = x * 0.25;
  const int64_t rows = x.size(-2), columns = x.size(-1);
  const Tensor numbers = linspace(2, 4, std::max(rows, columns)).unsqueeze(-1);
  return small + (eye(rows, columns) * numbers.narrow(0, 0, rows)).to(small.dtype());
}
Tensor symmetric(In x) { return regular(x) + regular(x).transpose(-2, -1); }
Tensor positive_definite(In x) {
  const Tensor a = regular(x);
  return matmul(a, a.transpose(-2, -1));
}

// Of no sign of a vector.
Tensors of_vectors(const std::tuple<Tensor, Tensor, Tensor>& usv) {
  const auto& [u, s, vh] = usv;
  const int64_t k = s.size(-1);
  const Tensor x = u.narrow(-1, 0, k), y = vh.narrow(-2, 0, k);
  return {s, x.square(), matmul(x * (s * 0.25).exp().unsqueeze(-2), y), y.square()};
}
Tensors list(const std::tuple<Tensor, Tensor, Tensor>& t) {
  const auto& [a, b, c] = t;
  return {a, b, c};
}

Rows systems() {
  const Tensor a = normal({3, 3}), batch = normal({2, 3, 3}), b = normal({3, 2}), v = normal({3});
  const Tensor many = normal({2, 3, 2}), wide = normal({2, 3}), cube = normal({2, 3, 6});
  return {
      {"inv", [](In x) { return linalg::inv(regular(x)); }, {batch}},
      {"inv_ex", [](In x) { return linalg::inv_ex(regular(x)).first; }, {a}},
      {"inverse", [](In x) { return inverse(regular(x)); }, {a}},
      {"solve", [](In x, In y) { return linalg::solve(regular(x), y); }, {a, b}},
      {"solve, vector", [](In x, In y) { return linalg::solve(regular(x), y); }, {a, v}},
      {"solve, broadcast", [](In x, In y) { return linalg::solve(regular(x), y); }, {a, many}},
      {"solve, right", [](In x, In y) { return linalg::solve(regular(x), y, false); }, {a, wide}},
      {"solve_ex", [](In x, In y) { return linalg::solve_ex(regular(x), y).first; }, {batch, b}},
      {"solve_triangular, lower",
       [](In x, In y) { return linalg::solve_triangular(regular(x), y, false); },
       {batch, b}},
      {"solve_triangular, upper, right",
       [](In x, In y) { return linalg::solve_triangular(regular(x), y, true, false); },
       {a, wide}},
      {"solve_triangular, of ones",
       [](In x, In y) { return linalg::solve_triangular(regular(x), y, true, true, true); },
       {a, many}},
      {"lstsq",
       [](In x, In y) { return linalg::lstsq(regular(x), y).solution; },
       {normal({5, 3}), normal({5, 2})}},
      {"triangular_solve", [](In y, In x) { return triangular_solve(y, regular(x)); }, {b, a}},
      {"triangular_solve, transposed",
       [](In y, In x) { return triangular_solve(y, regular(x), false, true, true).first; },
       {b, a}},
      {"tensorinv",
       [](In x) {
         return linalg::tensorinv(regular(x.reshape({6, 6})).reshape({2, 3, 6}));
       },
       {cube}},
      {"tensorsolve",
       [](In x, In y) {
         return linalg::tensorsolve(regular(x.reshape({6, 6})).reshape({2, 3, 6}), y);
       },
       {cube, wide}},
      {"det", [](In x) { return linalg::det(regular(x)); }, {batch}},
      {"det, also of singular matrices", [](In x) { return det(x); }, {a}},
      {"slogdet", [](In x) { return linalg::slogdet(regular(x)); }, {batch}},
      {"slogdet, of rw", [](In x) { return slogdet(regular(x)).second; }, {a}},
      {"logdet", [](In x) { return logdet(regular(x)); }, {batch}},
  };
}

Rows factorizations() {
  const Tensor a = normal({3, 3}), batch = normal({2, 3, 3}), b = normal({3, 2});
  const Tensor tall = normal({4, 2}), flat = normal({2, 2, 4});
  return {
      {"cholesky", [](In x) { return linalg::cholesky(positive_definite(x)); }, {batch}},
      {"cholesky, upper", [](In x) { return linalg::cholesky(positive_definite(x), true); }, {a}},
      {"cholesky_ex", [](In x) { return linalg::cholesky_ex(positive_definite(x)).first; }, {a}},
      {"cholesky_solve",
       [](In y, In x) { return cholesky_solve(y, tril(regular(x))); },
       {b, batch}},
      {"cholesky_solve, upper",
       [](In y, In x) { return cholesky_solve(y, triu(regular(x)), true); },
       {b, a}},
      {"cholesky_inverse", [](In x) { return cholesky_inverse(tril(regular(x))); }, {batch}},
      {"lu", [](In x) { return list(linalg::lu(regular(x))); }, {batch}},
      {"lu, tall", [](In x) { return list(linalg::lu(regular(x))); }, {tall}},
      {"lu, wide", [](In x) { return list(linalg::lu(regular(x))); }, {flat}},
      {"lu_factor", [](In x) { return linalg::lu_factor(regular(x)).first; }, {batch}},
      {"lu_factor_ex", [](In x) { return std::get<0>(linalg::lu_factor_ex(regular(x))); }, {tall}},
      {"lu_solve",
       [](In x, In y) {
         const auto [lu, pivots] = linalg::lu_factor(regular(x));
         return linalg::lu_solve(lu, pivots, y);
       },
       {batch, b}},
      {"lu_solve, adjoint, right",
       [](In x, In y) {
         const auto [lu, pivots] = linalg::lu_factor(regular(x));
         return linalg::lu_solve(lu, pivots, y.t(), false, true);
       },
       {a, b}},
      {"lu_solve, of rw",
       [](In x, In y) {
         const auto [lu, pivots] = linalg::lu_factor(regular(x));
         return lu_solve(y, lu, pivots);
       },
       {a, b}},
      {"lu_unpack",
       [](In x) {
         const auto [lu, pivots] = linalg::lu_factor(regular(x));
         return list(lu_unpack(lu, pivots));
       },
       {flat}},
      {"qr", [](In x) { return linalg::qr(regular(x)); }, {batch}},
      {"qr, tall", [](In x) { return linalg::qr(regular(x)); }, {tall}},
      {"qr, wide, complete",
       [](In x) { return linalg::qr(regular(x), linalg::QrMode::complete); },
       {flat}},
      {"eigh",
       [](In x) {
         const auto [d, v] = linalg::eigh(symmetric(x));
         return Tensors{d, v.square(),
                        matmul(v * (d * 0.25).exp().unsqueeze(-2), v.transpose(-2, -1))};
       },
       {batch}},
      {"eigvalsh", [](In x) { return linalg::eigvalsh(symmetric(x), 'U'); }, {a}},
      {"svd", [](In x) { return of_vectors(linalg::svd(regular(x))); }, {batch}},
      {"svd, tall", [](In x) { return of_vectors(linalg::svd(regular(x))); }, {tall}},
      {"svd, reduced", [](In x) { return of_vectors(linalg::svd(regular(x), false)); }, {flat}},
      {"svd, of rw",
       [](In x) {
         const auto [u, s, v] = svd(regular(x));
         return of_vectors({u, s, v.transpose(-2, -1)});
       },
       {tall}},
      {"svdvals", [](In x) { return linalg::svdvals(regular(x)); }, {flat}},
  };
}

Rows of_ranks_and_norms() {
  const Tensor a = normal({3, 3}), batch = normal({2, 3, 3}), tall = normal({4, 2});
  const Tensor v = normal({4}), cube = normal({2, 3, 2});
  constexpr double infinite = std::numeric_limits<double>::infinity();
  return {
      {"pinv", [](In x) { return linalg::pinv(regular(x)); }, {tall}},
      {"pinv, of rank 1",
       [](In x) { return linalg::pinv(matmul(x, x.t().narrow(-1, 0, 2)), {.rtol = 1e-3}); },
       {normal({3, 1}) + 2}},
      {"pinv, symmetric",
       [](In x) { return linalg::pinv(symmetric(x), {.hermitian = true}); },
       {batch}},
      {"pinverse", [](In x) { return pinverse(regular(x)); }, {batch}},
      {"matrix_rank",
       [](In x) {
         return std::pair{linalg::matrix_rank(regular(x)), x.square()};
       },
       {batch}},
      {"matrix_norm", [](In x) { return linalg::matrix_norm(x); }, {cube}},
      {"matrix_norm, nuclear",
       [](In x) {
         return linalg::matrix_norm(regular(x), "nuc", {0, 1}, true);
       },
       {tall}},
      {"matrix_norm, 2", [](In x) { return linalg::matrix_norm(regular(x), 2); }, {batch}},
      {"matrix_norm, 1",
       [](In x) {
         return linalg::matrix_norm(x, 1, {0, 2});
       },
       {distinct({2, 3, 2})},
       Ties::kink},
      {"matrix_norm, -infinity",
       [=](In x) { return linalg::matrix_norm(x, -infinite); },
       {distinct({2, 3, 2})},
       Ties::kink},
      {"norm", [](In x) { return linalg::norm(x); }, {cube}},
      {"norm, 3", [](In x) { return linalg::norm(x, 3, {1}, true); }, {cube}},
      {"norm, of a vector", [=](In x) { return linalg::norm(x, infinite); }, {v}, Ties::kink},
      {"norm, of a matrix", [=](In x) { return linalg::norm(x, "fro"); }, {tall}},
      {"cond", [](In x) { return linalg::cond(regular(x)); }, {batch}},
      {"cond, Frobenius", [](In x) { return linalg::cond(regular(x), "fro"); }, {a}},
      {"matrix_power", [](In x) { return linalg::matrix_power(x, 3); }, {batch}},
      {"matrix_power, inverse", [](In x) { return matrix_power(regular(x), -2); }, {a}},
      {"matrix_exp", [](In x) { return linalg::matrix_exp(x); }, {batch}},
      {"matrix_exp, of rw", [](In x) { return matrix_exp(x * 3); }, {a}},
      {"multi_dot",
       [](In x, In y, In z) {
         return linalg::multi_dot({x, y, z});
       },
       {tall.detach().t().clone().requires_grad_(), tall, normal({2, 3})}},
      {"multi_dot, vectors",
       [](In x, In y, In z) {
         return linalg::multi_dot({x, y, z});
       },
       {v, tall, normal({2})}},
      {"vander, of linalg", [](In x) { return linalg::vander(x, 4); }, {cube}},
      {"vecdot", [](In x, In y) { return linalg::vecdot(x, y, 0); }, {cube, normal({2, 1, 2})}},
      {"matmul, of linalg", [](In x, In y) { return linalg::matmul(x, y); }, {a, batch}},
      {"diagonal", [](In x) { return linalg::diagonal(x, 1).square(); }, {batch}},
  };
}

}  // namespace

static const Family systems_family(systems);
static const Family factorizations_family(factorizations);
static const Family ranks_family(of_ranks_and_norms);

}  // namespace rw::test
