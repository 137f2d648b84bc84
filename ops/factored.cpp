#include <rewind/ops/factored.h>

#include <algorithm>

#include <rewind/kernels/linalg/ldl_kernel.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/linalg_parts.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/random.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/factories.h>

namespace rw::linalg {
namespace {

// For results without derivatives.
auto refusing(const char* op) {
  return [op](std::span<const Tensor>, Needs) -> Grads {
    fail<AutogradError>("{}: has no derivative", op);
  };
}

struct Symmetric {
  Tensor ld, pivots, zero_at;
};

Symmetric ldl(const char* op, const Tensor& a, bool check_errors) {
  const profile_scope scope(op);
  check_square(op, a);
  const int64_t n = a.size(-1);
  const Shape batch = batch_of(a);
  Symmetric s = {row_major_copy(a.detach()), rw::detail::make_tensor(with(batch, {n}), int32),
                 rw::detail::make_tensor(batch, int32)};
  dispatch_among<float, double>(a.dtype(), [&]<class T>() {
    auto* const data = static_cast<T*>(s.ld.raw_data());
    auto* const pivots = static_cast<int32_t*>(s.pivots.raw_data());
    auto* const zero_at = static_cast<int32_t*>(s.zero_at.raw_data());
    each_matrix(batch.numel(), n * n * n / 3,
                [&](int64_t i) { zero_at[i] = kernels::ldl(n, data + i * n * n, pivots + i * n); });
  });
  if (const int64_t i = first_failure(s.zero_at); check_errors && i >= 0)
    fail<LinAlgError>("{}: the matrix{} is singular: D is zero in row {}", op,
                      place_in_batch(s.zero_at, i), s.zero_at.data<const int32_t>()[i]);
  s.ld.tril_();
  s.ld = record(op, std::vector<Tensor>{s.ld}, {a}, refusing(op))[0];
  return s;
}

// Each pivot names a row, and negative ones come in pairs.
void check_pivots(const char* op, const Tensor& pivots, int64_t n) {
  const auto* const all = static_cast<const int32_t*>(pivots.raw_data());
  for (int64_t i = 0, k = 0; i < pivots.numel(); ++i, k = (k + 1) % n) {
    const int32_t p = all[i];
    check<IndexError>(p != 0 && p >= -n && p <= n, "{}: expected pivots from 1 to {}, got {}", op,
                      n, p);
    if (p > 0) continue;
    check<IndexError>(k + 1 < n && all[i + 1] == p, "{}: expected negative pivots in pairs, got {}",
                      op, p);
    ++i, ++k;
  }
}

}  // namespace

std::pair<Tensor, Tensor> ldl_factor(const Tensor& a) {
  const Symmetric s = ldl("linalg.ldl_factor", a, true);
  return {s.ld, s.pivots};
}

std::tuple<Tensor, Tensor, Tensor> ldl_factor_ex(const Tensor& a, bool check_errors) {
  const Symmetric s = ldl("linalg.ldl_factor_ex", a, check_errors);
  return {s.ld, s.pivots, s.zero_at};
}

Tensor ldl_solve(const Tensor& ld, const Tensor& pivots, const Tensor& b) {
  const char* const op = "linalg.ldl_solve";
  const profile_scope scope(op);
  check_square(op, ld);
  check_same_dtype(op, ld, b);
  check(pivots.defined(), "{}: the pivots are undefined", op);
  const int64_t n = ld.size(-1);
  check<DTypeError>(pivots.dtype() == int32, "{}: expected pivots of int32, got {}", op,
                    pivots.dtype());
  check<ShapeError>(pivots.shape() == with(batch_of(ld), {n}),
                    "{}: expected pivots of shape {}, got {}", op, with(batch_of(ld), {n}),
                    pivots.shape());
  check<ShapeError>(b.dim() >= 2 && b.size(-2) == n,
                    "{}: shapes {} and {} do not fit: expected {} rows in b", op, ld.shape(),
                    b.shape(), n);
  const Shape batch = broadcast_shapes(batch_of(ld), batch_of(b), op);
  const int64_t columns = b.size(-1);
  const auto solved = [&] {
    const no_grad guard;
    const Tensor a = ld.expand(with(batch, {n, n})).contiguous();
    const Tensor p = pivots.expand(with(batch, {n})).contiguous();
    check_pivots(op, p, n);
    Tensor x = b.detach().expand(with(batch, {n, columns})).clone(MemoryFormat::contiguous);
    dispatch_among<float, double>(a.dtype(), [&]<class T>() {
      each_matrix(batch.numel(), n * n * columns, [&](int64_t i) {
        kernels::ldl_solve(n, columns, static_cast<const T*>(a.raw_data()) + i * n * n,
                           static_cast<const int32_t*>(p.raw_data()) + i * n,
                           static_cast<T*>(x.raw_data()) + i * n * columns);
      });
    });
    return x;
  };
  return record(op, std::vector<Tensor>{solved()}, {ld, b}, refusing(op))[0];
}

std::pair<Tensor, Tensor> polar(const Tensor& a) {
  const char* const op = "linalg.polar";
  const profile_scope scope(op);
  check_matrices(op, a);
  check<ShapeError>(a.size(-2) >= a.size(-1),
                    "{}: expected no more columns than rows, got shape {}", op, a.shape());
  const auto [u, s, vh] = linalg::svd(a, false);
  return {times(u, vh), times(transposed(vh) * s.unsqueeze(-2), vh)};
}

Tensor matrix_sqrth(const Tensor& a) {
  const profile_scope scope("linalg.matrix_sqrth");
  check_square("linalg.matrix_sqrth", a);
  const auto [values, vectors] = eigh(a);
  return times(vectors * sqrt(values).unsqueeze(-2), transposed(vectors));
}

}  // namespace rw::linalg

