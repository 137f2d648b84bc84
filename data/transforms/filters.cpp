#include <rewind/data/transforms/filters.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <rewind/data/transforms/draws.h>
#include <rewind/data/transforms/image_planes.h>
#include <rewind/kernels/images/color_kernel.h>
#include <rewind/kernels/resample/resample_kernel.h>
#include <rewind/ops/pointwise.h>

namespace rw::data::transforms {

using detail::check_factor;
using detail::height_of;
using detail::width_of;

namespace {

void check_kernel_size(const char* op, Across<int64_t> size) {
  check(size.x > 0 && size.y > 0 && size.x % 2 == 1 && size.y % 2 == 1,
        "{}: expected a kernel_size of odd numbers greater than 0, got {} and {}", op, size.x,
        size.y);
}

std::vector<double> gaussian(int64_t size, double sigma) {
  std::vector<double> weights;
  double sum = 0;
  for (int64_t i = 0; i < size; ++i) {
    const double distance = static_cast<double>(i - size / 2) / sigma;
    weights.push_back(std::exp(-0.5 * distance * distance));
    sum += weights.back();
  }
  for (double& w : weights) w /= sum;
  return weights;
}

// Each place along an axis of n as a sum of its neighbours; those beyond the ends are mirrored.
kernels::AxisWeights blurring_weights(int64_t n, int64_t size, double sigma) {
  const std::vector<double> weights = gaussian(size, sigma);
  const int64_t reach = size / 2;
  kernels::AxisWeights w;
  w.sources = n;
  w.most = std::min(size, n);
  w.weights.assign(static_cast<size_t>(n * w.most), 0);
  for (int64_t t = 0; t < n; ++t) {
    const int64_t first = std::max<int64_t>(t - reach, 0), last = std::min(t + reach, n - 1);
    w.first.push_back(static_cast<int32_t>(first));
    w.count.push_back(static_cast<int32_t>(last - first + 1));
    for (int64_t k = 0; k < size; ++k) {
      int64_t source = std::abs(t - reach + k);
      if (source >= n) source = 2 * (n - 1) - source;
      // Mirrored ones are as near as those they are mirrors of, or nearer.
      w.weights[static_cast<size_t>(t * w.most + source - first)] +=
          weights[static_cast<size_t>(k)];
    }
  }
  return w;
}

}  // namespace

namespace functional {

Tensor gaussian_blur(const Tensor& x, Across<int64_t> kernel_size,
                     std::optional<Across<double>> sigma) {
  detail::check_pixels("gaussian_blur", x);
  check_kernel_size("gaussian_blur", kernel_size);
  const auto usual = [](int64_t size) { return static_cast<double>(size) * 0.15 + 0.35; };
  const Across<double> s =
      sigma.value_or(Across<double>(usual(kernel_size.x), usual(kernel_size.y)));
  check(s.x > 0 && s.y > 0, "gaussian_blur: expected a sigma greater than 0, got {} and {}", s.x,
        s.y);
  if (x.numel() == 0) return detail::off_tape(x);
  check<ShapeError>(kernel_size.x / 2 < width_of(x) && kernel_size.y / 2 < height_of(x),
                    "gaussian_blur: expected an image that is larger than half of the kernel_size "
                    "{} and {}, got shape {}",
                    kernel_size.x, kernel_size.y, x.shape());
  const no_grad guard;
  const DType dtype = x.dtype() == float64 ? float64 : float32;
  const Tensor from = x.contiguous().to(dtype), y = rw::detail::make_tensor(x.shape(), dtype);
  kernels::resample(dtype, x.numel() / (height_of(x) * width_of(x)),
                    blurring_weights(height_of(x), kernel_size.y, s.y),
                    blurring_weights(width_of(x), kernel_size.x, s.x), 1, from.raw_data(),
                    y.raw_data());
  return x.dtype() == uint8 ? y.round().to(uint8) : y;
}

Tensor adjust_sharpness(const Tensor& x, double sharpness_factor) {
  detail::check_colors("adjust_sharpness", x);
  check_factor("adjust_sharpness", sharpness_factor);
  const int64_t height = height_of(x), width = width_of(x);
  if (x.numel() == 0 || height <= 2 || width <= 2) return detail::off_tape(x);
  const Tensor from = x.contiguous(), y = rw::detail::make_tensor(x.shape(), x.dtype());
  kernels::sharpen(x.dtype(), x.numel() / (height * width), height, width, sharpness_factor,
                   from.raw_data(), y.raw_data());
  return y;
}

}  // namespace functional

GaussianBlur::GaussianBlur(Across<int64_t> kernel_size, Range sigma)
    : kernel_size_(kernel_size), sigma_(sigma) {
  check_kernel_size("GaussianBlur", kernel_size);
  detail::check_positive_range("GaussianBlur", "a sigma", sigma);
}

RandomAdjustSharpness::RandomAdjustSharpness(double sharpness_factor, double p)
    : factor_(sharpness_factor), p_("RandomAdjustSharpness", p) {
  check_factor("RandomAdjustSharpness", sharpness_factor);
}

Tensor GaussianBlur::operator()(const Tensor& x, Generator& gen) const {
  return functional::gaussian_blur(x, kernel_size_, detail::uniform(gen, sigma_));
}

}  // namespace rw::data::transforms
