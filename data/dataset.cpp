#include <rewind/data/dataset.h>

#include <cstring>

#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::data {

namespace detail {

void check_index(int64_t index, int64_t size, const char* op) {
  check<IndexError>(0 <= index && index < size, "{}: index {} is out of range for {} samples", op,
                    index, size);
}

Tensor copy_row(const Tensor& t, int64_t index) {
  return copy_row(t, index, Shape(t.shape().data() + 1, static_cast<size_t>(t.dim() - 1)));
}

Tensor copy_row(const Tensor& t, int64_t index, const Shape& shape) {
  check_index(index, t.size(0));
  const Tensor out = empty(shape, t.dtype());
  const size_t bytes = out.nbytes();
  if (bytes > 0)
    std::memcpy(out.raw_data(),
                static_cast<const char*>(t.raw_data()) + static_cast<size_t>(index) * bytes, bytes);
  return out;
}

Tensor gather_rows(const Tensor& t, std::span<const int64_t> indices) {
  Shape shape = t.shape();
  for (const int64_t i : indices) check_index(i, shape[0], "batch");
  shape[0] = static_cast<int64_t>(indices.size());
  Tensor out = empty(shape, t.dtype());
  if (out.numel() == 0) return out;
  const size_t bytes = out.nbytes() / indices.size();
  const char* from = static_cast<const char*>(t.raw_data());
  char* to = static_cast<char*>(out.raw_data());
  for (size_t k = 0; k < indices.size(); ++k)
    std::memcpy(to + k * bytes, from + static_cast<size_t>(indices[k]) * bytes, bytes);
  return out;
}

}  // namespace detail

TensorDataset::TensorDataset(const Tensor& data, const Tensor& target) {
  check(data.defined() && target.defined(), "TensorDataset: a tensor is undefined");
  check<ShapeError>(data.dim() > 0 && target.dim() > 0 && data.size(0) == target.size(0),
                    "TensorDataset: expected first dimensions of equal size, got shapes {} and {}",
                    data.shape(), target.shape());
  data_ = data.detach().contiguous();
  target_ = target.detach().contiguous();
}

Batch TensorDataset::get(int64_t index) const {
  return {detail::copy_row(data_, index), detail::copy_row(target_, index)};
}

Batch TensorDataset::batch(std::span<const int64_t> indices) const {
  return {detail::gather_rows(data_, indices), detail::gather_rows(target_, indices)};
}

}  // namespace rw::data
