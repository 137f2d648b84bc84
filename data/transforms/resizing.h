#pragma once

#include <optional>

#include <rewind/data/transforms/borders.h>
#include <rewind/ops/interpolate.h>
#include <rewind/tensor/generator.h>
#include <rewind/tensor/size.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::data::transforms {

/// What resize takes by name.
struct ResizeOptions {
  /// nearest, nearest_exact, bilinear or bicubic.
  InterpolateMode interpolation = InterpolateMode::bilinear;
  /// The most that the longer edge may have; the shorter one follows it. Not with two sizes.
  std::optional<int64_t> max_size = {};
  bool antialias = true;  ///< where images get smaller, weigh all pixels; not of nearest ones
};

namespace functional {

///@{
/// Images of another size: one whose smaller edge has `size` pixels, in the image's proportions, or
/// of a height and a width. uint8 is computed in whole numbers, as torchvision and Pillow do; other
/// integers in float32. Throws ShapeError for sizes that are not positive.
Tensor resize(const Tensor& x, int64_t size, const ResizeOptions& options = {});
Tensor resize(const Tensor& x, Size2 size, const ResizeOptions& options = {});
///@}
/// crop, and what it gives by resize.
Tensor resized_crop(const Tensor& x, int64_t top, int64_t left, int64_t height, int64_t width,
                    Size2 size, const ResizeOptions& options = {});

}  // namespace functional

/// Brings images to a size: functional::resize.
class Resize {
 public:
  ///@{
  /// The size of the smaller edge, or a height and a width.
  explicit Resize(int64_t size, const ResizeOptions& options = {});
  explicit Resize(Size2 size, const ResizeOptions& options = {});
  ///@}
  /// Of an image.
  Tensor operator()(const Tensor& x) const;

 private:
  Size2 size_;
  bool of_edge_;
  ResizeOptions options_;
};

/// What RandomResizedCrop takes by name.
struct RandomResizedCropOptions {
  Range scale = {0.08, 1};           ///< of the crop's area, as a share of the image's
  Range ratio = {3.0 / 4, 4.0 / 3};  ///< of its width to its height
  /// nearest, nearest_exact, bilinear or bicubic.
  InterpolateMode interpolation = InterpolateMode::bilinear;
  bool antialias = true;  ///< as that of resize
};
/// A part of the image, of a random area and shape and at a random place, brought to a size
/// (Szegedy et al., "Going deeper with convolutions", 2015). Where ten draws do not fit into the
/// image, it is the largest part in its middle whose ratio is allowed.
class RandomResizedCrop {
 public:
  /// A height and a width, or one number for both.
  explicit RandomResizedCrop(Size2 size, const RandomResizedCropOptions& options = {});
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const;

 private:
  Size2 size_;
  RandomResizedCropOptions options_;
};

}  // namespace rw::data::transforms

#pragma GCC visibility pop
