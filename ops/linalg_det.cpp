#include <cmath>
#include <limits>

#include <rewind/ops/indexing.h>
#include <rewind/ops/linalg_parts.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/factories.h>

namespace rw::linalg {
namespace {

// Calls f(i, the diagonal of U, its step, the sign of the permutation) for each matrix.
template <class T, class F>
void each_diagonal(const Lu& lu, F&& f) {
  const int64_t n = lu.factors.size(-1);
  const T* const factors = static_cast<const T*>(lu.factors.raw_data());
  const auto* const pivots = static_cast<const int32_t*>(lu.pivots.raw_data());
  each_matrix(batch_of(lu.factors).numel(), n, [&](int64_t i) {
    bool odd = false;
    for (int64_t k = 0; k < n; ++k) odd ^= pivots[i * n + k] != k;
    f(i, factors + i * n * n, T(odd ? -1 : 1));
  });
}

// g times the matrix of cofactors, whatever the rank. With a = u m v^T, u and v orthogonal, that is
// det(u) det(v) u c v^T, where c has the cofactors of m. For the diagonal m that singular values
// make up, c_ii is the product of all others, and c_ij, to first order, -m_ji times that of all but
// two: enough for the second derivatives of a determinant.
Tensor cofactors_of_any(const Tensor& a, const Tensor& g) {
  const int64_t n = a.size(-1);
  const auto [u, s, vh] = linalg::svd(a.detach());
  const Tensor sign = linalg::det(u) * linalg::det(vh);
  const Tensor m = times(transposed_times(u, a), transposed(vh)), one = eye(n, boolean);
  const Tensor d = m.diagonal(0, -2, -1).unsqueeze(-2), number = ones({}, a.dtype());
  const Tensor factor = (g * sign).unsqueeze(-1).unsqueeze(-1);
  if (!is_grad_enabled()) {
    const Tensor others = where(one, number, d).prod(-1);
    return times(u * others.unsqueeze(-2), vh) * factor;
  }
  const Tensor either = logical_or(one.unsqueeze(0), one.unsqueeze(1));
  const Tensor others = where(either, number, d.unsqueeze(-2)).prod(-1);
  const Tensor c = others * where(one, number, neg(transposed(m)));
  return times(times(u, c), vh) * factor;
}

// The same, where the determinant is not 0: det a^-T.
Tensor cofactors(const Tensor& a, const Tensor& det_of_a, const Tensor& g, const Lu& lu) {
  const Tensor inverse = is_grad_enabled() ? inv_ex(a).first : lu.inverse();
  return transposed(inverse) * (g * det_of_a).unsqueeze(-1).unsqueeze(-1);
}

Tensor determinants(const Lu& lu) {
  const Tensor y = rw::detail::make_tensor(batch_of(lu.factors), lu.factors.dtype());
  const int64_t n = lu.factors.size(-1);
  dispatch_among<float, double>(y.dtype(), [&]<class T>() {
    T* const out = static_cast<T*>(y.raw_data());
    each_diagonal<T>(lu, [&](int64_t i, const T* u, T sign) {
      for (int64_t k = 0; k < n; ++k) sign *= u[k * (n + 1)];
      out[i] = sign;
    });
  });
  return y;
}

}  // namespace

Tensor det(const Tensor& a) {
  const profile_scope scope("linalg.det");
  check_square("linalg.det", a);
  const Lu lu(a);
  const Tensor y = determinants(lu);
  return record("linalg.det", y, {a},
                [lu, a = save(a), y = save_result(y)](const Tensor& g, Needs) -> Grads {
                  const Tensor matrix = a.get();
                  if (first_failure(lu.zero_at) < 0) return cofactors(matrix, y.get(), g, lu);
                  return cofactors_of_any(matrix, g);
                });
}

// dlog|det a| = a^-T g
std::pair<Tensor, Tensor> slogdet(const Tensor& a) {
  const profile_scope scope("linalg.slogdet");
  check_square("linalg.slogdet", a);
  const Lu lu(a);
  const int64_t n = a.size(-1);
  const Tensor signs = rw::detail::make_tensor(batch_of(a), a.dtype());
  const Tensor logs = rw::detail::make_tensor(batch_of(a), a.dtype());
  dispatch_among<float, double>(a.dtype(), [&]<class T>() {
    T* const sign_of = static_cast<T*>(signs.raw_data());
    T* const log_of = static_cast<T*>(logs.raw_data());
    each_diagonal<T>(lu, [&](int64_t i, const T* u, T sign) {
      T sum = 0;
      for (int64_t k = 0; k < n; ++k) {
        const T pivot = u[k * (n + 1)];
        sign *= pivot == 0 ? T(0) : std::copysign(T(1), pivot);
        sum += std::log(std::abs(pivot));
      }
      sign_of[i] = sign;
      log_of[i] = sum;
    });
  });
  const auto pullback = [lu, a = save(a)](std::span<const Tensor> g, Needs) -> Grads {
    if (!g[1].defined()) return zeros_like(a.get());
    const Tensor inverse = is_grad_enabled() ? inv_ex(a.get()).first : lu.inverse();
    return transposed(inverse) * g[1].unsqueeze(-1).unsqueeze(-1);
  };
  const std::vector<Tensor> results = record("linalg.slogdet", {signs, logs}, {a}, pullback);
  return {results[0], results[1]};
}

}  // namespace rw::linalg

namespace rw {

Tensor det(const Tensor& a) { return linalg::det(a); }
std::pair<Tensor, Tensor> slogdet(const Tensor& a) { return linalg::slogdet(a); }

Tensor logdet(const Tensor& a) {
  const auto [sign, log] = linalg::slogdet(a);
  return where(sign < 0, std::numeric_limits<double>::quiet_NaN(), log);
}

}  // namespace rw
