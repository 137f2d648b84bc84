#include <rewind/data/transforms/crops.h>

#include <cmath>

#include <rewind/data/transforms/draws.h>
#include <rewind/data/transforms/flips.h>
#include <rewind/data/transforms/image_planes.h>

namespace rw::data::transforms {

using detail::check_size;
using detail::height_of;
using detail::width_of;
using detail::window_of;

namespace {

// Numbers that can be added up.
void check_borders(const char* op, const Borders& b) {
  constexpr int64_t most = int64_t{1} << 31;
  for (const int64_t n : {b.left, b.top, b.right, b.bottom})
    check<ShapeError>(-most < n && n < most, "{}: expected a padding of less than 2^31, got {}", op,
                      n);
}

// Where a part of this size is in the middle; halves go to the even neighbour.
int64_t middle(int64_t whole, int64_t part) {
  return static_cast<int64_t>(std::nearbyint(static_cast<double>(whole - part) / 2));
}

// The borders that an axis gets, and its size with them.
struct Padded {
  int64_t before, size;
};
Padded padded(int64_t before, int64_t size, int64_t after, int64_t wanted, bool if_needed) {
  Padded axis{before, before + size + after};
  if (const int64_t missing = wanted - axis.size; if_needed && missing > 0) {
    axis.before += missing;
    axis.size += 2 * missing;
  }
  return axis;
}

}  // namespace

namespace functional {

Tensor pad(const Tensor& x, const Borders& padding, BorderMode mode, const Fill& fill) {
  detail::check_image("pad", x);
  check_borders("pad", padding);
  check(mode == BorderMode::constant || fill.values.size() == 1,
        "pad: a fill for each channel goes with the mode constant only");
  return window_of("pad", x,
                   {-padding.top, -padding.left, height_of(x) + padding.top + padding.bottom,
                    width_of(x) + padding.left + padding.right},
                   mode, fill);
}

Tensor crop(const Tensor& x, int64_t top, int64_t left, int64_t height, int64_t width) {
  detail::check_image("crop", x);
  return window_of("crop", x, {top, left, height, width}, BorderMode::constant, 0);
}

Tensor center_crop(const Tensor& x, Size2 size) {
  detail::check_image("center_crop", x);
  check_size("center_crop", size);
  const auto place = [](int64_t whole, int64_t part) {
    return part > whole ? -((part - whole) / 2) : middle(whole, part);
  };
  const int64_t top = place(height_of(x), size.h()), left = place(width_of(x), size.w());
  return window_of("center_crop", x, {top, left, size.h(), size.w()}, BorderMode::constant, 0);
}

std::vector<Tensor> five_crop(const Tensor& x, Size2 size) {
  detail::check_image("five_crop", x);
  check_size("five_crop", size);
  const int64_t down = height_of(x) - size.h(), across = width_of(x) - size.w();
  check<ShapeError>(down >= 0 && across >= 0,
                    "five_crop: expected an image of at least {} x {} pixels, got shape {}",
                    size.h(), size.w(), x.shape());
  const auto part = [&](int64_t top, int64_t left) {
    return crop(x, top, left, size.h(), size.w());
  };
  return {part(0, 0), part(0, across), part(down, 0), part(down, across), center_crop(x, size)};
}

std::vector<Tensor> ten_crop(const Tensor& x, Size2 size, bool vertical_flip) {
  std::vector<Tensor> parts = five_crop(x, size);
  for (Tensor& part : five_crop(vertical_flip ? vflip(x) : hflip(x), size))
    parts.push_back(std::move(part));
  return parts;
}

}  // namespace functional

Tensor Pad::operator()(const Tensor& x) const {
  return functional::pad(x, padding_, options_.padding_mode, options_.fill);
}

CenterCrop::CenterCrop(Size2 size) : size_(size) { check_size("CenterCrop", size); }

RandomCrop::RandomCrop(Size2 size, const RandomCropOptions& options)
    : size_(size), options_(options) {
  check_size("RandomCrop", size);
  check_borders("RandomCrop", options.padding);
  check(options.padding_mode == BorderMode::constant || options.fill.values.size() == 1,
        "RandomCrop: a fill for each channel goes with the mode constant only");
}

// Borders are not made and cut off again: only what is inside the crop is written.
Tensor RandomCrop::operator()(const Tensor& x, Generator& gen) const {
  detail::check_image("RandomCrop", x);
  const Borders& p = options_.padding;
  const bool if_needed = options_.pad_if_needed;
  const Padded down = padded(p.top, height_of(x), p.bottom, size_.h(), if_needed);
  const Padded across = padded(p.left, width_of(x), p.right, size_.w(), if_needed);
  check<ShapeError>(down.size >= size_.h() && across.size >= size_.w(),
                    "RandomCrop: expected an image of at least {} x {} pixels with its borders, "
                    "got {} x {} of shape {}",
                    size_.h(), size_.w(), down.size, across.size, x.shape());
  detail::check_room("RandomCrop", x, {-down.before, -across.before, down.size, across.size},
                     options_.padding_mode);
  const int64_t top = detail::integer(gen, 0, down.size - size_.h() + 1);
  const int64_t left = detail::integer(gen, 0, across.size - size_.w() + 1);
  return window_of("RandomCrop", x, {top - down.before, left - across.before, size_.h(), size_.w()},
                   options_.padding_mode, options_.fill);
}

}  // namespace rw::data::transforms
