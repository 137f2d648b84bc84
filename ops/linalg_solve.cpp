#include <algorithm>

#include <rewind/kernels/linalg/triangular_kernel.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/linalg_parts.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/rearranging.h>
#include <rewind/tensor/factories.h>

// Systems of linear equations. The derivatives are those of Giles, "Collected matrix derivative
// results for forward and reverse mode algorithmic differentiation", 2008.

namespace rw::linalg {
namespace {

// y = a^-1.   da = -y^T g y^T
Tensor inverse_by(const char* op, const Tensor& a, const Lu& lu) {
  const Tensor y = lu.inverse();
  return record(op, y, {a}, [y = save_result(y)](const Tensor& g, Needs) -> Grads {
    const Tensor turned = transposed(y.get());
    return neg(times(times(turned, g), turned));
  });
}

// Broadcasts b, a batch of matrices, to what it makes with a.
Tensor beside(const char* op, const Tensor& a, const Tensor& b) {
  const Shape batch = broadcast_shapes(batch_of(a), batch_of(b), op);
  return b.expand(with(batch, {b.size(-2), b.size(-1)}));
}

// x = a^-1 b.   db = a^-T g, da = -db x^T
Tensor solve_by(const char* op, const Tensor& a, const Tensor& b, const Lu& lu) {
  const Tensor x = [&] {
    const no_grad guard;
    return lu.solve(beside(op, a, b), false);
  }();
  return record(op, x, {a, b},
                [op, lu, a = save(a), x = save_result(x)](const Tensor& g, Needs needs) -> Grads {
                  const Tensor turned = transposed(a.get());
                  const Tensor db =
                      is_grad_enabled() ? solve_by(op, turned, g, Lu(turned)) : lu.solve(g, true);
                  return {needs[0] ? neg(times(db, transposed(x.get()))) : Tensor(),
                          needs[1] ? db : Tensor()};
                });
}

void check_fits(const char* op, const Tensor& a, const Tensor& b, bool left) {
  check_square(op, a);
  check_same_dtype(op, a, b);
  check<ShapeError>(b.dim() >= 2 && b.size(left ? -2 : -1) == a.size(-1),
                    "{}: shapes {} and {} do not fit: expected {} {} in b", op, a.shape(),
                    b.shape(), a.size(-1), left ? "rows" : "columns");
}

std::pair<Tensor, Tensor> solve_checked(const char* op, const Tensor& a, const Tensor& b, bool left,
                                        bool check_errors) {
  const profile_scope scope(op);
  check_square(op, a);
  check_same_dtype(op, a, b);
  check<ShapeError>(b.dim() >= 1, "{}: expected a vector or matrices, got shape {}", op, b.shape());
  const bool vector = is_vector_for(a, b);
  check<ShapeError>(left || !vector, "{}: expected matrices on the left, got shape {}", op,
                    b.shape());
  check<ShapeError>(!vector || b.size(-1) == a.size(-1),
                    "{}: shapes {} and {} do not fit: expected vectors of {} elements in b", op,
                    a.shape(), b.shape(), a.size(-1));
  const Tensor columns = vector ? b.unsqueeze(-1) : b;
  check_fits(op, a, columns, left);
  const Tensor matrix = left ? a : transposed(a);
  const Lu lu(matrix);
  if (check_errors) lu.check_regular(op);
  const Tensor x = solve_by(op, matrix, left ? columns : transposed(columns), lu);
  if (vector) return {x.squeeze(-1), lu.zero_at};
  return {left ? x : transposed(x), lu.zero_at};
}

// Not on the tape. b has the batch dimensions of the result.
Tensor solve_plainly(const Tensor& a, const Tensor& b, kernels::Triangle triangle) {
  const int64_t n = b.size(-2), columns = b.size(-1);
  const Shape batch = batch_of(b);
  const bool one = batch_of(a).numel() == 1;
  // The strides of a matrix are free: a transposed one is read where it lies.
  const Tensor t = one ? a : a.expand(with(batch, {n, n}));
  const bool turned = t.stride(-2) < t.stride(-1);
  const Tensor dense = turned ? dense_for(transposed(t), batch) : dense_for(t, batch);
  const Tensor x = row_major_copy(b);
  dispatch_among<float, double>(x.dtype(), [&]<class T>() {
    const T* const matrices = static_cast<const T*>(dense.raw_data());
    T* const out = static_cast<T*>(x.raw_data());
    each_matrix(batch.numel(), n * n * columns, [&](int64_t i) {
      const kernels::Matrix<T> rows = {matrices + (one ? 0 : i * n * n), n, 1};
      kernels::solve_triangular<T>(n, columns, triangle, turned ? rows.transpose() : rows,
                                   out + i * n * columns, columns);
    });
  });
  return x;
}

// x = a^-1 b for the triangle of a.   db = a^-T g, da = the triangle of -db x^T
Tensor solve_triangle(const Tensor& a, const Tensor& b, kernels::Triangle triangle) {
  const Tensor x = [&] {
    const no_grad guard;
    return solve_plainly(a, beside("linalg.solve_triangular", a, b), triangle);
  }();
  return record(
      "linalg.solve_triangular", x, {a, b},
      [triangle, a = save(a), x = save_result(x)](const Tensor& g, Needs needs) -> Grads {
        const Tensor db = solve_triangle(transposed(a.get()), g, {!triangle.upper, triangle.unit});
        Tensor da;
        if (needs[0]) {
          const Tensor whole = neg(times(db, transposed(x.get())));
          da = triangle.upper ? triu(whole, triangle.unit ? 1 : 0)
                              : tril(whole, triangle.unit ? -1 : 0);
        }
        return {da, needs[1] ? db : Tensor()};
      });
}

int64_t product_of(const Shape& shape, int64_t begin, int64_t end) {
  return Shape(shape.data() + begin, static_cast<size_t>(end - begin)).numel();
}

}  // namespace

Tensor inv(const Tensor& a) {
  const profile_scope scope("linalg.inv");
  check_square("linalg.inv", a);
  const Lu lu(a);
  lu.check_regular("linalg.inv");
  return inverse_by("linalg.inv", a, lu);
}

std::pair<Tensor, Tensor> inv_ex(const Tensor& a, bool check_errors) {
  const profile_scope scope("linalg.inv_ex");
  check_square("linalg.inv_ex", a);
  const Lu lu(a);
  if (check_errors) lu.check_regular("linalg.inv_ex");
  return {inverse_by("linalg.inv_ex", a, lu), lu.zero_at};
}

Tensor solve(const Tensor& a, const Tensor& b, bool left) {
  return solve_checked("linalg.solve", a, b, left, true).first;
}

std::pair<Tensor, Tensor> solve_ex(const Tensor& a, const Tensor& b, bool left, bool check_errors) {
  return solve_checked("linalg.solve_ex", a, b, left, check_errors);
}

Tensor solve_triangular(const Tensor& a, const Tensor& b, bool upper, bool left,
                        bool unitriangular) {
  const profile_scope scope("linalg.solve_triangular");
  check_fits("linalg.solve_triangular", a, b, left);
  if (left) return solve_triangle(a, b, {upper, unitriangular});
  return transposed(solve_triangle(transposed(a), transposed(b), {!upper, unitriangular}));
}

Tensor tensorinv(const Tensor& a, int64_t ind) {
  rw::detail::check_defined("linalg.tensorinv", a);
  check(ind > 0, "linalg.tensorinv: expected ind > 0, got {}", ind);
  const int64_t split = std::min<int64_t>(ind, a.dim());
  const int64_t rows = product_of(a.shape(), 0, split);
  const int64_t columns = product_of(a.shape(), split, a.dim());
  check<ShapeError>(rows == columns,
                    "linalg.tensorinv: expected the first {} sizes of {} to multiply to what the "
                    "others do, got {} and {}",
                    ind, a.shape(), rows, columns);
  Shape result;
  for (int64_t i = 0; i < a.dim(); ++i)
    result.push_back(a.shape()[static_cast<int>((split + i) % a.dim())]);
  return inv(a.reshape({rows, columns})).reshape(result);
}

Tensor tensorsolve(const Tensor& a, const Tensor& b, const Dims& dims) {
  rw::detail::check_defined("linalg.tensorsolve", a, b);
  Dims moved, last;
  for (int i = 0; i < dims.rank(); ++i) {
    moved.push_back(normalize_dim(dims[i], a.dim(), "linalg.tensorsolve"));
    last.push_back(i - dims.rank());
  }
  const Tensor turned = dims.empty() ? a : movedim(a, moved, last);
  check<ShapeError>(a.dim() >= b.dim(), "linalg.tensorsolve: shapes {} and {} do not fit",
                    a.shape(), b.shape());
  const int64_t n = b.numel(), columns = product_of(turned.shape(), b.dim(), a.dim());
  check<ShapeError>(turned.numel() == n * n && columns == n,
                    "linalg.tensorsolve: expected {} x {} elements in a for the {} of b, got shape "
                    "{}",
                    n, n, n, a.shape());
  const Shape result(turned.shape().data() + b.dim(), static_cast<size_t>(a.dim() - b.dim()));
  return solve(turned.reshape({n, n}), b.reshape({n})).reshape(result);
}

}  // namespace rw::linalg

namespace rw {

std::pair<Tensor, Tensor> triangular_solve(const Tensor& b, const Tensor& a, bool upper,
                                           bool transpose, bool unitriangular) {
  linalg::check_square("triangular_solve", a);
  const Tensor matrix = transpose ? linalg::transposed(a) : a;
  return {linalg::solve_triangular(matrix, b, upper != transpose, true, unitriangular), a};
}

}  // namespace rw
