#pragma once

#include <array>
#include <optional>

#include <rewind/data/transforms/borders.h>
#include <rewind/data/transforms/transform.h>
#include <rewind/ops/interpolate.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::data::transforms {

/// A place or a way in an image, in pixels: to the right, and down.
struct Point {
  double x = 0;  ///< from the left edge
  double y = 0;  ///< from the upper edge
};

/// What affine takes by name.
struct AffineOptions {
  double angle = 0;      ///< turn by so many degrees, clockwise
  Point translate = {};  ///< and move so far
  double scale = 1;      ///< and make so much larger, greater than 0
  Point shear = {};      ///< and slant by so many degrees along x, and along y
  InterpolateMode interpolation = InterpolateMode::nearest;  ///< nearest or bilinear
  std::optional<Fill> fill = {};     ///< of what comes from beyond the image; zeros if unset
  std::optional<Point> center = {};  ///< of the turn; the middle if unset
};
/// What rotate takes by name.
struct RotateOptions {
  InterpolateMode interpolation = InterpolateMode::nearest;  ///< nearest or bilinear
  bool expand = false;                                       ///< make room for the whole image
  std::optional<Point> center = {};                          ///< of the turn; the middle if unset
  std::optional<Fill> fill = {};  ///< of what comes from beyond the image; zeros if unset
};
/// What perspective takes by name.
struct PerspectiveOptions {
  InterpolateMode interpolation = InterpolateMode::bilinear;  ///< nearest or bilinear
  std::optional<Fill> fill = {};  ///< of what comes from beyond the image; zeros if unset
};
/// Corners of a quadrangle: top left, top right, bottom right, bottom left.
using Corners = std::array<Point, 4>;

namespace functional {

/// An image turned, moved, made larger and slanted, in a frame of its size. float32, float64 and
/// integers, which are computed in float32 and rounded. With a fill, bilinear pixels at the border
/// are mixed with it (once more than by their share, as in torchvision).
Tensor affine(const Tensor& x, const AffineOptions& options);
/// An image turned by `angle` degrees, counterclockwise. As affine; whole quarters are exact.
Tensor rotate(const Tensor& x, double angle, const RotateOptions& options = {});
/// An image in a perspective that takes `startpoints` to `endpoints`. As affine. Throws Error where
/// there is none.
Tensor perspective(const Tensor& x, const Corners& startpoints, const Corners& endpoints,
                   const PerspectiveOptions& options = {});
/// The same where pixel (x, y) of the result is that at ((a x + b y + c) / d, (e x + f y + g) / d)
/// of the image, d = h x + i y + 1, for the coefficients {a, b, c, e, f, g, h, i}.
Tensor perspective(const Tensor& x, const std::array<double, 8>& coefficients,
                   const PerspectiveOptions& options = {});

}  // namespace functional

/// What RandomRotation takes by name.
struct RandomRotationOptions {
  InterpolateMode interpolation = InterpolateMode::nearest;  ///< nearest or bilinear
  bool expand = false;                                       ///< make room for the whole image
  std::optional<Point> center = {};                          ///< of the turn; the middle if unset
  std::optional<Fill> fill = 0;  ///< of what comes from beyond the image
};
/// functional::rotate by a random angle.
class RandomRotation {
 public:
  /// Degrees: a number d for all from -d to d, or two ends.
  explicit RandomRotation(const Spread& degrees, const RandomRotationOptions& options = {});
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const;

 private:
  Range degrees_;
  RandomRotationOptions options_;
};

/// What RandomAffine takes by name. What is unset stays as it is.
struct RandomAffineOptions {
  std::optional<Point> translate = {};  ///< at most such shares of the width and height, each way
  std::optional<Range> scale = {};      ///< the ends of factors
  std::optional<Spread> shear = {};     ///< degrees along x
  std::optional<Spread> shear_y = {};   ///< degrees along y
  InterpolateMode interpolation = InterpolateMode::nearest;  ///< nearest or bilinear
  std::optional<Fill> fill = 0;      ///< of what comes from beyond the image
  std::optional<Point> center = {};  ///< of the turn; the middle if unset
};
/// functional::affine by random numbers.
class RandomAffine {
 public:
  /// Degrees: a number d for all from -d to d, or two ends.
  explicit RandomAffine(const Spread& degrees, const RandomAffineOptions& options = {});
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const;

 private:
  Range degrees_;
  RandomAffineOptions options_;
};

/// What RandomPerspective takes by name.
struct RandomPerspectiveOptions {
  double distortion_scale = 0.5;  ///< how far corners move, at most: 1 is to the middle
  double p = 0.5;                 ///< the probability of doing it
  InterpolateMode interpolation = InterpolateMode::bilinear;  ///< nearest or bilinear
  std::optional<Fill> fill = 0;  ///< of what comes from beyond the image
};
/// functional::perspective, the corners of the image moved inwards at random, again where three of
/// them would lie on a line or no perspective takes them there.
class RandomPerspective {
 public:
  /// Throws Error for numbers that are not from 0 to 1.
  explicit RandomPerspective(const RandomPerspectiveOptions& options = {});
  /// Of an image. Throws ShapeError where it is less than 2 x 2.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const;

 private:
  Corners draw_corners(int64_t width, int64_t height, Generator& gen) const;

  RandomPerspectiveOptions options_;
  detail::Probability p_;
};

}  // namespace rw::data::transforms

#pragma GCC visibility pop
