#include <rewind/ops/reduction.h>
#include <rewind/ops/scan.h>
#include <rewind/ops/searching.h>
#include <rewind/ops/sorting.h>
#include <rewind/ops/statistics.h>
#include <rewind/ops/vector_norm.h>

// Members of Tensor that are functions under another spelling: order and statistics.

namespace rw {

std::pair<Tensor, Tensor> Tensor::sort(int64_t dim, bool descending, bool stable) const {
  return rw::sort(*this, dim, descending, stable);
}
Tensor Tensor::argsort(int64_t dim, bool descending, bool stable) const {
  return rw::argsort(*this, dim, descending, stable);
}
Tensor Tensor::msort() const { return rw::msort(*this); }
std::pair<Tensor, Tensor> Tensor::topk(int64_t k, int64_t dim, bool largest, bool sorted) const {
  return rw::topk(*this, k, dim, largest, sorted);
}
std::pair<Tensor, Tensor> Tensor::kthvalue(int64_t k, int64_t dim, bool keepdim) const {
  return rw::kthvalue(*this, k, dim, keepdim);
}
Tensor Tensor::median() const { return rw::median(*this); }
std::pair<Tensor, Tensor> Tensor::median(int64_t dim, bool keepdim) const {
  return rw::median(*this, dim, keepdim);
}
Tensor Tensor::nanmedian() const { return rw::nanmedian(*this); }
std::pair<Tensor, Tensor> Tensor::nanmedian(int64_t dim, bool keepdim) const {
  return rw::nanmedian(*this, dim, keepdim);
}
std::pair<Tensor, Tensor> Tensor::mode(int64_t dim, bool keepdim) const {
  return rw::mode(*this, dim, keepdim);
}
Tensor Tensor::cumsum(int64_t dim, std::optional<DType> dtype) const {
  return rw::cumsum(*this, dim, dtype);
}
Tensor Tensor::cumprod(int64_t dim, std::optional<DType> dtype) const {
  return rw::cumprod(*this, dim, dtype);
}
std::pair<Tensor, Tensor> Tensor::cummax(int64_t dim) const { return rw::cummax(*this, dim); }
std::pair<Tensor, Tensor> Tensor::cummin(int64_t dim) const { return rw::cummin(*this, dim); }
Tensor Tensor::logcumsumexp(int64_t dim) const { return rw::logcumsumexp(*this, dim); }
Tensor Tensor::sum(const Dims& dims, bool keepdim, DType dtype) const {
  return rw::sum(*this, dims, keepdim, dtype);
}
Tensor Tensor::mean(const Dims& dims, bool keepdim, DType dtype) const {
  return rw::mean(*this, dims, keepdim, dtype);
}
Tensor Tensor::prod(std::optional<int64_t> dim, bool keepdim, DType dtype) const {
  return rw::prod(*this, dim, keepdim, dtype);
}
std::pair<Tensor, Tensor> Tensor::aminmax(std::optional<int64_t> dim, bool keepdim) const {
  return rw::aminmax(*this, dim, keepdim);
}
Tensor Tensor::nansum(const Dims& dims, bool keepdim, std::optional<DType> dtype) const {
  return rw::nansum(*this, dims, keepdim, dtype);
}
Tensor Tensor::nanmean(const Dims& dims, bool keepdim, std::optional<DType> dtype) const {
  return rw::nanmean(*this, dims, keepdim, dtype);
}
Tensor Tensor::count_nonzero(const Dims& dims) const { return rw::count_nonzero(*this, dims); }
Tensor Tensor::corrcoef() const { return rw::corrcoef(*this); }
Tensor Tensor::cov() const { return rw::cov(*this); }
Tensor Tensor::cov(const CovOptions& options) const { return rw::cov(*this, options); }
Tensor Tensor::quantile(double q) const { return rw::quantile(*this, q); }
Tensor Tensor::quantile(double q, const QuantileOptions& options) const {
  return rw::quantile(*this, q, options);
}
Tensor Tensor::quantile(const Tensor& q) const { return rw::quantile(*this, q); }
Tensor Tensor::quantile(const Tensor& q, const QuantileOptions& options) const {
  return rw::quantile(*this, q, options);
}
Tensor Tensor::nanquantile(double q) const { return rw::nanquantile(*this, q); }
Tensor Tensor::nanquantile(double q, const QuantileOptions& options) const {
  return rw::nanquantile(*this, q, options);
}
Tensor Tensor::nanquantile(const Tensor& q) const { return rw::nanquantile(*this, q); }
Tensor Tensor::nanquantile(const Tensor& q, const QuantileOptions& options) const {
  return rw::nanquantile(*this, q, options);
}
Tensor Tensor::norm(Scalar p, const Dims& dims, bool keepdim, std::optional<DType> dtype) const {
  return rw::norm(*this, p, dims, keepdim, dtype);
}
Tensor Tensor::dist(const Tensor& other, Scalar p) const { return rw::dist(*this, other, p); }
Tensor Tensor::renorm(Scalar p, int64_t dim, Scalar maxnorm) const {
  return rw::renorm(*this, p, dim, maxnorm);
}
Tensor Tensor::diff(int64_t n, int64_t dim) const { return rw::diff(*this, n, dim); }
Tensor Tensor::diff(int64_t n, int64_t dim, const Tensor& prepend, const Tensor& append) const {
  return rw::diff(*this, n, dim, prepend, append);
}
Unique Tensor::unique() const { return rw::unique(*this); }
Unique Tensor::unique(const UniqueOptions& options) const { return rw::unique(*this, options); }
Unique Tensor::unique_consecutive() const { return rw::unique_consecutive(*this); }
Unique Tensor::unique_consecutive(const UniqueOptions& options) const {
  return rw::unique_consecutive(*this, options);
}
Histogram Tensor::histogram(int64_t bins) const { return rw::histogram(*this, bins); }
Histogram Tensor::histogram(int64_t bins, const HistogramOptions& options) const {
  return rw::histogram(*this, bins, options);
}
Histogram Tensor::histogram(const Tensor& bins) const { return rw::histogram(*this, bins); }
Histogram Tensor::histogram(const Tensor& bins, const HistogramOptions& options) const {
  return rw::histogram(*this, bins, options);
}
Tensor Tensor::histc(int64_t bins, Scalar min, Scalar max) const {
  return rw::histc(*this, bins, min, max);
}
Tensor Tensor::bincount() const { return rw::bincount(*this); }
Tensor Tensor::bincount(const Tensor& weights, int64_t minlength) const {
  return rw::bincount(*this, weights, minlength);
}

}  // namespace rw
