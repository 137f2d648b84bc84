#include <algorithm>

#include <rewind/kernels/linalg/cholesky_kernel.h>
#include <rewind/kernels/linalg/qr_kernel.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/linalg_parts.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/tensor/factories.h>

// Cholesky and QR.

namespace rw::linalg {
namespace {

// --- Cholesky -----------------------------------------------------------------------------------

// U of a row-major copy of the matrices, zeros below its diagonal. The kernel reads the upper
// triangle, which is the lower one of the transpose.
Tensor upper_factor(const Tensor& a, const Tensor& failed_at) {
  const Tensor u = row_major_copy(a);
  const int64_t n = a.size(-1);
  dispatch_among<float, double>(a.dtype(), [&]<class T>() {
    T* const data = static_cast<T*>(u.raw_data());
    auto* const failed = static_cast<int32_t*>(failed_at.raw_data());
    each_matrix(batch_of(a).numel(), n * n * n / 3, [&](int64_t i) {
      T* const matrix = data + i * n * n;
      failed[i] = static_cast<int32_t>(kernels::cholesky(n, matrix, n) + 1);
      for (int64_t k = 1; k < n; ++k) std::fill_n(matrix + k * n, k, T(0));
    });
  });
  return u;
}

// a = l l^T.   da = l^-T s l^-1, where s is half the lower triangle of l^T g, mirrored to the upper
// one (Murray, "Differentiation of the Cholesky decomposition", 2016).
Tensor cholesky_gradient(const Tensor& l, const Tensor& g) {
  const Tensor p = transposed_times(l, g);
  const Tensor s = (tril(p) + transposed(tril(p, -1))) * 0.5;
  const Tensor right = solve_triangular(l, s, false, false);
  return solve_triangular(transposed(l), right, true);
}

std::pair<Tensor, Tensor> cholesky_checked(const char* op, const Tensor& a, bool upper,
                                           bool check_errors) {
  const profile_scope scope(op);
  check_square(op, a);
  const Tensor failed_at = rw::detail::make_tensor(batch_of(a), int32);
  const Tensor factor = [&] {
    const no_grad guard;
    return upper ? upper_factor(a, failed_at) : transposed(upper_factor(transposed(a), failed_at));
  }();
  if (const int64_t i = first_failure(failed_at); check_errors && i >= 0)
    fail<LinAlgError>(
        "{}: the matrix{} is not positive definite: its leading minor of order {} is "
        "not positive",
        op, place_in_batch(failed_at, i), failed_at.data<const int32_t>()[i]);
  const auto pullback = [upper, y = save_result(factor)](const Tensor& g, Needs) -> Grads {
    if (upper) return cholesky_gradient(transposed(y.get()), transposed(g));
    return cholesky_gradient(y.get(), g);
  };
  return {record(op, factor, {a}, pullback), failed_at};
}

// --- QR -----------------------------------------------------------------------------------------

// Q with `columns` columns (none for 0) and R with `rows` rows.
std::pair<Tensor, Tensor> decompose(const Tensor& a, int64_t columns, int64_t rows) {
  const no_grad guard;
  const int64_t m = a.size(-2), n = a.size(-1), k = std::min(m, n);
  const Shape batch = batch_of(a);
  const auto [vectors, tau] = reflections(a);
  const Tensor work = transposed(vectors);
  const Tensor q = zeros(with(batch, {columns, m}), a.dtype());
  dispatch_among<float, double>(a.dtype(), [&, tau = tau]<class T>() {
    each_matrix(batch.numel(), m * n * k, [&](int64_t i) {
      T* const out = static_cast<T*>(q.raw_data()) + i * columns * m;
      for (int64_t c = 0; c < columns; ++c) out[c * m + c] = 1;
      kernels::multiply_by_q(m, k, static_cast<const T*>(work.raw_data()) + i * n * m,
                             static_cast<const T*>(tau.raw_data()) + i * k, false, columns, out);
    });
  });
  return {transposed(q), triu(vectors.narrow(-2, 0, rows))};
}

// a = q r, q having as many columns as a, r square:
//   da = (gq + q s) r^-T, s being the upper triangle of gr r^T - q^T gq mirrored to the lower one,
// with half the sum of both on the diagonal (Walter and Lehmann, "Algorithmic differentiation of
// linear algebra functions", 2010).
Tensor tall_gradient(const Tensor& q, const Tensor& r, const Tensor& gq, const Tensor& gr) {
  Tensor p;
  if (gr.defined()) p = times(gr, transposed(r));
  if (gq.defined()) {
    const Tensor inner = transposed_times(q, gq);
    p = p.defined() ? p - inner : neg(inner);
  }
  Tensor sum = times(q, triu(p) + transposed(triu(p, 1)));
  if (gq.defined()) sum = sum + gq;
  return solve_triangular(transposed(r), sum, false, false);
}

// With fewer rows than columns a = [x, y] has q from x, r = [u, q^T y].
Tensor qr_gradient(const Tensor& q, const Tensor& r, const Tensor& gq, const Tensor& gr) {
  const int64_t m = r.size(-2), n = r.size(-1);
  if (m >= n) return tall_gradient(q, r, gq, gr);
  const Tensor u = r.narrow(-1, 0, m), v = r.narrow(-1, m, n - m);
  if (!gr.defined()) return cat({tall_gradient(q, u, gq, gr), zeros_like(times(q, v))}, -1);
  const Tensor gu = gr.narrow(-1, 0, m), gv = gr.narrow(-1, m, n - m);
  const Tensor through_v = times(times(q, v), transposed(gv));
  const Tensor g = gq.defined() ? gq + through_v : through_v;
  return cat({tall_gradient(q, u, g, gu), times(q, gv)}, -1);
}

}  // namespace

Tensor cholesky(const Tensor& a, bool upper) {
  return cholesky_checked("linalg.cholesky", a, upper, true).first;
}
std::pair<Tensor, Tensor> cholesky_ex(const Tensor& a, bool upper, bool check_errors) {
  return cholesky_checked("linalg.cholesky_ex", a, upper, check_errors);
}

std::pair<Tensor, Tensor> qr(const Tensor& a, QrMode mode) {
  const profile_scope scope("linalg.qr");
  check_matrices("linalg.qr", a);
  const int64_t m = a.size(-2), n = a.size(-1), k = std::min(m, n);
  const int64_t rows = mode == QrMode::complete ? m : k;
  auto [q, r] = decompose(a, mode == QrMode::r ? 0 : rows, rows);
  if (mode == QrMode::r) q = empty({0}, a.dtype());
  const auto pullback = [mode, m, n, q = save_result(q, 0), r = save_result(r, 1)](
                            std::span<const Tensor> g, Needs) -> Grads {
    check<AutogradError>(mode != QrMode::r, "linalg.qr: mode r has no derivative");
    check<AutogradError>(mode == QrMode::reduced || m <= n,
                         "linalg.qr: mode complete has no derivative for more rows ({}) than "
                         "columns ({})",
                         m, n);
    return qr_gradient(q.get(), r.get(), g[0], g[1]);
  };
  const std::vector<Tensor> results = record("linalg.qr", {q, r}, {a}, pullback);
  return {results[0], results[1]};
}

std::pair<Tensor, Tensor> reflections(const Tensor& a) {
  const no_grad guard;
  const int64_t m = a.size(-2), n = a.size(-1), k = std::min(m, n);
  const Shape batch = batch_of(a);
  const Tensor work = row_major_copy(transposed(a)), tau = empty(with(batch, {k}), a.dtype());
  dispatch_among<float, double>(a.dtype(), [&]<class T>() {
    each_matrix(batch.numel(), m * n * k, [&](int64_t i) {
      kernels::qr(m, n, static_cast<T*>(work.raw_data()) + i * n * m,
                  static_cast<T*>(tau.raw_data()) + i * k);
    });
  });
  return {transposed(work), tau};
}

// The product of all is I - V t V^T, where t^-1 has the inverses of the taus on its diagonal and
// the products of different v above it (Schreiber and Van Loan, "A storage-efficient WY
// representation for products of Householder transformations", 1989). Written for taus that may be
// 0.
Tensor householder_product(const Tensor& a, const Tensor& tau) {
  const char* const op = "linalg.householder_product";
  const profile_scope scope(op);
  check_matrices(op, a);
  rw::detail::check_defined(op, tau);
  const int64_t m = a.size(-2), n = a.size(-1);
  check<ShapeError>(m >= n, "{}: expected no more columns than rows, got shape {}", op, a.shape());
  check<ShapeError>(tau.dim() == a.dim() - 1 && tau.size(-1) <= n &&
                        tau.shape() == with(batch_of(a), {tau.size(-1)}),
                    "{}: expected at most {} taus for each matrix, got shape {}", op, n,
                    tau.shape());
  check<DTypeError>(tau.dtype() == a.dtype(), "{}: expected taus of {}, got {}", op, a.dtype(),
                    tau.dtype());
  const int64_t k = tau.size(-1);
  const Tensor v = tril(a.narrow(-1, 0, k), -1) + eye(m, k, a.dtype());
  const Tensor scale = tau.unsqueeze(-1);
  const Tensor upper = scale * triu(transposed_times(v, v), 1);
  const Tensor top = scale * transposed(v.narrow(-2, 0, n));
  return eye(m, n, a.dtype()) - times(v, solve_triangular(upper, top, true, true, true));
}

}  // namespace rw::linalg

