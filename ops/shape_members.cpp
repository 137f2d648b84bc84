#include <rewind/ops/argument_checks.h>
#include <rewind/ops/diagonals.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/products.h>
#include <rewind/ops/rearranging.h>
#include <rewind/ops/sampling.h>
#include <rewind/ops/scattering.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

// Members of Tensor that are functions under another spelling: rearranging, scattering, products,
// samples.

namespace rw {

Tensor Tensor::flip(const Dims& dims) const { return rw::flip(*this, dims); }
Tensor Tensor::fliplr() const { return rw::fliplr(*this); }
Tensor Tensor::flipud() const { return rw::flipud(*this); }
Tensor Tensor::roll(const Shape& shifts, const Dims& dims) const {
  return rw::roll(*this, shifts, dims);
}
Tensor Tensor::rot90(int64_t k, const Dims& dims) const { return rw::rot90(*this, k, dims); }
Tensor Tensor::movedim(const Dims& source, const Dims& destination) const {
  return rw::movedim(*this, source, destination);
}
Tensor Tensor::moveaxis(const Dims& source, const Dims& destination) const {
  return rw::moveaxis(*this, source, destination);
}
Tensor Tensor::swapaxes(int64_t dim0, int64_t dim1) const {
  return rw::swapaxes(*this, dim0, dim1);
}
Tensor Tensor::swapdims(int64_t dim0, int64_t dim1) const {
  return rw::swapdims(*this, dim0, dim1);
}
Tensor Tensor::repeat(const Shape& repeats) const { return rw::repeat(*this, repeats); }
Tensor Tensor::tile(const Shape& reps) const { return rw::tile(*this, reps); }
Tensor Tensor::repeat_interleave(int64_t repeats, std::optional<int64_t> dim) const {
  return rw::repeat_interleave(*this, repeats, dim);
}
Tensor Tensor::repeat_interleave(const Tensor& repeats, std::optional<int64_t> dim) const {
  return rw::repeat_interleave(*this, repeats, dim);
}
Tensor Tensor::ravel() const { return rw::ravel(*this); }
Tensor Tensor::squeeze(const Dims& dims) const { return rw::squeeze(*this, dims); }
Tensor Tensor::broadcast_to(const Shape& shape) const { return rw::broadcast_to(*this, shape); }
Tensor Tensor::unfold(int64_t dim, int64_t size, int64_t step) const {
  return rw::unfold(*this, dim, size, step);
}
Tensor Tensor::as_strided(const Shape& size, const Strides& stride,
                          std::optional<int64_t> storage_offset) const {
  return rw::as_strided(*this, size, stride, storage_offset);
}
Tensor Tensor::select_scatter(const Tensor& src, int64_t dim, int64_t index) const {
  return rw::select_scatter(*this, src, dim, index);
}
Tensor Tensor::slice_scatter(const Tensor& src, int64_t dim, int64_t start, int64_t stop,
                             int64_t step) const {
  return rw::slice_scatter(*this, src, dim, start, stop, step);
}
Tensor Tensor::diagonal_scatter(const Tensor& src, int64_t offset, int64_t dim1,
                                int64_t dim2) const {
  return rw::diagonal_scatter(*this, src, offset, dim1, dim2);
}
Tensor Tensor::as_strided_scatter(const Tensor& src, const Shape& size, const Strides& stride,
                                  std::optional<int64_t> storage_offset) const {
  return rw::as_strided_scatter(*this, src, size, stride, storage_offset);
}
Tensor Tensor::view_as(const Tensor& other) const {
  check(other.defined(), "view_as: the other tensor is undefined");
  return view(other.shape());
}
Tensor Tensor::sum_to_size(const Shape& shape) const {
  detail::check_defined("sum_to_size", *this);
  const int extra = dim() - shape.rank();
  bool fits = extra >= 0;
  Dims summed;
  for (int d = 0; fits && d < dim(); ++d) {
    const int64_t kept = d < extra ? 1 : shape[d - extra];
    fits = kept == size(d) || kept == 1;
    if (d < extra || kept != size(d)) summed.push_back(d);
  }
  check<ShapeError>(fits, "sum_to_size: shape {} does not expand to {}", shape, this->shape());
  if (shape.rank() == 0) return sum();
  return summed.rank() == 0 ? *this : sum(summed, true).view(shape);
}
Tensor Tensor::reshape_as(const Tensor& other) const {
  check(other.defined(), "reshape_as: the other tensor is undefined");
  return reshape(other.shape());
}
std::vector<Tensor> Tensor::tensor_split(int64_t sections, int64_t dim) const {
  return rw::tensor_split(*this, sections, dim);
}
std::vector<Tensor> Tensor::tensor_split(const std::vector<int64_t>& indices, int64_t dim) const {
  return rw::tensor_split(*this, indices, dim);
}
std::vector<Tensor> Tensor::hsplit(int64_t sections) const { return rw::hsplit(*this, sections); }
std::vector<Tensor> Tensor::hsplit(const std::vector<int64_t>& indices) const {
  return rw::hsplit(*this, indices);
}
std::vector<Tensor> Tensor::vsplit(int64_t sections) const { return rw::vsplit(*this, sections); }
std::vector<Tensor> Tensor::vsplit(const std::vector<int64_t>& indices) const {
  return rw::vsplit(*this, indices);
}
std::vector<Tensor> Tensor::dsplit(int64_t sections) const { return rw::dsplit(*this, sections); }
std::vector<Tensor> Tensor::dsplit(const std::vector<int64_t>& indices) const {
  return rw::dsplit(*this, indices);
}
std::vector<Tensor> Tensor::split_with_sizes(const std::vector<int64_t>& sizes, int64_t dim) const {
  return split(sizes, dim);
}
Tensor Tensor::diag(int64_t diagonal) const { return rw::diag(*this, diagonal); }
Tensor Tensor::diag_embed(int64_t offset, int64_t dim1, int64_t dim2) const {
  return rw::diag_embed(*this, offset, dim1, dim2);
}
Tensor Tensor::diagflat(int64_t offset) const { return rw::diagflat(*this, offset); }
Tensor Tensor::trace() const { return rw::trace(*this); }
namespace {
// In the dtype of t unless another is given.
TensorOptions options_like(const Tensor& t, TensorOptions options) {
  options.dtype = options.dtype.value_or(t.dtype());
  return options;
}
}  // namespace
Tensor Tensor::new_zeros(const Shape& shape, const TensorOptions& options) const {
  return zeros(shape, options_like(*this, options));
}
Tensor Tensor::new_ones(const Shape& shape, const TensorOptions& options) const {
  return ones(shape, options_like(*this, options));
}
Tensor Tensor::new_full(const Shape& shape, Scalar value, const TensorOptions& options) const {
  return full(shape, value, options_like(*this, options));
}
Tensor Tensor::new_empty(const Shape& shape, const TensorOptions& options) const {
  return empty(shape, options_like(*this, options));
}
Tensor Tensor::dot(const Tensor& other) const { return rw::dot(*this, other); }
Tensor Tensor::vdot(const Tensor& other) const { return rw::vdot(*this, other); }
Tensor Tensor::outer(const Tensor& other) const { return rw::outer(*this, other); }
Tensor Tensor::ger(const Tensor& other) const { return rw::ger(*this, other); }
Tensor Tensor::mv(const Tensor& vector) const { return rw::mv(*this, vector); }
Tensor Tensor::inner(const Tensor& other) const { return rw::inner(*this, other); }
Tensor Tensor::cross(const Tensor& other, std::optional<int64_t> dim) const {
  return rw::cross(*this, other, dim);
}
Tensor Tensor::kron(const Tensor& other) const { return rw::kron(*this, other); }
Tensor Tensor::addmm(const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) const {
  return rw::addmm(*this, a, b, beta, alpha);
}
Tensor Tensor::addmv(const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) const {
  return rw::addmv(*this, a, b, beta, alpha);
}
Tensor Tensor::addr(const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) const {
  return rw::addr(*this, a, b, beta, alpha);
}
Tensor Tensor::addbmm(const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) const {
  return rw::addbmm(*this, a, b, beta, alpha);
}
Tensor Tensor::baddbmm(const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) const {
  return rw::baddbmm(*this, a, b, beta, alpha);
}
Tensor Tensor::scatter(int64_t dim, const Tensor& index, const Tensor& src) const {
  return rw::scatter(*this, dim, index, src);
}
Tensor Tensor::scatter(int64_t dim, const Tensor& index, Scalar value) const {
  return rw::scatter(*this, dim, index, value);
}
Tensor Tensor::scatter(int64_t dim, const Tensor& index, const Tensor& src, Reduce reduce) const {
  return rw::scatter(*this, dim, index, src, reduce);
}
Tensor Tensor::scatter(int64_t dim, const Tensor& index, Scalar value, Reduce reduce) const {
  return rw::scatter(*this, dim, index, value, reduce);
}
Tensor Tensor::scatter_reduce(int64_t dim, const Tensor& index, const Tensor& src, Reduce reduce,
                              bool include_self) const {
  return rw::scatter_reduce(*this, dim, index, src, reduce, include_self);
}
Tensor Tensor::index_fill(int64_t dim, const Tensor& index, Scalar value) const {
  return rw::index_fill(*this, dim, index, value);
}
Tensor Tensor::index_fill(int64_t dim, const Tensor& index, const Tensor& value) const {
  return rw::index_fill(*this, dim, index, value);
}
Tensor Tensor::index_copy(int64_t dim, const Tensor& index, const Tensor& source) const {
  return rw::index_copy(*this, dim, index, source);
}
Tensor Tensor::index_reduce(int64_t dim, const Tensor& index, const Tensor& source, Reduce reduce,
                            bool include_self) const {
  return rw::index_reduce(*this, dim, index, source, reduce, include_self);
}
Tensor Tensor::index_add(int64_t dim, const Tensor& index, const Tensor& src, Scalar alpha) const {
  return rw::index_add(*this, dim, index, src, alpha);
}
Tensor Tensor::take(const Tensor& index) const { return rw::take(*this, index); }
Tensor Tensor::take_along_dim(const Tensor& indices, std::optional<int64_t> dim) const {
  return rw::take_along_dim(*this, indices, dim);
}
Tensor Tensor::index_put(std::initializer_list<Index> indices, const Tensor& values,
                         bool accumulate) const {
  return rw::index_put(*this, indices, values, accumulate);
}
Tensor Tensor::put(const Tensor& index, const Tensor& source, bool accumulate) const {
  return rw::put(*this, index, source, accumulate);
}
Tensor Tensor::masked_scatter(const Tensor& mask, const Tensor& source) const {
  return rw::masked_scatter(*this, mask, source);
}
Tensor Tensor::masked_fill(const Tensor& mask, const Tensor& value) const {
  return rw::masked_fill(*this, mask, value);
}
Tensor Tensor::argwhere() const { return rw::argwhere(*this); }
Tensor Tensor::bernoulli() const { return rw::bernoulli(*this); }
Tensor Tensor::bernoulli(double p) const { return rw::bernoulli(*this, p); }
Tensor Tensor::multinomial(int64_t num_samples, bool replacement) const {
  return rw::multinomial(*this, num_samples, replacement);
}
Tensor& Tensor::scatter_(int64_t dim, const Tensor& index, const Tensor& src) {
  detail::scatter_in_place(*this, dim, index, src);
  return *this;
}
Tensor& Tensor::scatter_(int64_t dim, const Tensor& index, Scalar value) {
  detail::scatter_in_place(*this, dim, index, value);
  return *this;
}
Tensor& Tensor::scatter_add_(int64_t dim, const Tensor& index, const Tensor& src) {
  detail::scatter_add_in_place(*this, dim, index, src);
  return *this;
}
Tensor& Tensor::scatter_reduce_(int64_t dim, const Tensor& index, const Tensor& src, Reduce reduce,
                                bool include_self) {
  detail::scatter_reduce_in_place(*this, dim, index, src, reduce, include_self);
  return *this;
}
Tensor& Tensor::index_fill_(int64_t dim, const Tensor& index, Scalar value) {
  detail::index_fill_in_place(*this, dim, index, value);
  return *this;
}
Tensor& Tensor::index_fill_(int64_t dim, const Tensor& index, const Tensor& value) {
  detail::index_fill_in_place(*this, dim, index, value);
  return *this;
}
Tensor& Tensor::index_copy_(int64_t dim, const Tensor& index, const Tensor& source) {
  detail::index_copy_in_place(*this, dim, index, source);
  return *this;
}
Tensor& Tensor::index_add_(int64_t dim, const Tensor& index, const Tensor& source, Scalar alpha) {
  detail::index_add_in_place(*this, dim, index, source, alpha);
  return *this;
}
Tensor& Tensor::index_reduce_(int64_t dim, const Tensor& index, const Tensor& source, Reduce reduce,
                              bool include_self) {
  detail::index_reduce_in_place(*this, dim, index, source, reduce, include_self);
  return *this;
}
Tensor& Tensor::put_(const Tensor& index, const Tensor& source, bool accumulate) {
  detail::put_in_place(*this, index, source, accumulate);
  return *this;
}
Tensor& Tensor::masked_scatter_(const Tensor& mask, const Tensor& source) {
  detail::masked_scatter_in_place(*this, mask, source);
  return *this;
}
Tensor& Tensor::masked_fill_(const Tensor& mask, const Tensor& value) {
  detail::masked_fill_in_place(*this, mask, value);
  return *this;
}
Tensor& Tensor::fill_diagonal_(Scalar value, bool wrap) {
  detail::fill_diagonal_in_place(*this, value, wrap);
  return *this;
}
Tensor& Tensor::exponential_(double lambd) {
  detail::exponential_in_place(*this, lambd);
  return *this;
}
Tensor& Tensor::cauchy_(double median, double sigma) {
  detail::cauchy_in_place(*this, median, sigma);
  return *this;
}
Tensor& Tensor::log_normal_(double mean, double std) {
  detail::log_normal_in_place(*this, mean, std);
  return *this;
}
Tensor& Tensor::geometric_(double p) {
  detail::geometric_in_place(*this, p);
  return *this;
}
Tensor& Tensor::bernoulli_(const Tensor& p) {
  detail::bernoulli_in_place(*this, p);
  return *this;
}
Tensor& Tensor::random_() {
  detail::random_in_place(*this);
  return *this;
}
Tensor& Tensor::random_(int64_t high) { return random_(0, high); }
Tensor& Tensor::random_(int64_t low, int64_t high) {
  detail::random_in_place(*this, low, high);
  return *this;
}

}  // namespace rw
