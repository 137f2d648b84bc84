#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <rewind/tensor/tensor.h>

// Linear algebra over dense matrices, as torch.linalg has it: the last two dimensions of float32 or
// float64 tensors, those before them being batches. Differentiable to any order, where nothing else
// is said. Operands are not changed, and where an op goes wrong for a matrix, such as a singular
// one, LinAlgError says for which element of the batch.

#pragma GCC visibility push(default)

namespace rw::linalg {

/// A matrix does not have what an op needs of it: an inverse, a factorization, eigenvalues that an
/// iteration finds.
class LinAlgError : public Error {
  using Error::Error;
};

// --- Systems of equations -----------------------------------------------------------------------

/// The inverse. Throws LinAlgError for a singular matrix.
Tensor inv(const Tensor& a);
/// The same, and for each matrix 0, or the number (int32) of the pivot, from 1 on, that is zero.
/// Then nothing is thrown, unless `check_errors`, and the inverse holds infinities or NaN.
std::pair<Tensor, Tensor> inv_ex(const Tensor& a, bool check_errors = false);
/// x with a x = b, or x a = b where not `left`: b is a matrix, or a vector where its shape is that
/// of `a` without the last dimension, or of rank 1. Batches broadcast. Throws LinAlgError for a
/// singular matrix.
Tensor solve(const Tensor& a, const Tensor& b, bool left = true);
/// The same, and for each matrix 0 or the pivot that is zero, as inv_ex.
std::pair<Tensor, Tensor> solve_ex(const Tensor& a, const Tensor& b, bool left = true,
                                   bool check_errors = false);
/// The same for a triangular matrix, the rest of which is not read, nor is its diagonal where it is
/// `unitriangular`: then there are ones. Zeros on the diagonal give infinities and NaN.
Tensor solve_triangular(const Tensor& a, const Tensor& b, bool upper, bool left = true,
                        bool unitriangular = false);
/// The inverse of the map that sends x, of as many dimensions as tensors b have beside `a`, to
/// tensordot(a, x): the sizes of the first `ind` dimensions multiply to that of the others.
Tensor tensorinv(const Tensor& a, int64_t ind = 2);
/// x with tensordot(a, x, x.dim()) = b, after the dimensions `dims` of `a` were moved to its end.
Tensor tensorsolve(const Tensor& a, const Tensor& b, const Dims& dims = {});

/// Which of LAPACK's ways to least squares: `gels` takes it for granted that the rank is full; the
/// others do the same here, by singular values, and differ in what they return.
enum class LstsqDriver : uint8_t { gels, gelsy, gelsd, gelss };
/// What lstsq returns.
struct LstsqResult {
  Tensor solution;         ///< x, [..., n, k], or [..., n] where b is a vector
  Tensor residuals;        ///< the squares of a x - b summed up by columns, [..., k]; or empty
  Tensor rank;             ///< int64; empty for gels
  Tensor singular_values;  ///< for gelsd and gelss; empty otherwise
};
/// x, of least norm, for which the norm of a x - b is least: a is [..., m, n], b [..., m, k], or
/// [..., m] where that is the shape of `a` without its last dimension. Singular values of up to
/// `rcond` times the greatest (by default eps max(m, n)) count as 0. Residuals are given where
/// m > n and all ranks are n, and not by gelsy.
LstsqResult lstsq(const Tensor& a, const Tensor& b, std::optional<double> rcond = {},
                  LstsqDriver driver = LstsqDriver::gelsy);

// --- Determinants -------------------------------------------------------------------------------

/// The determinant; its gradient exists for singular matrices too.
Tensor det(const Tensor& a);
/// The sign of the determinant, -1, 0 or 1, and the logarithm of its size, -infinity where it is 0.
std::pair<Tensor, Tensor> slogdet(const Tensor& a);

// --- Factorizations -----------------------------------------------------------------------------

/// L, lower triangular, with a = L L^T, or U = L^T where `upper`: only that triangle of the
/// symmetric positive definite matrix is read. The gradient is symmetric. Throws LinAlgError where
/// it is not positive definite.
Tensor cholesky(const Tensor& a, bool upper = false);
/// The same, and for each matrix 0, or the order (int32) of the first leading minor that is not
/// positive. Then nothing is thrown, unless `check_errors`, and L means nothing.
std::pair<Tensor, Tensor> cholesky_ex(const Tensor& a, bool upper = false,
                                      bool check_errors = false);

/// P, L and U with a = P L U: a permutation, a matrix of ones on the diagonal and numbers below it,
/// and an upper triangular one. a is [..., m, n], of any rank. As in PyTorch on a CPU, `pivot` has
/// to be true.
std::tuple<Tensor, Tensor, Tensor> lu(const Tensor& a, bool pivot = true);
/// L, without its ones, and U in one matrix, and pivots [..., min(m, n)], int32: row i, from 1 on,
/// was swapped with row pivots[i]. Throws LinAlgError where U has a zero on its diagonal.
std::pair<Tensor, Tensor> lu_factor(const Tensor& a, bool pivot = true);
/// The same, and for each matrix 0, or the first diagonal element of U, from 1 on, that is zero:
/// only with `check_errors` it throws.
std::tuple<Tensor, Tensor, Tensor> lu_factor_ex(const Tensor& a, bool pivot = true,
                                                bool check_errors = false);
/// x with a x = b (x a = b where not `left`; a^T for a where `adjoint`), for what lu_factor made of
/// `a`. Batches broadcast.
Tensor lu_solve(const Tensor& lu, const Tensor& pivots, const Tensor& b, bool left = true,
                bool adjoint = false);

/// What qr returns of Q.
enum class QrMode : uint8_t {
  reduced,   ///< min(m, n) columns, and R as many rows
  complete,  ///< all m columns; without derivatives where m > n
  r          ///< nothing; without derivatives
};
/// Q, of orthonormal columns, and R, upper triangular, with a = Q R. The derivative exists where
/// the first min(m, n) columns of `a` are independent.
std::pair<Tensor, Tensor> qr(const Tensor& a, QrMode mode = QrMode::reduced);

/// The first columns of the product of the reflections I - tau v v^T, as many as `a` has: each
/// column of `a`, below the diagonal, is the rest of a v that has zeros above and a 1 on it. For
/// each matrix there are at most as many taus as columns, and no more of these than rows.
Tensor householder_product(const Tensor& a, const Tensor& tau);

/// Eigenvalues of symmetric matrices, from the least on, and eigenvectors as columns. The lower
/// ('L') or upper ('U') triangle is read. The gradient is that over symmetric matrices; that of
/// vectors exists where eigenvalues differ, and means something for functions that do not depend on
/// their signs.
std::pair<Tensor, Tensor> eigh(const Tensor& a, char uplo = 'L');
/// The eigenvalues alone; their gradient exists where they differ.
Tensor eigvalsh(const Tensor& a, char uplo = 'L');

/// U, S and Vh with a = U diag(S) Vh: singular values from the greatest on, orthonormal columns of
/// U and rows of Vh, as many as the matrix has rows (columns) or, unless `full_matrices`, min(m,
/// n). The gradient of U and Vh exists where singular values differ (and none is 0, unless m = n),
/// means something for functions that do not depend on the signs of vectors, and knows nothing of
/// those beyond min(m, n).
std::tuple<Tensor, Tensor, Tensor> svd(const Tensor& a, bool full_matrices = true);
/// The singular values alone.
Tensor svdvals(const Tensor& a);

// --- What follows from them ---------------------------------------------------------------------

/// A number, or a tensor of one for each matrix, which broadcasts to the dimensions of the batch.
class Tolerance {
 public:
  ///@{
  /// None, which stands for a default; or one.
  Tolerance() = default;
  Tolerance(double tolerance);
  Tolerance(std::optional<double> tolerance);
  Tolerance(Tensor tolerance) : value_(std::move(tolerance)) {}
  ///@}
  /// Undefined for none.
  const Tensor& value() const { return value_; }

