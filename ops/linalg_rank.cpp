#include <algorithm>

#include <rewind/ops/linalg_parts.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/precision.h>

// What depends on how many singular values count.

namespace rw::linalg {
namespace {

void check_options(const char* op, const Tensor& a, const RankOptions& options) {
  if (options.hermitian)
    check_square(op, a);
  else
    check_matrices(op, a);
}

// Singular values up to the greater of `atol` and `rtol` times the greatest of them do not count.
struct Bounds {
  Tensor atol, rtol;  // for each matrix, or for all

  Bounds(const Tensor& a, const RankOptions& options) {
    const auto longest = static_cast<double>(std::max(a.size(-1), a.size(-2)));
    const auto one = [&](double v) { return full({}, v, a.dtype()); };
    const Tensor &given = options.atol.value(), &relative = options.rtol.value();
    atol = given.defined() ? given.to(a.dtype()) : one(0);
    rtol = relative.defined() ? relative.to(a.dtype())
                              : where(atol > 0, 0, one(rw::detail::epsilon(a.dtype()) * longest));
  }
};

// Whether singular values, whose last dimension is not empty, count.
Tensor counting(const Tensor& a, const Tensor& values, const RankOptions& options) {
  const Bounds least(a, options);
  const auto of_matrix = [](const Tensor& t) { return t.dim() == 0 ? t : t.unsqueeze(-1); };
  return values > maximum(values.amax(-1, true) * of_matrix(least.rtol), of_matrix(least.atol));
}

// The pseudo-inverses by QR, where it is certain that all singular values count: the least is
// 1 / |a^+| and more, in the norm of Frobenius, and the greatest |a| and less. Not defined
// otherwise.
Tensor inverse_of_full_rank(const Tensor& a, const RankOptions& options) {
  const no_grad guard;
  const Bounds least(a, options);
  if (options.hermitian || a.numel() == 0 || least.atol.dim() + least.rtol.dim() > 0) return {};
  const bool wide = a.size(-2) < a.size(-1);
  const auto [q, r] = linalg::qr(wide ? transposed(a) : a);
  const Tensor p = solve_triangular(r, transposed(q), true);
  const Tensor inverse_norm = matrix_norm(p), norm = matrix_norm(a);
  const Tensor certain = inverse_norm * maximum(norm * (least.rtol * 2), least.atol * 2) < 1;
  if (!certain.all().item<bool>()) return {};
  return wide ? transposed(p) : p;
}

// Singular values of anything else do not converge.
void check_finite(const char* op, const Tensor& a) {
  check<LinAlgError>(isfinite(a).all().item<bool>(),
                     "{}: expected finite numbers, got NaN or infinity", op);
}

// The pseudo-inverses, and how many singular values count.
struct PseudoInverse {
  Tensor inverse, rank;
};

Tensor full_rank(const Tensor& a) {
  return full(batch_of(a), std::min(a.size(-1), a.size(-2)), int64);
}

PseudoInverse pseudo_inverse(const char* op, const Tensor& a, const RankOptions& options) {
  const no_grad guard;
  if (a.numel() == 0) return {transposed(a).clone(), zeros(batch_of(a), int64)};
  if (const Tensor p = inverse_of_full_rank(a, options); p.defined()) return {p, full_rank(a)};
  check_finite(op, a);
  const auto inverted = [](const Tensor& counted, const Tensor& signed_values) {
    return where(counted, signed_values.reciprocal(), 0).unsqueeze(-2);
  };
  if (options.hermitian) {
    const auto [values, vectors] = eigh(a);
    const Tensor counted = counting(a, values.abs(), options);
    return {times(vectors * inverted(counted, values), transposed(vectors)), counted.sum(-1)};
  }
  const auto [u, s, vh] = linalg::svd(a, false);
  const Tensor counted = counting(a, s, options);
  return {times(transposed(vh) * inverted(counted, s), transposed(u)), counted.sum(-1)};
}

// p = a^+.   da = -p^T g p^T + (I - a p) g^T p p^T + p^T p g^T (I - p a)   (Golub and Pereyra, "The
// differentiation of pseudo-inverses and nonlinear least squares problems", 1973)
Tensor pinv_gradient(const Tensor& a, const Tensor& p, const Tensor& g) {
  const Tensor turned = transposed(p), gt = transposed(g);
  Tensor da = neg(times(times(turned, g), turned));
  const Tensor left = times(times(gt, p), turned);
  da = da + left - times(a, times(p, left));
  const Tensor right = times(turned, times(p, gt));
  return da + right - times(times(right, p), a);
}

Tensor recorded_inverse(const Tensor& a, const Tensor& p) {
  return record("linalg.pinv", p, {a},
                [a = save(a), p = save_result(p)](const Tensor& g, Needs) -> Grads {
                  return pinv_gradient(a.get(), p.get(), g);
                });
}

Tensor squares_of_columns(const Tensor& a, const Tensor& x, const Tensor& b) {
  return (times(a, x) - b).square().sum(-2);
}

}  // namespace

Tolerance::Tolerance(double tolerance) : value_(full({}, tolerance, float64)) {}
Tolerance::Tolerance(std::optional<double> tolerance)
    : value_(tolerance ? full({}, *tolerance, float64) : Tensor()) {}

Tensor pinv(const Tensor& a, const RankOptions& options) {
  const profile_scope scope("linalg.pinv");
  check_options("linalg.pinv", a, options);
  return recorded_inverse(a, pseudo_inverse("linalg.pinv", a, options).inverse);
}

Tensor matrix_rank(const Tensor& a, const RankOptions& options) {
  const profile_scope scope("linalg.matrix_rank");
  check_options("linalg.matrix_rank", a, options);
  const no_grad guard;
  if (a.numel() == 0) return zeros(batch_of(a), int64);
  if (inverse_of_full_rank(a, options).defined()) return full_rank(a);
  check_finite("linalg.matrix_rank", a);
  const Tensor s = options.hermitian ? eigvalsh(a).abs() : svdvals(a);
  return counting(a, s, options).sum(-1);
}

LstsqResult lstsq(const Tensor& a, const Tensor& b, std::optional<double> rcond,
                  LstsqDriver driver) {
  const char* const op = "linalg.lstsq";
  const profile_scope scope(op);
  check_matrices(op, a);
  check_same_dtype(op, a, b);
  check<ShapeError>(b.dim() >= 1, "{}: expected a vector or matrices, got shape {}", op, b.shape());
  const bool vector = is_vector_for(a, b);
  const Tensor columns = vector ? b.unsqueeze(-1) : b;
  const int64_t m = a.size(-2), n = a.size(-1);
  check<ShapeError>(columns.size(-2) == m, "{}: shapes {} and {} do not fit: expected {} rows in b",
                    op, a.shape(), b.shape(), m);
  broadcast_shapes(batch_of(a), batch_of(columns), op);

  const PseudoInverse p = pseudo_inverse(op, a, {.rtol = rcond});
  const Tensor x = times(recorded_inverse(a, p.inverse), columns);
  LstsqResult result = {vector ? x.squeeze(-1) : x, empty({0}, a.dtype()), empty({0}, int64),
                        empty({0}, a.dtype())};
  const bool asks_rank = driver != LstsqDriver::gels, asks_values = driver >= LstsqDriver::gelsd;
  if (asks_rank) result.rank = p.rank;
  if (asks_values) result.singular_values = svdvals(a.detach());
  const bool full = !asks_rank || !(result.rank < n).any().item<bool>();
  if (m > n && full && driver != LstsqDriver::gelsy)
    result.residuals = squares_of_columns(a, x, columns);
  return result;
}

}  // namespace rw::linalg

namespace rw {

Tensor pinverse(const Tensor& a, double rcond) { return linalg::pinv(a, {.rtol = rcond}); }

}  // namespace rw
