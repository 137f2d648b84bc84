#pragma once
// What rows.cpp needs of Rewind beyond the names that both libraries have.

#include <rewind/rewind.h>

#include <string>
#include <vector>

namespace lib {

using namespace rw;
using Type = DType;

inline const Type bf16 = bfloat16, f32 = float32, f64 = float64, i64 = int64, b8 = boolean;

inline Type type_of(const Tensor& t) { return t.dtype(); }
inline std::vector<int64_t> sizes(const Tensor& t) { return {t.shape().begin(), t.shape().end()}; }
inline Shape shape_of(const std::vector<int64_t>& sizes) {
  Shape s;
  for (const int64_t n : sizes) s.push_back(n);
  return s;
}
inline Tensor uniform(const std::vector<int64_t>& sizes) { return rand(shape_of(sizes)); }
inline Tensor expanded(const Tensor& t, const std::vector<int64_t>& sizes) {
  return t.expand(shape_of(sizes));
}
inline Tensor channels_last(const Tensor& t) { return t.contiguous(MemoryFormat::channels_last); }
inline Tensor leaf(const Tensor& t) { return t.detach().requires_grad_(); }
inline void clear_grad(Tensor& t) { t.set_grad({}); }
inline void run_backward(const Tensor& y, const Tensor& g) { y.backward(g); }
using NoGrad = no_grad;

inline Tensor conv(const Tensor& x, const Tensor& w, int64_t stride, int64_t padding,
                   int64_t groups) {
  return conv2d(x, w, {}, {.stride = stride, .padding = padding, .groups = groups});
}
inline Tensor padded(const Tensor& x, const std::string& mode) {
  return pad(x, {1, 1, 1, 1},
             mode == "reflect"     ? PaddingMode::reflect
             : mode == "replicate" ? PaddingMode::replicate
             : mode == "circular"  ? PaddingMode::circular
                                   : PaddingMode::zeros);
}
inline Tensor batch_norm_of(const Tensor& x, const Tensor& w) {
  return batch_norm(x, w, w, zeros({w.size(0)}, w.dtype()), ones({w.size(0)}, w.dtype()),
                    {.training = true});
}
inline Tensor layer_norm_of(const Tensor& x) { return layer_norm(x, {x.size(-1)}); }
inline Tensor instance_norm_of(const Tensor& x) { return instance_norm(x); }
inline Tensor cross_entropy_of(const Tensor& x, const Tensor& t) { return cross_entropy(x, t); }
inline Tensor bce_with_logits(const Tensor& x, const Tensor& y) {
  return binary_cross_entropy_with_logits(x, y);
}
inline Tensor gelu_by_tanh(const Tensor& x) { return gelu(x, Gelu::tanh); }
inline Tensor sum_of(const Tensor& x, const std::vector<int64_t>& dims) {
  return sum(x, shape_of(dims));
}
inline Tensor logical_inverse(const Tensor& x) { return logical_not(x); }

/// Functions of linalg that differ in how they are called or return.
namespace algebra {
inline Tensor identity(int64_t n, Type type) { return eye(n, type); }
inline Tensor inv(const Tensor& a) { return linalg::inv(a); }
inline Tensor inv_ex(const Tensor& a) { return linalg::inv_ex(a).first; }
inline Tensor solve(const Tensor& a, const Tensor& b) { return linalg::solve(a, b); }
inline Tensor solve_ex(const Tensor& a, const Tensor& b) { return linalg::solve_ex(a, b).first; }
inline Tensor solve_triangular(const Tensor& a, const Tensor& b) {
  return linalg::solve_triangular(a, b, true);
}
inline Tensor triangular_solve(const Tensor& a, const Tensor& b) {
  return rw::triangular_solve(b, a).first;
}
inline Tensor tensorinv(const Tensor& a) { return linalg::tensorinv(a, 1); }
inline Tensor tensorsolve(const Tensor& a, const Tensor& b) {
  return linalg::tensorsolve(a, b.select(1, 0));
}
inline Tensor lstsq(const Tensor& a, const Tensor& b) { return linalg::lstsq(a, b).solution; }
inline Tensor det(const Tensor& a) { return linalg::det(a); }
inline Tensor slogdet(const Tensor& a) { return linalg::slogdet(a).second; }
inline Tensor logdet(const Tensor& a) { return rw::logdet(a); }
inline Tensor cholesky(const Tensor& a) { return linalg::cholesky(a); }
inline Tensor cholesky_ex(const Tensor& a) { return linalg::cholesky_ex(a).first; }
inline Tensor cholesky_solve(const Tensor& a, const Tensor& b) { return rw::cholesky_solve(b, a); }
inline Tensor cholesky_inverse(const Tensor& a) { return rw::cholesky_inverse(a); }
inline Tensor lu(const Tensor& a) { return std::get<2>(linalg::lu(a)); }
inline Tensor lu_factor(const Tensor& a) { return linalg::lu_factor(a).first; }
inline Tensor lu_factor_ex(const Tensor& a) { return std::get<0>(linalg::lu_factor_ex(a)); }
inline Tensor qr(const Tensor& a) { return linalg::qr(a).second; }
inline Tensor eigh(const Tensor& a) { return linalg::eigh(a).first; }
inline Tensor eigvalsh(const Tensor& a) { return linalg::eigvalsh(a); }
inline Tensor svd(const Tensor& a) { return std::get<1>(linalg::svd(a, false)); }
inline Tensor svdvals(const Tensor& a) { return linalg::svdvals(a); }
inline Tensor pinv(const Tensor& a) { return linalg::pinv(a); }
inline Tensor matrix_rank(const Tensor& a) { return linalg::matrix_rank(a); }
inline Tensor matrix_norm(const Tensor& a) { return linalg::matrix_norm(a); }
inline Tensor cond(const Tensor& a) { return linalg::cond(a); }
inline Tensor vecdot(const Tensor& a, const Tensor& b) { return linalg::vecdot(a, b.select(1, 0)); }
inline Tensor norm(const Tensor& a) { return linalg::norm(a); }
inline Tensor diagonal(const Tensor& a) { return linalg::diagonal(a); }
inline Tensor multi_dot(const Tensor& a, const Tensor& b) { return linalg::multi_dot({a, a, b}); }
inline Tensor lu_solve(const Tensor& a, const Tensor& b) {
  const auto [lu, pivots] = linalg::lu_factor(a);
  return linalg::lu_solve(lu, pivots, b);
}
inline Tensor lu_unpack(const Tensor& a) {
  const auto [lu, pivots] = linalg::lu_factor(a);
  return std::get<1>(lib::lu_unpack(lu, pivots));
}
}  // namespace algebra

}  // namespace lib