 private:
  Tensor value_;
};
/// What pinv and matrix_rank take by name.
struct RankOptions {
  Tolerance atol = {};     ///< singular values of up to max(atol, rtol greatest) count as 0
  Tolerance rtol = {};     ///< eps max(m, n) unless given, 0 where atol is and greater than 0
  bool hermitian = false;  ///< `a` is symmetric: its lower triangle is read, by eigenvalues
};
/// The pseudo-inverse of Moore and Penrose.
Tensor pinv(const Tensor& a, const RankOptions& options = {});
/// The number of singular values that do not count as 0: int64.
Tensor matrix_rank(const Tensor& a, const RankOptions& options = {});

/// Which norm: a number, which may be infinite, or "fro" or "nuc".
class Ord {
 public:
  ///@{
  /// That of p.
  Ord(double p) : p_(p) {}
  Ord(int p) : p_(p) {}
  ///@}
  /// One by its name.
  Ord(const char* name) : name_(name) {}
  ///@{
  /// What it was made of; the name is empty for a number.
  double p() const { return p_; }
  const std::string& name() const { return name_; }
  ///@}

 private:
  double p_ = 0;
  std::string name_;
};
/// Of the matrices that two dimensions make up: "fro", the root of the sum of squares; "nuc", the
/// sum of singular values; 2 and -2, the greatest and the least of them; 1 and -1 (infinity and
/// -infinity), the greatest and the least sum of |a| over a column (a row).
Tensor matrix_norm(const Tensor& a, const Ord& ord = "fro", const Dims& dim = {-2, -1},
                   bool keepdim = false, std::optional<DType> dtype = {});
/// matrix_norm where two dimensions, or none but a matrix, are given with an order; otherwise the
/// norm of vectors, (sum |x|^ord)^(1/ord), along these dimensions: the greatest and the least |x|
/// for infinity and -infinity, the number of elements that differ from 0 for 0, and 2 by default.
Tensor norm(const Tensor& x, const std::optional<Ord>& ord = {}, const Dims& dim = {},
            bool keepdim = false, std::optional<DType> dtype = {});
/// The condition number: the norm of `a` times that of its inverse; by default, and for 2 and -2,
/// the ratio of singular values. Infinite for singular matrices.
Tensor cond(const Tensor& a, const std::optional<Ord>& p = {});

// --- Products -----------------------------------------------------------------------------------

/// The matrix multiplied by itself, or its inverse for negative n; the identity for 0.
Tensor matrix_power(const Tensor& a, int64_t n);
/// I + a + a^2 / 2! + a^3 / 3! + …, by Padé approximation of a / 2^s, squared s times (Higham, "The
/// scaling and squaring method for the matrix exponential revisited", 2005). Reduced floats compute
/// in float32.
Tensor matrix_exp(const Tensor& a);
/// The product of two or more matrices in the order that takes the fewest multiplications. The
/// first and the last may be vectors.
Tensor multi_dot(const std::vector<Tensor>& tensors);
/// The sum of x y along a dimension.
Tensor vecdot(const Tensor& x, const Tensor& y, int64_t dim = -1);
/// The powers 0 … n - 1 of each element along a new last dimension, n > 1 being the size of the
/// last one unless given; a number counts as a vector. float32, float64 or integers, which give
/// int64.
Tensor vander(const Tensor& x, std::optional<int64_t> n = {});
/// rw::matmul.
Tensor matmul(const Tensor& a, const Tensor& b);
/// Tensor::diagonal, of the last two dimensions by default.
Tensor diagonal(const Tensor& a, int64_t offset = 0, int64_t dim1 = -2, int64_t dim2 = -1);

}  // namespace rw::linalg

