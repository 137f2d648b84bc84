#include <algorithm>
#include <atomic>

#include <rewind/kernels/linalg/spectral_kernel.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/linalg_parts.h>
#include <rewind/ops/pointwise.h>
#include <rewind/tensor/factories.h>

// Eigenvalues and singular values. The derivatives are those of Giles, "Collected matrix derivative
// results", 2008, and of Townsend, "Differentiating the singular value decomposition", 2016.

namespace rw::linalg {
namespace {

// Of so many multiplications is a decomposition of order n, roughly.
int64_t cost_of(int64_t m, int64_t n) { return 16 * m * n * std::min(m, n); }

// Throws for the first matrix for which compute(i) is false.
template <class F>
void each_converges(const char* op, const Shape& batch, int64_t cost, F&& compute) {
  std::atomic<int64_t> failed = -1;
  each_matrix(batch.numel(), cost, [&](int64_t i) {
    if (compute(i)) return;
    int64_t first = failed;
    while ((first < 0 || i < first) && !failed.compare_exchange_weak(first, i)) {
    }
  });
  if (failed < 0) return;
  const std::string place = batch.empty() ? "" : fmt::format(" of batch element {}", failed.load());
  fail<LinAlgError>("{}: did not converge for the matrix{}: it may hold NaN or infinity", op,
                    place);
}

// x with a diagonal added, or each column or row multiplied by a number.
Tensor with_diagonal(const Tensor& x, const Tensor& d) {
  return x + eye(d.size(-1), d.dtype()) * d.unsqueeze(-1);
}
Tensor scale_columns(const Tensor& x, const Tensor& d) { return x * d.unsqueeze(-2); }
Tensor scale_rows(const Tensor& x, const Tensor& d) { return x * d.unsqueeze(-1); }

// 1 / (d[j] - d[i]) at i, j, and 1 on the diagonal.
Tensor one_over_differences(const Tensor& d) {
  return reciprocal(with_diagonal(d.unsqueeze(-2) - d.unsqueeze(-1), ones_like(d)));
}

// --- Eigenvalues --------------------------------------------------------------------------------

// Values, and the vectors as rows where they are wanted.
std::pair<Tensor, Tensor> symmetric(const char* op, const Tensor& a, bool upper, bool vectors) {
  const int64_t n = a.size(-1);
  const Shape batch = batch_of(a);
  const Tensor dense = dense_for(a, batch);
  const Tensor values = rw::detail::make_tensor(with(batch, {n}), a.dtype());
  const Tensor rows = rw::detail::make_tensor(vectors ? a.shape() : Shape{0}, a.dtype());
  if (a.numel() == 0) return {values, rows};
  dispatch_among<float, double>(a.dtype(), [&]<class T>() {
    const T* const matrices = static_cast<const T*>(dense.raw_data());
    T* const out = static_cast<T*>(values.raw_data());
    T* const vector = static_cast<T*>(rows.raw_data());
    each_converges(op, batch, cost_of(n, n), [&](int64_t i) {
      return kernels::eigh(n, matrices + i * n * n, upper, out + i * n,
                           vectors ? vector + i * n * n : nullptr);
    });
  });
  return {values, rows};
}

bool is_upper(const char* op, char uplo) {
  check(uplo == 'L' || uplo == 'U' || uplo == 'l' || uplo == 'u',
        "{}: expected a uplo of 'L' or 'U', got '{}'", op, uplo);
  return uplo == 'U' || uplo == 'u';
}

// a = v diag(d) v^T.   da = v (diag(gd) + (v^T gv) / (d[j] - d[i])) v^T
std::pair<Tensor, Tensor> eigh_as(const char* op, const Tensor& a, bool upper) {
  const auto [values, rows] = symmetric(op, a, upper, true);
  const Tensor vectors = [v = rows] {
    const no_grad guard;
    return transposed(v);
  }();
  const auto pullback = [d = save_result(values, 0), v = save_result(vectors, 1)](
                            std::span<const Tensor> g, Needs) -> Grads {
    const Tensor vectors = v.get(), turned = transposed(vectors);
    if (!g[1].defined()) return times(scale_columns(vectors, g[0]), turned);
    Tensor inner = times(turned, g[1]) * one_over_differences(d.get());
    inner = inner - inner * eye(inner.size(-1), inner.dtype());
    if (g[0].defined()) inner = with_diagonal(inner, g[0]);
    // Symmetric as the matrix is: a step along it leaves a symmetric matrix.
    const Tensor dx = times(times(vectors, inner), turned);
    return (dx + transposed(dx)) * 0.5;
  };
  const std::vector<Tensor> results = record(op, {values, vectors}, {a}, pullback);
  return {results[0], results[1]};
}

// --- Singular values ----------------------------------------------------------------------------

struct Svd {
  Tensor u, s, vh;  // without u and vh where only values are wanted
};

// What is left of a basis where there are no singular values.
Tensor unit_rows(const Shape& shape, DType dtype) {
  return eye(shape[shape.rank() - 2], shape.back(), dtype).expand(shape).contiguous();
}

enum class Vectors { none, reduced, full };

Svd decompose(const char* op, const Tensor& a, Vectors vectors) {
  const no_grad guard;
  const int64_t m = a.size(-2), n = a.size(-1), k = std::min(m, n);
  const bool full = vectors == Vectors::full, any = vectors != Vectors::none;
  const int64_t of_u = full ? m : k, of_v = full ? n : k;
  const Shape batch = batch_of(a);
  const Shape u_shape = with(batch, {of_u, m}), v_shape = with(batch, {of_v, n});
  const Tensor s = rw::detail::make_tensor(with(batch, {k}), a.dtype());
  if (a.numel() == 0)
    return {any ? transposed(unit_rows(u_shape, a.dtype())) : Tensor(), s,
            any ? unit_rows(v_shape, a.dtype()) : Tensor()};
  const Tensor u = any ? rw::detail::make_tensor(u_shape, a.dtype()) : Tensor();
  const Tensor vh = any ? rw::detail::make_tensor(v_shape, a.dtype()) : Tensor();
  const Tensor dense = dense_for(a, batch);
  dispatch_among<float, double>(a.dtype(), [&]<class T>() {
    const T* const matrices = static_cast<const T*>(dense.raw_data());
    T* const values = static_cast<T*>(s.raw_data());
    T* const us = any ? static_cast<T*>(u.raw_data()) : nullptr;
    T* const vs = any ? static_cast<T*>(vh.raw_data()) : nullptr;
    each_converges(op, batch, cost_of(m, n), [&](int64_t i) {
      return kernels::svd(m, n, matrices + i * m * n, values + i * k, full,
                          any ? us + i * of_u * m : nullptr, any ? vs + i * of_v * n : nullptr);
    });
  });
  return {any ? transposed(u) : Tensor(), s, vh};
}

// u_part less its projection on the columns of u.
Tensor beyond(const Tensor& u, const Tensor& part) {
  return part - times(u, transposed_times(u, part));
}

// a = u diag(s) vh.   da = u (x diag(s) + diag(s) y + diag(gs)) vh, x and y being the skew parts of
// u^T gu and v^T gv over s[j]^2 - s[i]^2; and what gu and gv have outside of u and v, over s.
Tensor svd_gradient(const Svd& of, const Tensor& gu, const Tensor& gs, const Tensor& gvh) {
  const Tensor &u = of.u, &s = of.s, &vh = of.vh;
  if (!gu.defined() && !gvh.defined()) return times(scale_columns(u, gs), vh);
  const Tensor weights = one_over_differences(s.square());
  const auto skew = [&](const Tensor& x) { return (x - transposed(x)) * weights; };
  Tensor inner, beside;
  if (gu.defined()) {
    inner = scale_columns(skew(transposed_times(u, gu)), s);
    if (u.size(-2) > s.size(-1)) beside = times(beyond(u, scale_columns(gu, s.reciprocal())), vh);
  }
  if (gvh.defined()) {
    const Tensor v = transposed(vh), gv = transposed(gvh);
    const Tensor of_v = scale_rows(skew(transposed_times(v, gv)), s);
    inner = inner.defined() ? inner + of_v : of_v;
    if (v.size(-2) > s.size(-1)) {
      const Tensor more = times(u, transposed(beyond(v, scale_columns(gv, s.reciprocal()))));
      beside = beside.defined() ? beside + more : more;
    }
  }
  if (gs.defined()) inner = with_diagonal(inner, gs);
  const Tensor g = times(times(u, inner), vh);
  return beside.defined() ? g + beside : g;
}

}  // namespace

std::pair<Tensor, Tensor> eigh(const Tensor& a, char uplo) {
  const profile_scope scope("linalg.eigh");
  check_square("linalg.eigh", a);
  return eigh_as("linalg.eigh", a, is_upper("linalg.eigh", uplo));
}

Tensor eigvalsh(const Tensor& a, char uplo) {
  const profile_scope scope("linalg.eigvalsh");
  check_square("linalg.eigvalsh", a);
  const bool upper = is_upper("linalg.eigvalsh", uplo);
  if (is_grad_enabled() && a.requires_grad()) return eigh_as("linalg.eigvalsh", a, upper).first;
  return symmetric("linalg.eigvalsh", a, upper, false).first;
}

std::tuple<Tensor, Tensor, Tensor> svd(const Tensor& a, bool full_matrices) {
  const profile_scope scope("linalg.svd");
  check_matrices("linalg.svd", a);
  const Svd of = decompose("linalg.svd", a, full_matrices ? Vectors::full : Vectors::reduced);
  const auto pullback = [k = of.s.size(-1), u = save_result(of.u, 0), s = save_result(of.s, 1),
                         vh = save_result(of.vh, 2)](std::span<const Tensor> g, Needs) -> Grads {
    const auto columns = [&](const Tensor& t) {
      return t.defined() && t.size(-1) > k ? t.narrow(-1, 0, k) : t;
    };
    const auto rows = [&](const Tensor& t) {
      return t.defined() && t.size(-2) > k ? t.narrow(-2, 0, k) : t;
    };
    return svd_gradient({columns(u.get()), s.get(), rows(vh.get())}, columns(g[0]), g[1],
                        rows(g[2]));
  };
  const std::vector<Tensor> results = record("linalg.svd", {of.u, of.s, of.vh}, {a}, pullback);
  return {results[0], results[1], results[2]};
}

Tensor singular_values(const char* name, const Tensor& a) {
  const profile_scope scope(name);
  check_matrices(name, a);
  if (is_grad_enabled() && a.requires_grad()) return std::get<1>(linalg::svd(a, false));
  return decompose(name, a, Vectors::none).s;
}

Tensor svdvals(const Tensor& a) { return singular_values("linalg.svdvals", a); }

}  // namespace rw::linalg

namespace rw {

std::tuple<Tensor, Tensor, Tensor> svd(const Tensor& a, bool some, bool compute_uv) {
  linalg::check_matrices("svd", a);
  if (compute_uv) {
    const auto [u, s, vh] = linalg::svd(a, !some);
    return {u, s, linalg::transposed(vh)};
  }
  const int64_t m = a.size(-2), n = a.size(-1);
  const Shape batch = linalg::batch_of(a);
  return {zeros(linalg::with(batch, {m, m}), a.dtype()), linalg::svdvals(a),
          zeros(linalg::with(batch, {n, n}), a.dtype())};
}

}  // namespace rw
