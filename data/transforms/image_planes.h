#pragma once
// Private to the library's sources: what transforms ask of images, and their memory.

#include <cstddef>

#include <rewind/data/transforms/borders.h>
#include <rewind/ops/interpolate.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/size.h>
#include <rewind/tensor/tensor.h>

namespace rw::data::transforms::detail {

/// Throws, naming the function or class, unless x is an image [..., C, H, W].
void check_image(const char* op, const Tensor& x);
/// The same of dtypes that are computed with: uint8, float32 and float64.
void check_pixels(const char* op, const Tensor& x);
/// The same, and of 1 or 3 channels.
void check_colors(const char* op, const Tensor& x);
/// Throws unless there is one value, or one for each of x's channels, that x's dtype can hold.
void check_fill(const char* op, const Fill& fill, const Tensor& x);

/// Throws unless both numbers are from 1 to 2^31 - 1.
void check_size(const char* op, Size2 size);
/// Throws unless it is at least 0 and finite.
void check_factor(const char* op, double factor);
/// Throws unless it is one of those that turn and bend images: nearest or bilinear.
void check_warping_mode(const char* op, InterpolateMode mode);
/// Throws unless the ends, of `what`, are greater than 0, finite and in order.
void check_positive_range(const char* op, const char* what, const Range& range);

inline int64_t channels_of(const Tensor& x) { return x.size(-3); }
inline int64_t height_of(const Tensor& x) { return x.size(-2); }
inline int64_t width_of(const Tensor& x) { return x.size(-1); }
/// The greatest number of a pixel: 255 of uint8, 1 of floating types, and so on.
double greatest_of(DType dtype);
/// x's shape with images of another size.
Shape shape_with(const Tensor& x, int64_t height, int64_t width);
/// x as [N, C, H, W], whatever comes before the channels.
Tensor as_batch(const Tensor& x);

/// All planes of an image, whose rows are dense. Steps are counted in elements.
struct Planes {
  Tensor image;  ///< that has them: x itself where it has dense rows, a copy otherwise
  int64_t count, height, width;
  int64_t plane_step, row_step;

  const std::byte* row(int64_t plane, int64_t y) const {
    return static_cast<const std::byte*>(image.raw_data()) +
           (plane * plane_step + y * row_step) * static_cast<int64_t>(image.itemsize());
  }
};
Planes planes_of(const Tensor& x);

/// A part of an image, which may lie beyond it in part.
struct Window {
  int64_t top, left, height, width;
};
/// Throws ShapeError where more of it lies beyond the image than the mode can fill.
void check_room(const char* op, const Tensor& x, const Window& w, BorderMode mode);
/// That part: a view off the tape where all of it lies inside.
Tensor window_of(const char* op, const Tensor& x, const Window& w, BorderMode mode,
                 const Fill& fill);

}  // namespace rw::data::transforms::detail