namespace rw {

using namespace linalg;

std::pair<Tensor, Tensor> geqrf(const Tensor& a) {
  const profile_scope scope("geqrf");
  check_matrices("geqrf", a);
  const auto [vectors, tau] = reflections(a);
  const std::vector<Tensor> results = record("geqrf", {vectors, tau}, {a}, refusing("geqrf"));
  return {results[0], results[1]};
}

Tensor orgqr(const Tensor& a, const Tensor& tau) { return householder_product(a, tau); }

// Q = I - V t V^T, as in householder_product: t^-1 = diag(tau)^-1 (I + upper).
Tensor ormqr(const Tensor& a, const Tensor& tau, const Tensor& c, bool left, bool transpose) {
  const char* const op = "ormqr";
  const profile_scope scope(op);
  check_same_dtype(op, a, c);
  check_matrices(op, c);
  check(tau.defined(), "{}: tau is undefined", op);
  const int64_t rows = c.size(left ? -2 : -1), k = tau.dim() > 0 ? tau.size(-1) : 0;
  check<ShapeError>(a.size(-2) == rows, "{}: shapes {} and {} do not fit: expected {} rows in a",
                    op, a.shape(), c.shape(), rows);
  check<ShapeError>(tau.dim() == a.dim() - 1 && tau.shape() == with(batch_of(a), {k}) &&
                        k <= a.size(-1) && k <= rows,
                    "{}: expected at most {} taus for each matrix, got shape {}", op,
                    std::min(a.size(-1), rows), tau.shape());
  check<ShapeError>(batch_of(a) == batch_of(c), "{}: expected batches of one shape, got {} and {}",
                    op, a.shape(), c.shape());
  check<DTypeError>(tau.dtype() == a.dtype(), "{}: expected taus of {}, got {}", op, a.dtype(),
                    tau.dtype());
  if (!left) return transposed(ormqr(a, tau, transposed(c), true, !transpose));
  const Tensor v = tril(a.narrow(-1, 0, k), -1) + eye(rows, k, a.dtype());
  const Tensor scale = tau.unsqueeze(-1);
  const Tensor upper = scale * triu(transposed_times(v, v), 1), inner = transposed_times(v, c);
  const Tensor middle = transpose ? solve_triangular(transposed(upper), inner, false, true, true)
                                  : solve_triangular(upper, scale * inner, true, true, true);
  return c - times(v, transpose ? scale * middle : middle);
}

namespace {

// Orthonormal columns that about span those of a - m.
Tensor basis_of(const Tensor& a, int64_t q, int64_t niter, const Tensor& m) {
  const auto product = [&](bool turned, const Tensor& x) {
    const auto by = [&](const Tensor& t) { return times(turned ? transposed(t) : t, x); };
    return m.defined() ? by(a) - by(m) : by(a);
  };
  Tensor basis = linalg::qr(product(false, randn({a.size(-1), q}, a.dtype()))).first;
  for (int64_t i = 0; i < niter; ++i) {
    basis = linalg::qr(product(true, basis)).first;
    basis = linalg::qr(product(false, basis)).first;
  }
  return basis;
}

}  // namespace

std::tuple<Tensor, Tensor, Tensor> svd_lowrank(const Tensor& a, int64_t q, int64_t niter,
                                               const Tensor& m) {
  const char* const op = "svd_lowrank";
  const profile_scope scope(op);
  check_matrices(op, a);
  check(q >= 0 && niter >= 0, "{}: expected q and niter that are not negative, got {} and {}", op,
        q, niter);
  const Tensor mean = m.defined() ? m.expand(a.shape()) : m;
  if (a.size(-2) < a.size(-1)) {
    const auto [v, s, u] =
        svd_lowrank(transposed(a), q, niter, m.defined() ? transposed(mean) : mean);
    return {u, s, v};
  }
  const Tensor basis = basis_of(a, q, niter, mean);
  const Tensor inner = m.defined() ? transposed_times(basis, a) - transposed_times(basis, mean)
                                   : transposed_times(basis, a);
  const auto [u, s, vh] = linalg::svd(inner, false);
  return {times(basis, u), s, transposed(vh)};
}

std::tuple<Tensor, Tensor, Tensor> pca_lowrank(const Tensor& a, std::optional<int64_t> q,
                                               bool center, int64_t niter) {
  check_matrices("pca_lowrank", a);
  const int64_t most = std::min(a.size(-2), a.size(-1)),
                kept = q.value_or(std::min<int64_t>(6, most));
  check(kept >= 0 && kept <= most, "pca_lowrank: expected q from 0 to {}, got {}", most, kept);
  check(niter >= 0, "pca_lowrank: expected niter >= 0, got {}", niter);
  return svd_lowrank(center ? a - mean(a, {-2}, true) : a, kept, niter);
}

}  // namespace rw
