#include <rewind/data/images.h>

#include <utility>

#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::data {

ImageDataset::ImageDataset(const Tensor& images, const Tensor& labels,
                           std::vector<std::string> classes)
    : classes_(std::move(classes)) {
  check(images.defined() && labels.defined(), "ImageDataset: a tensor is undefined");
  check<DTypeError>(images.dtype() == uint8 && labels.dtype() == int64,
                    "ImageDataset: expected images of uint8 and labels of int64, got {} and {}",
                    images.dtype(), labels.dtype());
  check<ShapeError>(images.dim() == 3 && labels.dim() == 1 && images.size(0) == labels.size(0),
                    "ImageDataset: expected images [N, H, W] and labels [N], got shapes {} and {}",
                    images.shape(), labels.shape());
  images_ = images.contiguous();
  labels_ = labels.contiguous();
  const auto count = static_cast<int64_t>(classes_.size());
  for (int64_t i = 0; i < size(); ++i) {
    const int64_t label = labels_.data<int64_t>()[i];
    check<IndexError>(0 <= label && label < count,
                      "ImageDataset: label {} of image {} is out of range for {} classes", label, i,
                      count);
  }
  for (int byte = 0; byte < 256; ++byte) values_[byte] = static_cast<float>(byte / 255.0);
}

ImageDataset ImageDataset::normalized(double mean, double std) const {
  check(std > 0, "normalized: expected a standard deviation greater than 0, got {}", std);
  ImageDataset result = *this;
  for (int byte = 0; byte < 256; ++byte)
    result.values_[byte] = static_cast<float>((byte / 255.0 - mean) / std);
  return result;
}

Batch ImageDataset::get(int64_t index) const { return detail::only_sample(batch({&index, 1})); }

Batch ImageDataset::batch(std::span<const int64_t> indices) const {
  const Tensor bytes = detail::gather_rows(images_, indices);
  Tensor pixels = empty({bytes.size(0), 1, bytes.size(1), bytes.size(2)}, float32);
  const auto* from = bytes.data<uint8_t>();
  auto* to = pixels.data<float>();
  for (int64_t i = 0; i < pixels.numel(); ++i) to[i] = values_[from[i]];
  return {pixels, detail::gather_rows(labels_, indices)};
}

}  // namespace rw::data
