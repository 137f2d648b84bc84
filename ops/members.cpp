#include <rewind/ops/indexing.h>
#include <rewind/ops/matmul.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/scan.h>
#include <rewind/ops/softmax.h>

// Members of Tensor that are functions under another spelling.

namespace rw {

Tensor Tensor::add(const Tensor& other, Scalar alpha) const { return rw::add(*this, other, alpha); }
Tensor Tensor::add(Scalar other) const { return rw::add(*this, other); }
Tensor Tensor::sub(const Tensor& other, Scalar alpha) const { return rw::sub(*this, other, alpha); }
Tensor Tensor::sub(Scalar other) const { return rw::sub(*this, other); }
Tensor Tensor::mul(const Tensor& other) const { return rw::mul(*this, other); }
Tensor Tensor::mul(Scalar other) const { return rw::mul(*this, other); }
Tensor Tensor::div(const Tensor& other) const { return rw::div(*this, other); }
Tensor Tensor::div(Scalar other) const { return rw::div(*this, other); }
Tensor Tensor::remainder(const Tensor& other) const { return rw::remainder(*this, other); }
Tensor Tensor::remainder(Scalar other) const { return rw::remainder(*this, other); }
Tensor Tensor::eq(const Tensor& other) const { return rw::eq(*this, other); }
Tensor Tensor::eq(Scalar other) const { return rw::eq(*this, other); }
Tensor Tensor::ne(const Tensor& other) const { return rw::ne(*this, other); }
Tensor Tensor::ne(Scalar other) const { return rw::ne(*this, other); }
Tensor Tensor::lt(const Tensor& other) const { return rw::lt(*this, other); }
Tensor Tensor::lt(Scalar other) const { return rw::lt(*this, other); }
Tensor Tensor::le(const Tensor& other) const { return rw::le(*this, other); }
Tensor Tensor::le(Scalar other) const { return rw::le(*this, other); }
Tensor Tensor::gt(const Tensor& other) const { return rw::gt(*this, other); }
Tensor Tensor::gt(Scalar other) const { return rw::gt(*this, other); }
Tensor Tensor::ge(const Tensor& other) const { return rw::ge(*this, other); }
Tensor Tensor::ge(Scalar other) const { return rw::ge(*this, other); }
Tensor Tensor::bitwise_and(const Tensor& other) const { return rw::bitwise_and(*this, other); }
Tensor Tensor::bitwise_and(Scalar other) const { return rw::bitwise_and(*this, other); }
Tensor Tensor::bitwise_or(const Tensor& other) const { return rw::bitwise_or(*this, other); }
Tensor Tensor::bitwise_or(Scalar other) const { return rw::bitwise_or(*this, other); }
Tensor Tensor::bitwise_xor(const Tensor& other) const { return rw::bitwise_xor(*this, other); }
Tensor Tensor::bitwise_xor(Scalar other) const { return rw::bitwise_xor(*this, other); }
Tensor Tensor::maximum(const Tensor& other) const { return rw::maximum(*this, other); }
Tensor Tensor::minimum(const Tensor& other) const { return rw::minimum(*this, other); }
Tensor Tensor::logical_and(const Tensor& other) const { return rw::logical_and(*this, other); }
Tensor Tensor::logical_or(const Tensor& other) const { return rw::logical_or(*this, other); }
Tensor Tensor::sign() const { return rw::sign(*this); }
Tensor Tensor::expm1() const { return rw::expm1(*this); }
Tensor Tensor::floor() const { return rw::floor(*this); }
Tensor Tensor::ceil() const { return rw::ceil(*this); }
Tensor Tensor::round() const { return rw::round(*this); }
Tensor Tensor::logical_not() const { return rw::logical_not(*this); }
Tensor Tensor::bitwise_not() const { return rw::bitwise_not(*this); }
Tensor Tensor::isnan() const { return rw::isnan(*this); }
Tensor Tensor::isfinite() const { return rw::isfinite(*this); }
Tensor Tensor::clamp_min(double min) const { return rw::clamp_min(*this, min); }
Tensor Tensor::clamp_max(double max) const { return rw::clamp_max(*this, max); }
Tensor Tensor::where(const Tensor& mask, const Tensor& other) const {
  return rw::where(mask, *this, other);
}
Tensor Tensor::where(const Tensor& mask, Scalar other) const {
  return rw::where(mask, *this, other);
}
bool Tensor::allclose(const Tensor& other, double rtol, double atol, bool equal_nan) const {
  return rw::allclose(*this, other, rtol, atol, equal_nan);
}
bool Tensor::equal(const Tensor& other) const { return rw::equal(*this, other); }
Tensor Tensor::mm(const Tensor& other) const { return rw::mm(*this, other); }
Tensor Tensor::bmm(const Tensor& other) const { return rw::bmm(*this, other); }
Tensor Tensor::scatter_add(int64_t dim, const Tensor& index, const Tensor& src) const {
  return rw::scatter_add(*this, dim, index, src);
}
Tensor Tensor::masked_select(const Tensor& mask) const { return rw::masked_select(*this, mask); }
Tensor Tensor::nonzero() const { return rw::nonzero(*this); }
Tensor Tensor::tril(int64_t diagonal) const { return rw::tril(*this, diagonal); }
Tensor Tensor::triu(int64_t diagonal) const { return rw::triu(*this, diagonal); }
Tensor Tensor::gather(int64_t dim, const Tensor& index) const {
  return rw::gather(*this, dim, index);
}
Tensor Tensor::index_select(int64_t dim, const Tensor& index) const {
  return rw::index_select(*this, dim, index);
}
Tensor Tensor::masked_fill(const Tensor& mask, Scalar value) const {
  return rw::masked_fill(*this, mask, value);
}
Tensor Tensor::matmul(const Tensor& other) const { return rw::matmul(*this, other); }
Tensor Tensor::abs() const { return rw::abs(*this); }
Tensor Tensor::neg() const { return rw::neg(*this); }
Tensor Tensor::exp() const { return rw::exp(*this); }
Tensor Tensor::log() const { return rw::log(*this); }
Tensor Tensor::log1p() const { return rw::log1p(*this); }
Tensor Tensor::sqrt() const { return rw::sqrt(*this); }
Tensor Tensor::rsqrt() const { return rw::rsqrt(*this); }
Tensor Tensor::reciprocal() const { return rw::reciprocal(*this); }
Tensor Tensor::square() const { return rw::square(*this); }
Tensor Tensor::sin() const { return rw::sin(*this); }
Tensor Tensor::cos() const { return rw::cos(*this); }
Tensor Tensor::tanh() const { return rw::tanh(*this); }
Tensor Tensor::sigmoid() const { return rw::sigmoid(*this); }
Tensor Tensor::erf() const { return rw::erf(*this); }
Tensor Tensor::relu() const { return rw::relu(*this); }
Tensor Tensor::clamp(std::optional<double> min, std::optional<double> max) const {
  return rw::clamp(*this, min, max);
}
Tensor Tensor::pow(const Tensor& exponent) const { return rw::pow(*this, exponent); }
Tensor Tensor::pow(Scalar exponent) const { return rw::pow(*this, exponent); }
Tensor Tensor::sum() const { return rw::sum(*this); }
Tensor Tensor::sum(const Dims& dims, bool keepdim) const { return rw::sum(*this, dims, keepdim); }
Tensor Tensor::mean() const { return rw::mean(*this); }
Tensor Tensor::mean(const Dims& dims, bool keepdim) const { return rw::mean(*this, dims, keepdim); }
Tensor Tensor::var() const { return rw::var(*this); }
Tensor Tensor::var(const Dims& dims, Scalar correction, bool keepdim) const {
  return rw::var(*this, dims, correction, keepdim);
}
Tensor Tensor::std() const { return rw::std(*this); }
Tensor Tensor::std(const Dims& dims, Scalar correction, bool keepdim) const {
  return rw::std(*this, dims, correction, keepdim);
}
Tensor Tensor::amax(const Dims& dims, bool keepdim) const { return rw::amax(*this, dims, keepdim); }
Tensor Tensor::amin(const Dims& dims, bool keepdim) const { return rw::amin(*this, dims, keepdim); }
std::pair<Tensor, Tensor> Tensor::max(int64_t dim, bool keepdim) const {
  return rw::max(*this, dim, keepdim);
}
std::pair<Tensor, Tensor> Tensor::min(int64_t dim, bool keepdim) const {
  return rw::min(*this, dim, keepdim);
}
Tensor Tensor::argmax(std::optional<int64_t> dim, bool keepdim) const {
  return rw::argmax(*this, dim, keepdim);
}
Tensor Tensor::argmin(std::optional<int64_t> dim, bool keepdim) const {
  return rw::argmin(*this, dim, keepdim);
}
Tensor Tensor::prod(std::optional<int64_t> dim, bool keepdim) const {
  return rw::prod(*this, dim, keepdim);
}
Tensor Tensor::logsumexp(const Dims& dims, bool keepdim) const {
  return rw::logsumexp(*this, dims, keepdim);
}
Tensor Tensor::all(const Dims& dims, bool keepdim) const { return rw::all(*this, dims, keepdim); }
Tensor Tensor::any(const Dims& dims, bool keepdim) const { return rw::any(*this, dims, keepdim); }
Tensor Tensor::softmax(int64_t dim) const { return rw::softmax(*this, dim); }
Tensor Tensor::log_softmax(int64_t dim) const { return rw::log_softmax(*this, dim); }

}  // namespace rw