namespace rw {

namespace {

Tensor solved(const Tensor& b, const Tensor& lower) {
  const Tensor half = linalg::solve_triangular(lower, b, false);
  return linalg::solve_triangular(linalg::transposed(lower), half, true);
}

// The gradient by l, or u, of what depends on a = l l^T = u^T u through a^-1, where `half` and its
// transpose are that by -a: of all elements, also of those that are 0.
Tensor gradient_of_factor(const Tensor& half, const Tensor& factor, bool upper) {
  const Tensor both = neg(half + linalg::transposed(half));
  return upper ? linalg::times(factor, both) : linalg::times(both, factor);
}

}  // namespace

// x = a^-1 b.   db = a^-1 g, and with it da = -db x^T
Tensor cholesky_solve(const Tensor& b, const Tensor& l, bool upper) {
  const char* const op = "cholesky_solve";
  linalg::check_square(op, l);
  const auto forward = [&] {
    const no_grad guard;
    return solved(b, upper ? linalg::transposed(l) : l);
  };
  const Tensor x = forward();
  return record(op, x, {b, l},
                [upper, l = save(l), x = save_result(x)](const Tensor& g, Needs needs) -> Grads {
                  const Tensor factor = l.get(), db = cholesky_solve(g, factor, upper);
                  if (!needs[1]) return {db, Tensor()};
                  const Tensor half = linalg::times(db, linalg::transposed(x.get()));
                  return {db, gradient_of_factor(half, factor, upper)};
                });
}

// y = a^-1.   da = -y g y
Tensor cholesky_inverse(const Tensor& l, bool upper) {
  const char* const op = "cholesky_inverse";
  linalg::check_square(op, l);
  const auto forward = [&] {
    const no_grad guard;
    return solved(eye(l.size(-1), l.dtype()), upper ? linalg::transposed(l) : l);
  };
  const Tensor y = forward();
  return record(op, y, {l},
                [upper, l = save(l), y = save_result(y)](const Tensor& g, Needs) -> Grads {
                  const Tensor inverse = y.get();
                  const Tensor half = linalg::times(linalg::times(inverse, g), inverse);
                  return gradient_of_factor(half, l.get(), upper);
                });
}

}  // namespace rw
