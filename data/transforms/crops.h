#pragma once

#include <vector>

#include <rewind/data/transforms/borders.h>
#include <rewind/tensor/generator.h>
#include <rewind/tensor/size.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::data::transforms {

namespace functional {

/// An image with borders, which `mode` fills, with `fill` where it is constant. `reflect` takes
/// borders smaller than the image, `symmetric` and `circular` ones up to its size; negative ones
/// cut off. All dtypes. Throws ShapeError for others, and Error for a fill that x can't hold.
Tensor pad(const Tensor& x, const Borders& padding, BorderMode mode = BorderMode::constant,
           const Fill& fill = 0);
/// `height` rows from `top` on and `width` columns from `left` on, zeros where they are beyond the
/// image. A view of x where all of them are inside.
Tensor crop(const Tensor& x, int64_t top, int64_t left, int64_t height, int64_t width);
/// The middle of an image, zeros around it where it is smaller.
Tensor center_crop(const Tensor& x, Size2 size);
/// The corners (top left, top right, bottom left, bottom right) and the middle. Throws ShapeError
/// where the image is smaller than `size`.
std::vector<Tensor> five_crop(const Tensor& x, Size2 size);
/// The same, and again of the image mirrored from left to right, or from top to bottom.
std::vector<Tensor> ten_crop(const Tensor& x, Size2 size, bool vertical_flip = false);

}  // namespace functional

/// What Pad takes by name.
struct PadOptions {
  Fill fill = 0;                                   ///< where the mode is constant
  BorderMode padding_mode = BorderMode::constant;  ///< what borders are made of
};
/// Adds borders: functional::pad.
class Pad {
 public:
  /// So many pixels at each side.
  explicit Pad(const Borders& padding, const PadOptions& options = {})
      : padding_(padding), options_(options) {}
  /// Of an image.
  Tensor operator()(const Tensor& x) const;

 private:
  Borders padding_;
  PadOptions options_;
};

/// The middle of images: functional::center_crop.
class CenterCrop {
 public:
  /// A height and a width, or one number for both.
  explicit CenterCrop(Size2 size);
  /// Of an image.
  Tensor operator()(const Tensor& x) const { return functional::center_crop(x, size_); }

 private:
  Size2 size_;
};

/// What RandomCrop takes by name.
struct RandomCropOptions {
  Borders padding = {};        ///< added before
  bool pad_if_needed = false;  ///< add as much as it takes, on both sides, to what is too small
  Fill fill = 0;               ///< of borders, where the mode is constant
  BorderMode padding_mode = BorderMode::constant;  ///< what borders are made of
};
/// A part of the image at a random place, each place alike.
class RandomCrop {
 public:
  /// A height and a width, or one number for both.
  explicit RandomCrop(Size2 size, const RandomCropOptions& options = {});
  /// Of an image. Throws ShapeError where it is too small.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const;

 private:
  Size2 size_;
  RandomCropOptions options_;
};

/// functional::five_crop as a class: several images of one.
class FiveCrop {
 public:
  /// A height and a width, or one number for both.
  explicit FiveCrop(Size2 size) : size_(size) {}
  /// Of an image.
  std::vector<Tensor> operator()(const Tensor& x) const { return functional::five_crop(x, size_); }

 private:
  Size2 size_;
};
/// functional::ten_crop as a class.
class TenCrop {
 public:
  /// A height and a width, or one number for both.
  explicit TenCrop(Size2 size, bool vertical_flip = false)
      : size_(size), vertical_flip_(vertical_flip) {}
  /// Of an image.
  std::vector<Tensor> operator()(const Tensor& x) const {
    return functional::ten_crop(x, size_, vertical_flip_);
  }

 private:
  Size2 size_;
  bool vertical_flip_;
};

}  // namespace rw::data::transforms

#pragma GCC visibility pop
