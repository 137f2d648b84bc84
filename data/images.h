#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <rewind/data/dataset.h>

#pragma GCC visibility push(default)

namespace rw::data {

/// Images of one size with one label each, kept as bytes. Copies share the images.
class ImageDataset {
 public:
  /// `images` is uint8 [N, H, W] or [N, C, H, W]; `labels` is int64 [N], numbers of entries of
  /// `classes`.
  ImageDataset(const Tensor& images, const Tensor& labels, std::vector<std::string> classes);
  ///@{
  /// The same images, of which samples hold (p - mean) / std instead of p, a pixel in [0, 1]: by
  /// one mean and standard deviation, or one for each channel.
  ImageDataset normalized(double mean, double std) const;
  ImageDataset normalized(const std::vector<double>& mean, const std::vector<double>& std) const;
  ///@}
  /// The same images, of which samples hold the bytes as they are, uint8: for transforms that make
  /// numbers of them in the end.
  ImageDataset bytes() const;
  /// The same images with rows and columns swapped.
  ImageDataset transposed() const;

  /// The number of images.
  int64_t size() const { return images_.size(0); }
  ///@{
  /// All of them, as they were given, and int64 [N].
  const Tensor& images() const { return images_; }
  const Tensor& labels() const { return labels_; }
  ///@}
  /// What each label stands for.
  const std::vector<std::string>& classes() const { return classes_; }

  /// One image, float32 [C, H, W] (or uint8, see bytes), and its label, of rank 0.
  Batch get(int64_t index) const;
  /// Images, float32 [B, C, H, W] in [0, 1] unless normalized (or uint8, see bytes), and their
  /// labels, int64 [B].
  Batch batch(std::span<const int64_t> indices) const;

 private:
  // What bytes become, 256 numbers for each channel; null where they stay bytes.
  using Table = std::vector<float>;
  int64_t channels() const { return images_.dim() == 3 ? 1 : images_.size(1); }
  void write_pixels(int64_t index, float* to) const;

  Tensor images_;
  Tensor labels_;
  std::vector<std::string> classes_;
  std::shared_ptr<const Table> table_;
};

}  // namespace rw::data

#pragma GCC visibility pop
