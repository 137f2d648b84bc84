#include <algorithm>

#include <rewind/kernels/linalg/lu_kernel.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/linalg_parts.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/tensor/factories.h>

// LU. The derivatives follow from those of square matrices: with a = p l u,
//   da = p l^-T (the lower triangle of l^T gl + the upper one of gu u^T) u^-T

namespace rw::linalg {
namespace {

// For each matrix the row of the original that each row of l u is. `rows` of them; pivots count
// from 1 on.
Tensor order_of(const char* op, const Tensor& pivots, int64_t rows) {
  const Tensor dense = pivots.contiguous();
  Shape batch = pivots.shape();
  const int64_t k = batch.back();
  batch.erase(batch.rank() - 1);
  const Tensor order = rw::detail::make_tensor(with(batch, {rows}), int64);
  const auto* const swaps = static_cast<const int32_t*>(dense.raw_data());
  auto* const out = static_cast<int64_t*>(order.raw_data());
  for (int64_t i = 0; i < batch.numel(); ++i) {
    int64_t* const row = out + i * rows;
    for (int64_t j = 0; j < rows; ++j) row[j] = j;
    for (int64_t j = 0; j < k; ++j) {
      const int64_t other = swaps[i * k + j] - 1;
      check<IndexError>(j < rows && other >= 0 && other < rows,
                        "{}: expected pivots from 1 to {}, got {}", op, rows, other + 1);
      std::swap(row[j], row[other]);
    }
  }
  return order;
}

// p, whose columns are the rows of the identity in this order.
Tensor permutation(const Tensor& order, DType dtype) {
  const int64_t n = order.size(-1);
  const Tensor ids = arange(n).unsqueeze(-1);
  return (order.unsqueeze(-2) == ids).to(dtype);
}

Tensor unit_lower(const Tensor& lu, int64_t k) {
  return tril(lu.narrow(-1, 0, k), -1) + eye(lu.size(-2), k, lu.dtype());
}
Tensor upper_part(const Tensor& lu, int64_t k) { return triu(lu.narrow(-2, 0, k)); }

// The gradient by a = p l u, where gl and gu may be undefined. l is [m, k], u [k, n].
Tensor lu_gradient(const Tensor& p, const Tensor& l, const Tensor& u, const Tensor& gl,
                   const Tensor& gu) {
  const int64_t m = l.size(-2), n = u.size(-1), k = std::min(m, n);
  const Tensor square_l = l.narrow(-2, 0, k), square_u = u.narrow(-1, 0, k);
  Tensor lower, upper;  // l^T gl and gu u^T
  if (gl.defined()) lower = transposed_times(square_l, gl.narrow(-2, 0, k));
  if (gu.defined()) upper = times(gu.narrow(-1, 0, k), transposed(square_u));
  if (n > k && gu.defined()) {
    const Tensor through = times(gu.narrow(-1, k, n - k), transposed(u.narrow(-1, k, n - k)));
    lower = lower.defined() ? lower - through : neg(through);
  }
  if (m > k && gl.defined()) {
    const Tensor through = transposed_times(l.narrow(-2, k, m - k), gl.narrow(-2, k, m - k));
    upper = upper.defined() ? upper - through : neg(through);
  }
  Tensor inner;
  if (lower.defined()) inner = tril(lower, -1);
  if (upper.defined()) inner = inner.defined() ? inner + triu(upper) : triu(upper);
  const Tensor turned_l = transposed(square_l), turned_u = transposed(square_u);
  const Tensor middle = solve_triangular(turned_u, inner, false, false);
  Tensor g = solve_triangular(turned_l, middle, true, true, true);
  if (m > k) {
    const Tensor below =
        gl.defined() ? gl.narrow(-2, k, m - k) : zeros_like(l.narrow(-2, k, m - k));
    g = cat({g, solve_triangular(turned_u, below, false, false)}, -2);
  } else if (n > k) {
    const Tensor right =
        gu.defined() ? gu.narrow(-1, k, n - k) : zeros_like(u.narrow(-1, k, n - k));
    g = cat({g, solve_triangular(turned_l, right, true, true, true)}, -1);
  }
  return times(p, g);
}

struct Factored {
  Tensor lu, pivots, zero_at;
};

Factored factored(const char* op, const Tensor& a, bool pivot, bool check_errors) {
  check(pivot, "{}: a factorization without pivots is not defined on a CPU", op);
  const profile_scope scope(op);
  check_matrices(op, a);
  const Lu lu(a);
  if (check_errors) lu.check_regular(op);
  const Tensor pivots = [&] {
    const no_grad guard;
    return lu.pivots + 1;
  }();
  const int64_t m = a.size(-2), k = std::min(m, a.size(-1));
  const auto pullback = [op, m, k, y = save_result(lu.factors), pivots = save(pivots)](
                            const Tensor& g, Needs) -> Grads {
    const Tensor both = y.get();
    const Tensor p = permutation(order_of(op, pivots.get(), m), both.dtype());
    return lu_gradient(p, unit_lower(both, k), upper_part(both, k), tril(g.narrow(-1, 0, k), -1),
                       upper_part(g, k));
  };
  return {record(op, lu.factors, {a}, pullback), pivots, lu.zero_at};
}

void check_factors(const char* op, const Tensor& lu, const Tensor& pivots) {
  check_matrices(op, lu);
  rw::detail::check_defined(op, pivots);
  check<DTypeError>(pivots.dtype() == int32, "{}: expected pivots of int32, got {}", op,
                    pivots.dtype());
  const Shape expected = with(batch_of(lu), {std::min(lu.size(-2), lu.size(-1))});
  check<ShapeError>(pivots.shape() == expected, "{}: expected pivots of shape {}, got {}", op,
                    expected, pivots.shape());
}

}  // namespace

std::pair<Tensor, Tensor> lu_factor(const Tensor& a, bool pivot) {
  const Factored f = factored("linalg.lu_factor", a, pivot, true);
  return {f.lu, f.pivots};
}

std::tuple<Tensor, Tensor, Tensor> lu_factor_ex(const Tensor& a, bool pivot, bool check_errors) {
  const Factored f = factored("linalg.lu_factor_ex", a, pivot, check_errors);
  return {f.lu, f.pivots, f.zero_at};
}

std::tuple<Tensor, Tensor, Tensor> lu(const Tensor& a, bool pivot) {
  const Factored f = factored("linalg.lu", a, pivot, false);
  return lu_unpack(f.lu, f.pivots);
}

// By ops, each of which knows its derivatives.
Tensor lu_solve(const Tensor& lu, const Tensor& pivots, const Tensor& b, bool left, bool adjoint) {
  const char* const op = "linalg.lu_solve";
  const profile_scope scope(op);
  check_factors(op, lu, pivots);
  check_square(op, lu);
  check_same_dtype(op, lu, b);
  check<ShapeError>(b.dim() >= 2 && b.size(left ? -2 : -1) == lu.size(-1),
                    "{}: shapes {} and {} do not fit: expected {} {} in b", op, lu.shape(),
                    b.shape(), lu.size(-1), left ? "rows" : "columns");
  if (!left) return transposed(linalg::lu_solve(lu, pivots, transposed(b), true, !adjoint));
  const Tensor p = permutation(order_of(op, pivots, lu.size(-1)), lu.dtype());
  if (!adjoint) {
    const Tensor half = solve_triangular(lu, transposed_times(p, b), false, true, true);
    return solve_triangular(lu, half, true);
  }
  const Tensor turned = transposed(lu);
  const Tensor half = solve_triangular(turned, b, false);
  return times(p, solve_triangular(turned, half, true, true, true));
}

}  // namespace rw::linalg

namespace rw {

Tensor lu_solve(const Tensor& b, const Tensor& lu, const Tensor& pivots) {
  return linalg::lu_solve(lu, pivots, b);
}

std::tuple<Tensor, Tensor, Tensor> lu_unpack(const Tensor& lu, const Tensor& pivots,
                                             bool unpack_data, bool unpack_pivots) {
  linalg::check_factors("lu_unpack", lu, pivots);
  const int64_t m = lu.size(-2), k = std::min(m, lu.size(-1));
  const Tensor none = empty({0}, lu.dtype());
  const Tensor p = unpack_pivots
                       ? linalg::permutation(linalg::order_of("lu_unpack", pivots, m), lu.dtype())
                       : none;
  if (!unpack_data) return {p, none, none};
  return {p, linalg::unit_lower(lu, k), linalg::upper_part(lu, k)};
}

}  // namespace rw
