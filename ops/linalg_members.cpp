#include <rewind/ops/linalg.h>

// Members of Tensor that are functions under another spelling: linear algebra.

namespace rw {

Tensor Tensor::inverse() const { return rw::inverse(*this); }
Tensor Tensor::det() const { return rw::det(*this); }
Tensor Tensor::logdet() const { return rw::logdet(*this); }
std::pair<Tensor, Tensor> Tensor::slogdet() const { return rw::slogdet(*this); }
Tensor Tensor::pinverse(double rcond) const { return rw::pinverse(*this, rcond); }
Tensor Tensor::matrix_power(int64_t n) const { return rw::matrix_power(*this, n); }
Tensor Tensor::matrix_exp() const { return rw::matrix_exp(*this); }
std::tuple<Tensor, Tensor, Tensor> Tensor::svd(bool some, bool compute_uv) const {
  return rw::svd(*this, some, compute_uv);
}
Tensor Tensor::cholesky_solve(const Tensor& l, bool upper) const {
  return rw::cholesky_solve(*this, l, upper);
}
Tensor Tensor::cholesky_inverse(bool upper) const { return rw::cholesky_inverse(*this, upper); }
Tensor Tensor::lu_solve(const Tensor& lu, const Tensor& pivots) const {
  return rw::lu_solve(*this, lu, pivots);
}
std::pair<Tensor, Tensor> Tensor::triangular_solve(const Tensor& a, bool upper, bool transpose,
                                                   bool unitriangular) const {
  return rw::triangular_solve(*this, a, upper, transpose, unitriangular);
}

}  // namespace rw
