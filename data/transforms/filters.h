#pragma once

#include <optional>

#include <rewind/data/transforms/borders.h>
#include <rewind/data/transforms/transform.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::data::transforms {

/// A number along x and one along y, or one for both.
template <class T>
struct Across {
  T x;  ///< from left to right
  T y;  ///< from top to bottom

  /// The same along both.
  constexpr Across(T both) : x(both), y(both) {}
  /// One each.
  constexpr Across(T along_x, T along_y) : x(along_x), y(along_y) {}
};

namespace functional {

/// Weighted means over `kernel_size` pixels (odd numbers) along each axis, by a Gaussian of width
/// sigma, 0.15 kernel_size + 0.35 if unset; the image is mirrored about its outermost pixels. uint8
/// is rounded to nearest. Throws ShapeError where half of the kernel is as large as the image.
Tensor gaussian_blur(const Tensor& x, Across<int64_t> kernel_size,
                     std::optional<Across<double>> sigma = {});
/// Away from what 3 x 3 pixels average to by a factor of at least 0: 0 is a blurred image, 1 is x.
/// Pixels at the border stay, and so do images of less than 3 x 3. uint8, float32 and float64, with
/// 1 or 3 channels.
Tensor adjust_sharpness(const Tensor& x, double sharpness_factor);

}  // namespace functional

/// functional::gaussian_blur of a random width.
class GaussianBlur {
 public:
  /// Odd sizes, and ends of sigma, greater than 0.
  explicit GaussianBlur(Across<int64_t> kernel_size, Range sigma = {0.1, 2.0});
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const;

 private:
  Across<int64_t> kernel_size_;
  Range sigma_;
};

/// functional::adjust_sharpness with probability p.
class RandomAdjustSharpness {
 public:
  /// Throws Error unless the factor is at least 0 and p in [0, 1].
  explicit RandomAdjustSharpness(double sharpness_factor, double p = 0.5);
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const {
    return p_.happens(gen) ? functional::adjust_sharpness(x, factor_) : detail::off_tape(x);
  }

 private:
  double factor_;
  detail::Probability p_;
};

}  // namespace rw::data::transforms

#pragma GCC visibility pop
