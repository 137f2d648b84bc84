#pragma once
// Members of Tensor that PyTorch has as functions too.

#include <cstdint>
#include <vector>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

///@{
/// The member of this name.
inline Tensor view_as(const Tensor& x, const Tensor& other) { return x.view_as(other); }
inline Tensor reshape(const Tensor& x, const Shape& shape) { return x.reshape(shape); }
inline Tensor reshape_as(const Tensor& x, const Tensor& other) { return x.reshape_as(other); }
inline Tensor flatten(const Tensor& x, int64_t start_dim = 0, int64_t end_dim = -1) {
  return x.flatten(start_dim, end_dim);
}
inline Tensor unflatten(const Tensor& x, int64_t dim, const Shape& sizes) {
  return x.unflatten(dim, sizes);
}
inline Tensor transpose(const Tensor& x, int64_t dim0, int64_t dim1) {
  return x.transpose(dim0, dim1);
}
inline Tensor t(const Tensor& x) { return x.t(); }
inline Tensor adjoint(const Tensor& x) { return x.adjoint(); }
inline Tensor permute(const Tensor& x, const Dims& dims) { return x.permute(dims); }
inline Tensor squeeze(const Tensor& x) { return x.squeeze(); }
inline Tensor squeeze(const Tensor& x, int64_t dim) { return x.squeeze(dim); }
inline Tensor unsqueeze(const Tensor& x, int64_t dim) { return x.unsqueeze(dim); }
inline Tensor select(const Tensor& x, int64_t dim, int64_t index) { return x.select(dim, index); }
inline Tensor slice(const Tensor& x, int64_t dim, int64_t start, int64_t stop = Slice::none,
                    int64_t step = 1) {
  return x.slice(dim, start, stop, step);
}
inline Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length) {
  return x.narrow(dim, start, length);
}
inline Tensor diagonal(const Tensor& x, int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1) {
  return x.diagonal(offset, dim1, dim2);
}
inline Tensor clone(const Tensor& x, MemoryFormat format = MemoryFormat::preserve) {
  return x.clone(format);
}
inline Tensor detach(const Tensor& x) { return x.detach(); }
inline std::vector<Tensor> split(const Tensor& x, int64_t size, int64_t dim = 0) {
  return x.split(size, dim);
}
inline std::vector<Tensor> split(const Tensor& x, const std::vector<int64_t>& sizes,
                                 int64_t dim = 0) {
  return x.split(sizes, dim);
}
inline std::vector<Tensor> split_with_sizes(const Tensor& x, const std::vector<int64_t>& sizes,
                                            int64_t dim = 0) {
  return x.split_with_sizes(sizes, dim);
}
inline std::vector<Tensor> chunk(const Tensor& x, int64_t chunks, int64_t dim = 0) {
  return x.chunk(chunks, dim);
}
inline std::vector<Tensor> unbind(const Tensor& x, int64_t dim = 0) { return x.unbind(dim); }
///@}

}  // namespace rw

#pragma GCC visibility pop
