#include <rewind/data/transforms/resizing.h>

#include <algorithm>
#include <cmath>

#include <rewind/autograd/grad_mode.h>
#include <rewind/data/transforms/crops.h>
#include <rewind/data/transforms/draws.h>
#include <rewind/data/transforms/image_planes.h>
#include <rewind/data/transforms/transform.h>
#include <rewind/ops/pointwise.h>

namespace rw::data::transforms {

using detail::height_of;
using detail::width_of;

namespace {

bool is_nearest(InterpolateMode mode) {
  return mode == InterpolateMode::nearest || mode == InterpolateMode::nearest_exact;
}

void check_options(const char* op, Size2 size, InterpolateMode mode) {
  detail::check_size(op, size);
  check(is_nearest(mode) || mode == InterpolateMode::bilinear || mode == InterpolateMode::bicubic,
        "{}: expected an interpolation of nearest, nearest_exact, bilinear or bicubic", op);
}

void check_max_size(const char* op, int64_t size, const ResizeOptions& o) {
  check(!o.max_size || *o.max_size > size,
        "{}: expected a max_size greater than the size of the smaller edge, {}, got {}", op, size,
        o.max_size.value_or(0));
}

void check_no_max_size(const char* op, const ResizeOptions& o) {
  check(!o.max_size, "{}: max_size goes with the size of the smaller edge, not with two sizes", op);
}

int64_t in_proportion(int64_t size, int64_t of, int64_t to) {
  return static_cast<int64_t>(static_cast<double>(size * of) / static_cast<double>(to));
}

// The size of an image whose smaller edge becomes `size`.
Size2 scaled_size(const Tensor& x, int64_t size, const ResizeOptions& o) {
  const int64_t height = height_of(x), width = width_of(x);
  const int64_t smaller = std::min(height, width), larger = std::max(height, width);
  check<ShapeError>(smaller > 0, "resize: expected an image with pixels, got shape {}", x.shape());
  int64_t less = size, more = in_proportion(size, larger, smaller);
  if (o.max_size && more > *o.max_size) {
    less = in_proportion(*o.max_size, less, more);
    more = *o.max_size;
  }
  return width <= height ? Size2(more, less) : Size2(less, more);
}

Tensor interpolated(const Tensor& x, Size2 size, const ResizeOptions& o) {
  const bool is_wide = !is_nearest(o.interpolation);
  return interpolate(x, {.size = {size.h(), size.w()},
                         .mode = o.interpolation,
                         .align_corners = is_wide ? std::optional(false) : std::nullopt,
                         .antialias = o.antialias && is_wide});
}

}  // namespace

namespace functional {

Tensor resize(const Tensor& x, int64_t size, const ResizeOptions& options) {
  detail::check_image("resize", x);
  check_options("resize", size, options.interpolation);
  check_max_size("resize", size, options);
  ResizeOptions rest = options;
  rest.max_size.reset();
  return resize(x, scaled_size(x, size, options), rest);
}

Tensor resize(const Tensor& x, Size2 size, const ResizeOptions& options) {
  detail::check_image("resize", x);
  check_options("resize", size, options.interpolation);
  check_no_max_size("resize", options);
  if (size == Size2(height_of(x), width_of(x))) return detail::off_tape(x);
  const no_grad guard;
  const Shape shape = detail::shape_with(x, size.h(), size.w());
  if (shape.numel() == 0) return rw::detail::make_tensor(shape, x.dtype());
  check<ShapeError>(x.numel() > 0, "resize: expected an image with pixels, got shape {}",
                    x.shape());
  const Tensor batch = detail::as_batch(x);
  if (x.is_floating_point() || x.dtype() == uint8)
    return interpolated(batch, size, options).view(shape);
  return interpolated(batch.to(float32), size, options).round().to(x.dtype()).view(shape);
}

Tensor resized_crop(const Tensor& x, int64_t top, int64_t left, int64_t height, int64_t width,
                    Size2 size, const ResizeOptions& options) {
  return resize(crop(x, top, left, height, width), size, options);
}

}  // namespace functional

Resize::Resize(int64_t size, const ResizeOptions& options)
    : size_(size), of_edge_(true), options_(options) {
  check_options("Resize", size, options.interpolation);
  check_max_size("Resize", size, options);
}

Resize::Resize(Size2 size, const ResizeOptions& options)
    : size_(size), of_edge_(false), options_(options) {
  check_options("Resize", size, options.interpolation);
  check_no_max_size("Resize", options);
}

Tensor Resize::operator()(const Tensor& x) const {
  return of_edge_ ? functional::resize(x, size_.h(), options_)
                  : functional::resize(x, size_, options_);
}

RandomResizedCrop::RandomResizedCrop(Size2 size, const RandomResizedCropOptions& options)
    : size_(size), options_(options) {
  check_options("RandomResizedCrop", size, options.interpolation);
  detail::check_positive_range("RandomResizedCrop", "a scale", options.scale);
  detail::check_positive_range("RandomResizedCrop", "a ratio", options.ratio);
}

namespace {

detail::Window random_window(const Tensor& x, const RandomResizedCropOptions& o, Generator& gen) {
  const int64_t height = height_of(x), width = width_of(x);
  const auto area = static_cast<double>(height * width);
  for (int attempt = 0; attempt < 10; ++attempt) {
    const auto [w, h] = detail::random_sides(gen, area, o.scale, o.ratio);
    if (0 < w && w <= static_cast<double>(width) && 0 < h && h <= static_cast<double>(height)) {
      const auto rows = static_cast<int64_t>(h), columns = static_cast<int64_t>(w);
      const int64_t top = detail::integer(gen, 0, height - rows + 1);
      return {top, detail::integer(gen, 0, width - columns + 1), rows, columns};
    }
  }
  const auto part = [](int64_t size, double factor, int64_t most) {
    const double pixels = std::nearbyint(static_cast<double>(size) * factor);
    return static_cast<int64_t>(std::clamp(pixels, 1.0, static_cast<double>(most)));
  };
  const int64_t rows = part(width, 1 / o.ratio.first, height);
  const int64_t columns = part(height, o.ratio.second, width);
  return {(height - rows) / 2, (width - columns) / 2, rows, columns};
}

}  // namespace

Tensor RandomResizedCrop::operator()(const Tensor& x, Generator& gen) const {
  detail::check_image("RandomResizedCrop", x);
  check<ShapeError>(x.numel() > 0, "RandomResizedCrop: expected an image with pixels, got shape {}",
                    x.shape());
  const detail::Window w = random_window(x, options_, gen);
  return functional::resized_crop(
      x, w.top, w.left, w.height, w.width, size_,
      {.interpolation = options_.interpolation, .antialias = options_.antialias});
}

}  // namespace rw::data::transforms
