#include <cmath>
#include <limits>

#include <rewind/ops/linalg_parts.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/rearranging.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/vector_norm.h>
#include <rewind/tensor/factories.h>

namespace rw::linalg {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

Tensor in_dtype(const char* op, const Tensor& x, std::optional<DType> dtype) {
  rw::detail::check_floating(op, x);
  if (!dtype) return x;
  check<DTypeError>(is_floating(*dtype), "{}: expected a floating dtype, got {}", op, *dtype);
  return x.to(*dtype);
}

// Sums of singular values, or the greatest, or the least.
Tensor spectral_norm(const char* op, const Tensor& matrices, const Ord& ord) {
  const Tensor s = singular_values(op, matrices);
  if (ord.name() == "nuc") return s.sum(-1);
  return ord.p() > 0 ? s.amax(-1) : s.amin(-1);
}

}  // namespace

Tensor matrix_norm(const Tensor& x, const Ord& ord, const Dims& dim, bool keepdim,
                   std::optional<DType> dtype) {
  const char* const op = "linalg.matrix_norm";
  const profile_scope scope(op);
  const Tensor a = in_dtype(op, x, dtype);
  check<ShapeError>(a.dim() >= 2, "{}: expected a matrix or a batch of them, got shape {}", op,
                    a.shape());
  check<ShapeError>(dim.rank() == 2, "{}: expected two dimensions, got {}", op, dim);
  int row = normalize_dim(dim[0], a.dim(), op), column = normalize_dim(dim[1], a.dim(), op);
  check<ShapeError>(row != column, "{}: expected two different dimensions, got {}", op, dim);
  if (ord.name() == "fro") return vector_norm(a, 2, {row, column}, keepdim);
  const double size = std::abs(ord.p());
  if (ord.name() == "nuc" || (ord.name().empty() && size == 2)) {
    const Tensor y = spectral_norm(op, movedim(a, {row, column}, {-2, -1}), ord);
    if (!keepdim) return y;
    return y.unsqueeze(std::min(row, column)).unsqueeze(std::max(row, column));
  }
  check(ord.name().empty() && (size == 1 || size == infinite),
        "{}: expected an order of 1, -1, 2, -2, infinity, -infinity, \"fro\" or \"nuc\", got {}",
        op, ord.name().empty() ? fmt::format("{}", ord.p()) : ord.name());
  if (size == infinite) std::swap(row, column);
  const Tensor sums = a.abs().sum(row, true);
  const Tensor y = ord.p() > 0 ? sums.amax(column, true) : sums.amin(column, true);
  if (keepdim) return y;
  return y.squeeze(std::max(row, column)).squeeze(std::min(row, column));
}

Tensor norm(const Tensor& x, const std::optional<Ord>& ord, const Dims& dim, bool keepdim,
            std::optional<DType> dtype) {
  const char* const op = "linalg.norm";
  rw::detail::check_defined(op, x);
  if (ord) {
    check<ShapeError>(
        dim.empty() ? x.dim() == 1 || x.dim() == 2 : dim.rank() <= 2,
        "{}: with an order, expected one or two dimensions, got dimensions {} of shape {}", op, dim,
        x.shape());
    const bool matrix = dim.empty() ? x.dim() == 2 : dim.rank() == 2;
    if (matrix) return matrix_norm(x, *ord, dim.empty() ? Dims{0, 1} : dim, keepdim, dtype);
    check(ord->name().empty(), "{}: \"{}\" is a norm of matrices, got shape {}", op, ord->name(),
          x.shape());
  }
  return vector_norm(x, ord ? ord->p() : 2, dim, keepdim, dtype);
}

Tensor cond(const Tensor& a, const std::optional<Ord>& p) {
  const char* const op = "linalg.cond";
  const profile_scope scope(op);
  if (!p || (p->name().empty() && std::abs(p->p()) == 2)) {
    check_matrices(op, a);
    if (a.numel() == 0) return zeros(batch_of(a), a.dtype());
    const Tensor s = singular_values(op, a);
    const Tensor greatest = s.select(-1, 0), least = s.select(-1, -1);
    return p && p->p() == -2 ? least / greatest : greatest / least;
  }
  check_square(op, a);
  if (a.numel() == 0) return zeros(batch_of(a), a.dtype());
  const auto [inverse, zero_at] = inv_ex(a);
  const Tensor singular = zero_at != 0;
  // Norms of infinities would be NaN.
  const Tensor safe = inverse.masked_fill(singular.unsqueeze(-1).unsqueeze(-1), 1);
  const Tensor y = matrix_norm(a, *p) * matrix_norm(safe, *p);
  return where(singular, infinite, y);
}

}  // namespace rw::linalg
