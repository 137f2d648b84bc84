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
  check<ShapeError>((images.dim() == 3 || images.dim() == 4) && labels.dim() == 1 &&
                        images.size(0) == labels.size(0),
                    "ImageDataset: expected images [N, H, W] or [N, C, H, W] and labels [N], got "
                    "shapes {} and {}",
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
  *this = normalized(0, 1);
}

ImageDataset ImageDataset::normalized(double mean, double std) const {
  const auto n = static_cast<size_t>(channels());
  return normalized(std::vector<double>(n, mean), std::vector<double>(n, std));
}

ImageDataset ImageDataset::normalized(const std::vector<double>& mean,
                                      const std::vector<double>& std) const {
  const auto n = static_cast<size_t>(channels());
  check<ShapeError>(mean.size() == n && std.size() == n,
                    "normalized: expected a mean and a standard deviation for each of {} channels, "
                    "got {} and {}",
                    n, mean.size(), std.size());
  Table table;
  for (size_t c = 0; c < n; ++c) {
    check(std[c] > 0, "normalized: expected a standard deviation greater than 0, got {}", std[c]);
    for (int byte = 0; byte < 256; ++byte)
      table.push_back(static_cast<float>((byte / 255.0 - mean[c]) / std[c]));
  }
  ImageDataset result = *this;
  result.table_ = std::make_shared<const Table>(std::move(table));
  return result;
}

ImageDataset ImageDataset::bytes() const {
  ImageDataset result = *this;
  result.table_ = nullptr;
  return result;
}

ImageDataset ImageDataset::transposed() const {
  ImageDataset result = *this;
  result.images_ = images_.transpose(-1, -2).contiguous();
  return result;
}

void ImageDataset::write_pixels(int64_t index, float* to) const {
  const int64_t area = images_.size(-1) * images_.size(-2);
  const uint8_t* from = images_.data<const uint8_t>() + index * channels() * area;
  for (int64_t c = 0; c < channels(); ++c) {
    const float* values = table_->data() + 256 * c;
    for (int64_t i = 0; i < area; ++i) *to++ = values[*from++];
  }
}

Batch ImageDataset::get(int64_t index) const {
  const Tensor label = detail::copy_row(labels_, index);
  const Shape shape{channels(), images_.size(-2), images_.size(-1)};
  if (!table_) return {detail::copy_row(images_, index, shape), label};
  const Tensor pixels = empty(shape, float32);
  write_pixels(index, pixels.data<float>());
  return {pixels, label};
}

Batch ImageDataset::batch(std::span<const int64_t> indices) const {
  const Tensor labels = detail::gather_rows(labels_, indices);
  const Shape shape{labels.size(0), channels(), images_.size(-2), images_.size(-1)};
  if (!table_) return {detail::gather_rows(images_, indices).view(shape), labels};
  const Tensor pixels = empty(shape, float32);
  auto* to = pixels.data<float>();
  for (const int64_t i : indices) {
    write_pixels(i, to);
    to += channels() * shape[2] * shape[3];
  }
  return {pixels, labels};
}

}  // namespace rw::data
