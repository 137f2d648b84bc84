#include <rewind/data/transforms/scaling.h>

#include <cmath>
#include <utility>

#include <rewind/autograd/grad_mode.h>
#include <rewind/data/transforms/image_planes.h>
#include <rewind/data/transforms/transform.h>
#include <rewind/kernels/images/image_kernel.h>
#include <rewind/ops/arithmetic.h>

namespace rw::data::transforms {
namespace {

void check_moments(const char* op, const std::vector<double>& mean,
                   const std::vector<double>& std) {
  for (const double v : mean)
    check(std::isfinite(v), "{}: expected a mean that is finite, got {}", op, v);
  for (const double v : std)
    check(v != 0 && std::isfinite(v), "{}: expected a std other than 0 that is finite, got {}", op,
          v);
}

// Bits of the numbers from 0 on.
int bits_of(DType dtype) { return static_cast<int>(8 * itemsize(dtype)) - (dtype != uint8); }

Tensor scaled_to_integers(const Tensor& x, DType dtype) {
  const bool is_unsafe = (x.dtype() == float32 && (dtype == int32 || dtype == int64)) ||
                         (x.dtype() == float64 && dtype == int64);
  check<DTypeError>(!is_unsafe,
                    "to_dtype: {} can't be scaled to {}, whose greatest number it does not hold",
                    x.dtype(), dtype);
  // As many numbers of [0, 1] become the greatest integer as become any other.
  return x.mul(detail::greatest_of(dtype) + 1.0 - 1e-3).to(dtype);
}

}  // namespace

namespace functional {

Tensor to_dtype(const Tensor& x, DType dtype, bool scale) {
  check(x.defined(), "to_dtype: the image is undefined");
  if (x.dtype() == dtype) return detail::off_tape(x);
  const no_grad guard;
  if (!scale) return x.to(dtype);
  check<DTypeError>(x.dtype() != boolean && dtype != boolean, "to_dtype: bool has no range");
  if (x.is_floating_point()) return is_floating(dtype) ? x.to(dtype) : scaled_to_integers(x, dtype);
  if (x.dtype() == uint8 && (dtype == float32 || dtype == float64)) {
    const Tensor from = x.contiguous(), y = rw::detail::make_tensor(x.shape(), dtype);
    kernels::scale_bytes(dtype, x.numel(), static_cast<const uint8_t*>(from.raw_data()),
                         y.raw_data());
    return y;
  }
  if (is_floating(dtype)) return x.to(dtype).mul(1.0 / detail::greatest_of(x.dtype()));
  const int shift = bits_of(dtype) - bits_of(x.dtype());
  return shift < 0 ? bitwise_right_shift(x, -shift).to(dtype)
                   : bitwise_left_shift(x.to(dtype), shift);
}

Tensor convert_image_dtype(const Tensor& x, DType dtype) { return to_dtype(x, dtype, true); }

Tensor normalize(const Tensor& x, const std::vector<double>& mean, const std::vector<double>& std) {
  detail::check_image("normalize", x);
  check<DTypeError>(x.dtype() == float32 || x.dtype() == float64,
                    "normalize: expected an image of float32 or float64, got {}", x.dtype());
  check_moments("normalize", mean, std);
  const auto channels = static_cast<size_t>(detail::channels_of(x));
  const auto each = [&](const std::vector<double>& values, const char* name) {
    check<ShapeError>(values.size() == 1 || values.size() == channels,
                      "normalize: expected one number or {} in {}, got {}", channels, name,
                      values.size());
    return values.size() == 1 ? std::vector<double>(channels, values[0]) : values;
  };
  const std::vector<double> means = each(mean, "mean");
  std::vector<double> factors = each(std, "std");
  for (double& v : factors) v = 1 / v;
  const Tensor from = x.contiguous(), y = rw::detail::make_tensor(x.shape(), x.dtype());
  const int64_t pixels = detail::height_of(x) * detail::width_of(x);
  if (x.numel() > 0)
    kernels::normalize_planes(x.dtype(), x.numel() / pixels, detail::channels_of(x), pixels,
                              from.raw_data(), means.data(), factors.data(), y.raw_data());
  return y;
}

}  // namespace functional

Normalize::Normalize(std::vector<double> mean, std::vector<double> std)
    : mean_(std::move(mean)), std_(std::move(std)) {
  check(!mean_.empty() && !std_.empty(), "Normalize: expected at least one mean and one std");
  check_moments("Normalize", mean_, std_);
}

}  // namespace rw::data::transforms
