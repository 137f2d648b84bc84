#pragma once
// What rows.cpp needs of libtorch beyond the names that both libraries have.

#include <torch/torch.h>

#include <string>
#include <vector>

namespace lib {

using namespace torch;
using Type = c10::ScalarType;

inline const Type bf16 = torch::kBFloat16, f32 = torch::kFloat32, f64 = torch::kFloat64,
                  i64 = torch::kInt64, b8 = torch::kBool;

inline Type type_of(const Tensor& t) { return t.scalar_type(); }
inline std::vector<int64_t> sizes(const Tensor& t) { return t.sizes().vec(); }
inline Tensor uniform(const std::vector<int64_t>& sizes) { return torch::rand(sizes); }
inline Tensor expanded(const Tensor& t, const std::vector<int64_t>& sizes) {
  return t.expand(sizes);
}
inline Tensor channels_last(const Tensor& t) {
  return t.contiguous(torch::MemoryFormat::ChannelsLast);
}
inline Tensor leaf(const Tensor& t) { return t.detach().requires_grad_(); }
inline void clear_grad(Tensor& t) { t.mutable_grad() = Tensor(); }
inline void run_backward(const Tensor& y, const Tensor& g) { y.backward(g); }
using NoGrad = torch::NoGradGuard;

inline Tensor conv(const Tensor& x, const Tensor& w, int64_t stride, int64_t padding,
                   int64_t groups) {
  return torch::conv2d(x, w, {}, stride, padding, 1, groups);
}
inline Tensor padded(const Tensor& x, const std::string& mode) {
  namespace F = torch::nn::functional;
  F::PadFuncOptions options({1, 1, 1, 1});
  if (mode == "reflect") options.mode(torch::kReflect);
  if (mode == "replicate") options.mode(torch::kReplicate);
  if (mode == "circular") options.mode(torch::kCircular);
  return F::pad(x, options);
}
inline Tensor batch_norm_of(const Tensor& x, const Tensor& w) {
  return torch::batch_norm(x, w, w, torch::zeros({w.size(0)}, w.dtype()),
                           torch::ones({w.size(0)}, w.dtype()), true, 0.1, 1e-5, false);
}
inline Tensor layer_norm_of(const Tensor& x) { return torch::layer_norm(x, {x.size(-1)}); }
inline Tensor instance_norm_of(const Tensor& x) {
  return torch::instance_norm(x, {}, {}, {}, {}, true, 0.1, 1e-5, false);
}
inline Tensor cross_entropy_of(const Tensor& x, const Tensor& t) {
  return torch::cross_entropy_loss(x, t);
}
inline Tensor bce_with_logits(const Tensor& x, const Tensor& y) {
  return torch::binary_cross_entropy_with_logits(x, y);
}
inline Tensor gelu_by_tanh(const Tensor& x) { return torch::gelu(x, "tanh"); }
inline Tensor sum_of(const Tensor& x, const std::vector<int64_t>& dims) {
  return torch::sum(x, c10::OptionalArrayRef<int64_t>(dims));
}
inline Tensor logical_inverse(const Tensor& x) { return torch::logical_not(x); }

/// Functions of linalg that differ in how they are called or return.
namespace algebra {
inline Tensor identity(int64_t n, Type type) { return torch::eye(n, type); }
inline Tensor inv(const Tensor& a) { return torch::linalg_inv(a); }
inline Tensor inv_ex(const Tensor& a) { return std::get<0>(torch::linalg_inv_ex(a)); }
inline Tensor solve(const Tensor& a, const Tensor& b) { return torch::linalg_solve(a, b); }
inline Tensor solve_ex(const Tensor& a, const Tensor& b) {
  return std::get<0>(torch::linalg_solve_ex(a, b));
}
inline Tensor solve_triangular(const Tensor& a, const Tensor& b) {
  return torch::linalg_solve_triangular(a, b, true);
}
inline Tensor triangular_solve(const Tensor& a, const Tensor& b) {
  return std::get<0>(torch::triangular_solve(b, a));
}
inline Tensor tensorinv(const Tensor& a) { return torch::linalg_tensorinv(a, 1); }
inline Tensor tensorsolve(const Tensor& a, const Tensor& b) {
  return torch::linalg_tensorsolve(a, b.select(1, 0));
}
inline Tensor lstsq(const Tensor& a, const Tensor& b) {
  return std::get<0>(torch::linalg_lstsq(a, b));
}
inline Tensor det(const Tensor& a) { return torch::linalg_det(a); }
inline Tensor slogdet(const Tensor& a) { return std::get<1>(torch::linalg_slogdet(a)); }
inline Tensor logdet(const Tensor& a) { return torch::logdet(a); }
inline Tensor cholesky(const Tensor& a) { return torch::linalg_cholesky(a); }
inline Tensor cholesky_ex(const Tensor& a) { return std::get<0>(torch::linalg_cholesky_ex(a)); }
inline Tensor cholesky_solve(const Tensor& a, const Tensor& b) {
  return torch::cholesky_solve(b, a);
}
inline Tensor cholesky_inverse(const Tensor& a) { return torch::cholesky_inverse(a); }
inline Tensor lu(const Tensor& a) { return std::get<2>(torch::linalg_lu(a)); }
inline Tensor lu_factor(const Tensor& a) { return std::get<0>(torch::linalg_lu_factor(a)); }
inline Tensor lu_factor_ex(const Tensor& a) { return std::get<0>(torch::linalg_lu_factor_ex(a)); }
inline Tensor qr(const Tensor& a) { return std::get<1>(torch::linalg_qr(a)); }
inline Tensor eigh(const Tensor& a) { return std::get<0>(torch::linalg_eigh(a)); }
inline Tensor eigvalsh(const Tensor& a) { return torch::linalg_eigvalsh(a); }
inline Tensor svd(const Tensor& a) { return std::get<1>(torch::linalg_svd(a, false)); }
inline Tensor svdvals(const Tensor& a) { return torch::linalg_svdvals(a); }
inline Tensor pinv(const Tensor& a) { return torch::linalg_pinv(a); }
inline Tensor matrix_rank(const Tensor& a) { return torch::linalg_matrix_rank(a); }
inline Tensor matrix_norm(const Tensor& a) { return torch::linalg_matrix_norm(a); }
inline Tensor cond(const Tensor& a) { return torch::linalg_cond(a); }
inline Tensor vecdot(const Tensor& a, const Tensor& b) {
  return torch::linalg_vecdot(a, b.select(1, 0));
}
inline Tensor norm(const Tensor& a) { return torch::linalg_norm(a); }
inline Tensor diagonal(const Tensor& a) { return torch::linalg_diagonal(a); }
inline Tensor multi_dot(const Tensor& a, const Tensor& b) {
  return torch::linalg_multi_dot({a, a, b});
}
inline Tensor lu_solve(const Tensor& a, const Tensor& b) {
  const auto [lu, pivots] = torch::linalg_lu_factor(a);
  return torch::linalg_lu_solve(lu, pivots, b);
}
inline Tensor lu_unpack(const Tensor& a) {
  const auto [lu, pivots] = torch::linalg_lu_factor(a);
  return std::get<1>(torch::lu_unpack(lu, pivots));
}
}  // namespace algebra

}  // namespace lib
