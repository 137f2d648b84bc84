#include <rewind/data/transforms/colors.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <rewind/data/transforms/byte_table.h>
#include <rewind/data/transforms/draws.h>
#include <rewind/data/transforms/image_planes.h>
#include <rewind/kernels/images/color_kernel.h>
#include <rewind/ops/pointwise.h>
#include <rewind/tensor/factories.h>

namespace rw::data::transforms {

using detail::channels_of;
using detail::check_factor;
using detail::height_of;
using detail::width_of;

namespace functional {
namespace {

// y = f(pixels, x, y) for each image, where y has so many channels.
template <class F>
Tensor each_image(const Tensor& x, int64_t channels, F&& f) {
  Shape shape = x.shape();
  shape[shape.rank() - 3] = channels;
  const Tensor from = x.contiguous(), y = rw::detail::make_tensor(shape, x.dtype());
  if (x.numel() == 0) return y;
  const int64_t pixels = height_of(x) * width_of(x);
  const auto plane = pixels * static_cast<int64_t>(x.itemsize());
  for (int64_t i = 0; i < y.numel() / (channels * pixels); ++i)
    f(pixels, static_cast<const std::byte*>(from.raw_data()) + i * channels_of(x) * plane,
      static_cast<std::byte*>(y.raw_data()) + i * channels * plane);
  return y;
}
template <class F>
Tensor each_image(const Tensor& x, F&& f) {
  return each_image(x, channels_of(x), f);
}

// Of the lightness, or of the one channel that there is.
double mean_of(const Tensor& x, int64_t pixels, const void* image) {
  if (channels_of(x) == 3) return kernels::mean_lightness(x.dtype(), pixels, image);
  const Tensor plane = from_blob(const_cast<void*>(image), {pixels}, {.dtype = x.dtype()});
  return plane.to(float64).mean().item<double>();
}

}  // namespace

Tensor adjust_brightness(const Tensor& x, double brightness_factor) {
  detail::check_colors("adjust_brightness", x);
  check_factor("adjust_brightness", brightness_factor);
  return each_image(x, [&](int64_t pixels, const void* from, void* to) {
    kernels::scale_and_shift(x.dtype(), channels_of(x) * pixels, brightness_factor, 0, from, to);
  });
}

Tensor adjust_contrast(const Tensor& x, double contrast_factor) {
  detail::check_colors("adjust_contrast", x);
  check_factor("adjust_contrast", contrast_factor);
  const no_grad guard;
  return each_image(x, [&](int64_t pixels, const void* from, void* to) {
    const double shift = (1 - contrast_factor) * mean_of(x, pixels, from);
    kernels::scale_and_shift(x.dtype(), channels_of(x) * pixels, contrast_factor, shift, from, to);
  });
}

Tensor adjust_saturation(const Tensor& x, double saturation_factor) {
  detail::check_colors("adjust_saturation", x);
  check_factor("adjust_saturation", saturation_factor);
  if (channels_of(x) == 1) return detail::off_tape(x);
  return each_image(x, [&](int64_t pixels, const void* from, void* to) {
    kernels::blend_with_lightness(x.dtype(), pixels, saturation_factor, from, to);
  });
}

Tensor adjust_hue(const Tensor& x, double hue_factor) {
  detail::check_colors("adjust_hue", x);
  check(-0.5 <= hue_factor && hue_factor <= 0.5,
        "adjust_hue: expected a factor from -0.5 to 0.5, got {}", hue_factor);
  if (channels_of(x) == 1) return detail::off_tape(x);
  return each_image(x, [&](int64_t pixels, const void* from, void* to) {
    kernels::turn_hues(x.dtype(), pixels, hue_factor, from, to);
  });
}

Tensor adjust_gamma(const Tensor& x, double gamma, double gain) {
  detail::check_pixels("adjust_gamma", x);
  check(gamma >= 0 && std::isfinite(gamma) && std::isfinite(gain),
        "adjust_gamma: expected a gamma of at least 0 and a gain, got {} and {}", gamma, gain);
  const no_grad guard;
  if (x.dtype() == uint8)
    return detail::by_table(x, [&](uint8_t byte) {
      const float share = static_cast<float>(byte) * static_cast<float>(1.0 / 255);
      float v = std::pow(share, static_cast<float>(gamma));
      if (gain != 1) v = std::clamp(v * static_cast<float>(gain), 0.0f, 1.0f);
      return static_cast<uint8_t>(v * 255.999f);
    });
  const Tensor y = x.pow(gamma);
  return gain == 1 ? y : y.mul(gain).clamp(0, 1);
}

Tensor rgb_to_grayscale(const Tensor& x, int64_t num_output_channels) {
  detail::check_colors("rgb_to_grayscale", x);
  check(num_output_channels == 1 || num_output_channels == 3,
        "rgb_to_grayscale: expected 1 or 3 output channels, got {}", num_output_channels);
  const no_grad guard;
  const auto lightness = [&](int64_t pixels, const void* from, void* to) {
    kernels::grayscale(x.dtype(), pixels, from, to);
  };
  const Tensor grey = channels_of(x) == 1 ? x.clone() : each_image(x, 1, lightness);
  if (num_output_channels == 1) return grey;
  Shape shape = x.shape();
  shape[shape.rank() - 3] = 3;
  return grey.expand(shape).contiguous();
}

}  // namespace functional

namespace {

std::optional<Range> jitter_range(const char* name, const std::optional<Spread>& spread,
                                  double center, double least, double most) {
  if (!spread) return {};
  Range range = spread->around(center);
  if (center == 1 && spread->is_distance()) range.first = std::max(range.first, 0.0);
  check(least <= range.first && range.first <= range.second && range.second <= most,
        "ColorJitter: expected a {} within {} and {}, got {} to {}", name, least, most, range.first,
        range.second);
  return range;
}

constexpr double greatest = std::numeric_limits<double>::max();

}  // namespace

ColorJitter::ColorJitter(const ColorJitterOptions& o)
    : ranges_{jitter_range("brightness", o.brightness, 1, 0, greatest),
              jitter_range("contrast", o.contrast, 1, 0, greatest),
              jitter_range("saturation", o.saturation, 1, 0, greatest),
              jitter_range("hue", o.hue, 0, -0.5, 0.5)} {}

Tensor ColorJitter::operator()(const Tensor& x, Generator& gen) const {
  constexpr Tensor (*functions[])(const Tensor&, double) = {
      functional::adjust_brightness, functional::adjust_contrast, functional::adjust_saturation,
      functional::adjust_hue};
  Tensor y = x;
  for (const int64_t i : detail::order(gen, 4))
    if (const auto& range = ranges_[i]) y = functions[i](y, detail::uniform(gen, *range));
  return y;
}

Grayscale::Grayscale(int64_t num_output_channels) : channels_(num_output_channels) {
  check(channels_ == 1 || channels_ == 3, "Grayscale: expected 1 or 3 output channels, got {}",
        channels_);
}

Tensor RandomGrayscale::operator()(const Tensor& x, Generator& gen) const {
  if (!p_.happens(gen)) return detail::off_tape(x);
  detail::check_colors("RandomGrayscale", x);
  return functional::rgb_to_grayscale(x, channels_of(x));
}

}  // namespace rw::data::transforms
