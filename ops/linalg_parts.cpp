#include <rewind/ops/linalg_parts.h>

#include <algorithm>

#include <rewind/autograd/autocast.h>
#include <rewind/kernels/linalg/lu_kernel.h>
#include <rewind/kernels/linalg/triangular_kernel.h>
#include <rewind/ops/matmul.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/tensor/factories.h>

namespace rw::linalg {

void check_matrices(const char* op, const Tensor& a) {
  rw::detail::check_defined(op, a);
  check<DTypeError>(a.dtype() == float32 || a.dtype() == float64,
                    "{}: expected float32 or float64, got {}", op, a.dtype());
  check<ShapeError>(a.dim() >= 2, "{}: expected a matrix or a batch of them, got shape {}", op,
                    a.shape());
}

void check_square(const char* op, const Tensor& a) {
  check_matrices(op, a);
  check<ShapeError>(a.size(-1) == a.size(-2), "{}: expected square matrices, got shape {}", op,
                    a.shape());
}

void check_same_dtype(const char* op, const Tensor& a, const Tensor& b) {
  rw::detail::check_defined(op, a, b, "right-hand side b");
  check<DTypeError>(a.dtype() == b.dtype(), "{}: expected tensors of one dtype, got {} and {}", op,
                    a.dtype(), b.dtype());
}

Shape batch_of(const Tensor& a) { return {a.shape().data(), static_cast<size_t>(a.dim() - 2)}; }

Shape with(Shape shape, std::initializer_list<int64_t> more) {
  for (const int64_t n : more) shape.push_back(n);
  return shape;
}

Tensor times(const Tensor& a, const Tensor& b) {
  if (!is_autocast_enabled()) return rw::matmul(a, b);
  const autocast off(false);
  return rw::matmul(a, b);
}

bool is_vector_for(const Tensor& a, const Tensor& b) {
  if (b.dim() == 1) return true;
  Shape columns = a.shape();
  columns.erase(columns.rank() - 1);
  return b.shape() == columns;
}

Tensor row_major_copy(const Tensor& a) {
  const Tensor copy = rw::detail::make_tensor(a.shape(), a.dtype());
  rw::detail::copy_into(copy, a);
  return copy;
}

Tensor dense_for(const Tensor& x, const Shape& batch) {
  const no_grad guard;
  if (batch_of(x).numel() == 1) return x.contiguous();
  return x.expand(with(batch, {x.size(-2), x.size(-1)})).contiguous();
}

std::string place_in_batch(const Tensor& status, int64_t index) {
  return status.dim() == 0 ? "" : fmt::format(" of batch element {}", index);
}

int64_t first_failure(const Tensor& status) {
  const int32_t* const begin = status.data<const int32_t>();
  const int32_t* const end = begin + status.numel();
  const int32_t* const at = std::find_if(begin, end, [](int32_t s) { return s != 0; });
  return at == end ? -1 : at - begin;
}

// --- LU -----------------------------------------------------------------------------------------

Lu::Lu(const Tensor& a) {
  const int64_t m = a.size(-2), n = a.size(-1), k = std::min(m, n);
  const Shape batch = batch_of(a);
  factors = row_major_copy(a);
  pivots = rw::detail::make_tensor(with(batch, {k}), int32);
  zero_at = rw::detail::make_tensor(batch, int32);
  dispatch_among<float, double>(a.dtype(), [&]<class T>() {
    T* const data = static_cast<T*>(factors.raw_data());
    auto* const pivot = static_cast<int32_t*>(pivots.raw_data());
    auto* const zero = static_cast<int32_t*>(zero_at.raw_data());
    each_matrix(batch.numel(), m * n * k, [&](int64_t i) {
      const int64_t at = kernels::lu(m, n, data + i * m * n, n, pivot + i * k);
      zero[i] = static_cast<int32_t>(at + 1);
    });
  });
}

void Lu::check_regular(const char* op) const {
  const int64_t at = first_failure(zero_at);
  if (at < 0) return;
  const int32_t k = zero_at.data<const int32_t>()[at];
  fail<LinAlgError>("{}: the matrix{} is singular: pivot {} is zero", op,
                    place_in_batch(zero_at, at), k);
}

// a = P^T L U, so that x = U^-1 L^-1 P b, or, with a^T = U^T L^T P, x = P^T L^-T U^-T b.
Tensor Lu::solve(const Tensor& b, bool transposed) const {
  const int64_t n = b.size(-2), columns = b.size(-1);
  const Shape batch = batch_of(b);
  const Tensor x = row_major_copy(b), lu = dense_for(factors, batch);
  const Tensor swaps = dense_for(pivots.unsqueeze(-1), batch);
  const int64_t step = batch_of(lu).numel() == 1 ? 0 : 1;
  dispatch_among<float, double>(b.dtype(), [&]<class T>() {
    const T* const all = static_cast<const T*>(lu.raw_data());
    const auto* const all_swaps = static_cast<const int32_t*>(swaps.raw_data());
    T* const results = static_cast<T*>(x.raw_data());
    each_matrix(batch.numel(), n * n * columns, [&](int64_t i) {
      const kernels::Matrix<T> a = {all + i * step * n * n, n, 1};
      const int32_t* const pivot = all_swaps + i * step * n;
      T* const out = results + i * n * columns;
      if (transposed) {
        kernels::solve_triangular<T>(n, columns, {.upper = false, .unit = false}, a.transpose(),
                                     out, columns);
        kernels::solve_triangular<T>(n, columns, {.upper = true, .unit = true}, a.transpose(), out,
                                     columns);
        kernels::swap_rows(columns, out, columns, pivot, n, true);
      } else {
        kernels::swap_rows(columns, out, columns, pivot, n);
        kernels::solve_triangular<T>(n, columns, {.upper = false, .unit = true}, a, out, columns);
        kernels::solve_triangular<T>(n, columns, {.upper = true, .unit = false}, a, out, columns);
      }
    });
  });
  return x;
}

Tensor Lu::inverse() const {
  const no_grad guard;
  return solve(eye(factors.size(-1), factors.dtype()).expand(factors.shape()), false);
}

}  // namespace rw::linalg
