#pragma once

#include <span>
#include <string>
#include <vector>

#include <rewind/data/dataset.h>

#pragma GCC visibility push(default)

namespace rw::data {

/// Grey images with one label each, kept as bytes. Copies share the images.
class ImageDataset {
 public:
  /// `images` is uint8 [N, H, W]; `labels` is int64 [N], numbers of entries of `classes`.
  ImageDataset(const Tensor& images, const Tensor& labels, std::vector<std::string> classes);
  /// The same images, of which batches hold (p - mean) / std instead of p, a pixel in [0, 1].
  ImageDataset normalized(double mean, double std) const;

  /// The number of images.
  int64_t size() const { return images_.size(0); }
  ///@{
  /// All of them: uint8 [N, H, W], and int64 [N].
  const Tensor& images() const { return images_; }
  const Tensor& labels() const { return labels_; }
  ///@}
  /// What each label stands for.
  const std::vector<std::string>& classes() const { return classes_; }

  /// One image, float32 [1, H, W], and its label, of rank 0.
  Batch get(int64_t index) const;
  /// Images, float32 [B, 1, H, W] in [0, 1] unless normalized, and their labels, int64 [B].
  Batch batch(std::span<const int64_t> indices) const;

 private:
  Tensor images_;
  Tensor labels_;
  std::vector<std::string> classes_;
  float values_[256];  // what a byte becomes in a batch
};

}  // namespace rw::data

#pragma GCC visibility pop