namespace rw {

///@{
/// The function of linalg.
Tensor inverse(const Tensor& a);
Tensor det(const Tensor& a);
std::pair<Tensor, Tensor> slogdet(const Tensor& a);
Tensor matrix_power(const Tensor& a, int64_t n);
Tensor matrix_exp(const Tensor& a);
///@}
/// The logarithm of the determinant: -infinity where that is 0, NaN where it is negative.
Tensor logdet(const Tensor& a);
/// linalg::pinv with this rtol.
Tensor pinverse(const Tensor& a, double rcond = 1e-15);
/// U, S and V, not transposed: linalg::svd, of full matrices unless `some`. Without `compute_uv`, U
/// and V are square and zero.
std::tuple<Tensor, Tensor, Tensor> svd(const Tensor& a, bool some = true, bool compute_uv = true);
/// linalg::solve_triangular, with a^T in place of `a` where `transpose`; returns `a` as well.
std::pair<Tensor, Tensor> triangular_solve(const Tensor& b, const Tensor& a, bool upper = true,
                                           bool transpose = false, bool unitriangular = false);
/// x with a x = b, for what cholesky made of `a`. Batches broadcast.
Tensor cholesky_solve(const Tensor& b, const Tensor& l, bool upper = false);
/// The inverse of what cholesky made this of.
Tensor cholesky_inverse(const Tensor& l, bool upper = false);
/// linalg::lu_solve.
Tensor lu_solve(const Tensor& b, const Tensor& lu, const Tensor& pivots);
/// P, L and U of what lu_factor returns; those that are not asked for are empty.
std::tuple<Tensor, Tensor, Tensor> lu_unpack(const Tensor& lu, const Tensor& pivots,
                                             bool unpack_data = true, bool unpack_pivots = true);

}  // namespace rw

#pragma GCC visibility pop
