#pragma once

#include <optional>
#include <tuple>
#include <utility>

#include <rewind/tensor/tensor.h>

// Factorizations beside those of linalg.h: in the form of LAPACK, of symmetric matrices, and of low
// rank. Matrices are of float32 or float64, dimensions before the last two are batches.

#pragma GCC visibility push(default)

namespace rw {

/// R of a = Q R in the upper triangle, and below it the vectors of the reflections whose product is
/// Q, as householder_product takes them, with their taus [..., min(m, n)]. Without derivatives.
std::pair<Tensor, Tensor> geqrf(const Tensor& a);
/// linalg::householder_product.
Tensor orgqr(const Tensor& a, const Tensor& tau);
/// Q c, or c Q where not `left`, with Q^T for Q where `transpose`: Q is the square matrix of the
/// reflections that geqrf gave as `a` and `tau`.
Tensor ormqr(const Tensor& a, const Tensor& tau, const Tensor& c, bool left = true,
             bool transpose = false);

/// U, S and V of about `q` greatest singular values of a - m, found by products with `niter` + 1
/// random subspaces from this thread's generator (Halko, Martinsson and Tropp, "Finding structure
/// with randomness", 2009, algorithms 4.4 and 5.1). m, if given, broadcasts to the shape of a.
std::tuple<Tensor, Tensor, Tensor> svd_lowrank(const Tensor& a, int64_t q = 6, int64_t niter = 2,
                                               const Tensor& m = {});
/// The same of a without the mean of its columns, unless not `center`: its principal components are
/// the columns of V. q is min(6, m, n) by default, and no more than m and n.
std::tuple<Tensor, Tensor, Tensor> pca_lowrank(const Tensor& a, std::optional<int64_t> q = {},
                                               bool center = true, int64_t niter = 2);

}  // namespace rw

namespace rw::linalg {

/// L D L^T of a symmetric matrix, whose lower triangle is read, with rows and columns permuted: D,
/// of blocks of one or two rows, on the diagonal, L without its ones below, and pivots [..., n],
/// int32, as LAPACK's sytrf. Throws LinAlgError where D has a zero. Without derivatives.
std::pair<Tensor, Tensor> ldl_factor(const Tensor& a);
/// The same, and for each matrix 0, or the first row of D, from 1 on, that is zero: only with
/// `check_errors` it throws.
std::tuple<Tensor, Tensor, Tensor> ldl_factor_ex(const Tensor& a, bool check_errors = false);
/// x with a x = b, matrices [..., n, k], for what ldl_factor made of `a`. Batches broadcast.
/// Without derivatives.
Tensor ldl_solve(const Tensor& ld, const Tensor& pivots, const Tensor& b);

/// U, of orthonormal columns, and H, symmetric and not negative, with a = U H, for no more columns
/// than rows. The derivative exists where the columns of `a` are independent and its singular
/// values differ.
std::pair<Tensor, Tensor> polar(const Tensor& a);
/// The symmetric positive matrix whose square is the symmetric positive matrix `a`; the lower
/// triangle is read. The derivative exists where eigenvalues differ.
Tensor matrix_sqrth(const Tensor& a);

}  // namespace rw::linalg

#pragma GCC visibility pop
