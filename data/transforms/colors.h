#pragma once

#include <optional>

#include <rewind/data/transforms/borders.h>
#include <rewind/data/transforms/transform.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::data::transforms {

// Images of uint8, from 0 to 255, or of float32 or float64, from 0 to 1, with 1 or 3 channels;
// others are refused with a DTypeError or a ShapeError. Bytes are computed with in float32 and
// rounded towards zero.
namespace functional {

/// x times a factor of at least 0, cut off at the greatest number.
Tensor adjust_brightness(const Tensor& x, double brightness_factor);
/// Away from the mean lightness of each image by a factor, of at least 0: 0 is grey, 1 is x.
Tensor adjust_contrast(const Tensor& x, double contrast_factor);
/// Away from its lightness, pixel by pixel, by a factor, of at least 0. Of one channel: x.
Tensor adjust_saturation(const Tensor& x, double saturation_factor);
/// Hues turned by a share of the circle from -0.5 to 0.5. Of one channel: x.
Tensor adjust_hue(const Tensor& x, double hue_factor);
/// gain x^gamma, gamma of at least 0, for numbers from 0 to 1, to which bytes are brought.
Tensor adjust_gamma(const Tensor& x, double gamma, double gain = 1);
/// The lightness 0.2989 r + 0.587 g + 0.114 b, in 1 channel or 3 times.
Tensor rgb_to_grayscale(const Tensor& x, int64_t num_output_channels = 1);

}  // namespace functional

/// What ColorJitter takes by name. A number d stands for factors from 1 - d, but at least 0, to 1 +
/// d, and of the hue from -d to d; two ends are taken as they are. What is unset does not change.
struct ColorJitterOptions {
  std::optional<Spread> brightness = {};  ///< of adjust_brightness
  std::optional<Spread> contrast = {};    ///< of adjust_contrast
  std::optional<Spread> saturation = {};  ///< of adjust_saturation
  std::optional<Spread> hue = {};         ///< of adjust_hue, from -0.5 to 0.5
};
/// Changes colors by random factors, in a random order.
class ColorJitter {
 public:
  /// Throws Error for ranges that the functions do not take.
  explicit ColorJitter(const ColorJitterOptions& options);
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const;

 private:
  std::optional<Range> ranges_[4];  // in the order of the options
};

/// functional::rgb_to_grayscale as a class.
class Grayscale {
 public:
  /// 1 channel or 3.
  explicit Grayscale(int64_t num_output_channels = 1);
  /// Of an image.
  Tensor operator()(const Tensor& x) const { return functional::rgb_to_grayscale(x, channels_); }

 private:
  int64_t channels_;
};

/// Grey in as many channels as the image has, with probability p.
class RandomGrayscale {
 public:
  /// Throws Error unless p is in [0, 1].
  explicit RandomGrayscale(double p = 0.1) : p_("RandomGrayscale", p) {}
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const;

 private:
  detail::Probability p_;
};

}  // namespace rw::data::transforms

#pragma GCC visibility pop
