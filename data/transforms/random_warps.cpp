#include <cmath>

#include <rewind/data/transforms/draws.h>
#include <rewind/data/transforms/image_planes.h>
#include <rewind/data/transforms/perspectives.h>
#include <rewind/data/transforms/warps.h>

namespace rw::data::transforms {

using detail::height_of;
using detail::width_of;

namespace {

// Whether no three corners lie on a line.
bool is_quadrangle(const Corners& c) {
  for (size_t i = 0; i < 4; ++i) {
    const Point a = c[i], b = c[(i + 1) % 4], d = c[(i + 2) % 4];
    if ((b.x - a.x) * (d.y - a.y) == (b.y - a.y) * (d.x - a.x)) return false;
  }
  return true;
}

Range checked_range(const char* op, const char* what, const Range& range) {
  check(range.first <= range.second && std::isfinite(range.first) && std::isfinite(range.second),
        "{}: expected {} of at least 0, or from a number to one that is not less, got {} to {}", op,
        what, range.first, range.second);
  return range;
}

}  // namespace

RandomRotation::RandomRotation(const Spread& degrees, const RandomRotationOptions& options)
    : degrees_(checked_range("RandomRotation", "degrees", degrees.around(0))), options_(options) {
  detail::check_warping_mode("RandomRotation", options.interpolation);
}

Tensor RandomRotation::operator()(const Tensor& x, Generator& gen) const {
  return functional::rotate(x, detail::uniform(gen, degrees_),
                            {.interpolation = options_.interpolation,
                             .expand = options_.expand,
                             .center = options_.center,
                             .fill = options_.fill});
}

RandomAffine::RandomAffine(const Spread& degrees, const RandomAffineOptions& options)
    : degrees_(checked_range("RandomAffine", "degrees", degrees.around(0))), options_(options) {
  detail::check_warping_mode("RandomAffine", options.interpolation);
  if (const auto& t = options.translate)
    check(0 <= t->x && t->x <= 1 && 0 <= t->y && t->y <= 1,
          "RandomAffine: expected a translate of shares from 0 to 1, got {} and {}", t->x, t->y);
  if (options.scale) detail::check_positive_range("RandomAffine", "a scale", *options.scale);
  if (options.shear) checked_range("RandomAffine", "a shear", options.shear->around(0));
  if (options.shear_y) checked_range("RandomAffine", "a shear_y", options.shear_y->around(0));
}

Tensor RandomAffine::operator()(const Tensor& x, Generator& gen) const {
  detail::check_image("RandomAffine", x);
  AffineOptions o;
  o.interpolation = options_.interpolation;
  o.fill = options_.fill;
  o.center = options_.center;
  o.angle = detail::uniform(gen, degrees_);
  if (const auto& share = options_.translate) {
    const auto way = [&](double most) { return std::nearbyint(detail::uniform(gen, -most, most)); };
    o.translate.x = way(share->x * static_cast<double>(width_of(x)));
    o.translate.y = way(share->y * static_cast<double>(height_of(x)));
  }
  if (options_.scale) o.scale = detail::uniform(gen, *options_.scale);
  if (options_.shear) o.shear.x = detail::uniform(gen, options_.shear->around(0));
  if (options_.shear_y) o.shear.y = detail::uniform(gen, options_.shear_y->around(0));
  return functional::affine(x, o);
}

RandomPerspective::RandomPerspective(const RandomPerspectiveOptions& options)
    : options_(options), p_("RandomPerspective", options.p) {
  check(0 <= options.distortion_scale && options.distortion_scale <= 1,
        "RandomPerspective: expected a distortion_scale from 0 to 1, got {}",
        options.distortion_scale);
  detail::check_warping_mode("RandomPerspective", options.interpolation);
}

Corners RandomPerspective::draw_corners(int64_t width, int64_t height, Generator& gen) const {
  const auto bound = [&](int64_t size) {
    return static_cast<int64_t>(options_.distortion_scale * static_cast<double>(size / 2)) + 1;
  };
  const auto near = [&](int64_t size) {
    return static_cast<double>(detail::integer(gen, 0, bound(size)));
  };
  const auto far = [&](int64_t size) {
    return static_cast<double>(detail::integer(gen, size - bound(size), size));
  };
  Corners end;
  end[0] = {near(width), near(height)};
  end[1] = {far(width), near(height)};
  end[2] = {far(width), far(height)};
  end[3] = {near(width), far(height)};
  return end;
}

Tensor RandomPerspective::operator()(const Tensor& x, Generator& gen) const {
  if (!p_.happens(gen)) return detail::off_tape(x);
  detail::check_image("RandomPerspective", x);
  const int64_t width = width_of(x), height = height_of(x);
  check<ShapeError>(width > 1 && height > 1,
                    "RandomPerspective: expected an image of at least 2 x 2 pixels, got shape {}",
                    x.shape());
  const double right = static_cast<double>(width - 1), bottom = static_cast<double>(height - 1);
  const Corners start = {{{0, 0}, {right, 0}, {right, bottom}, {0, bottom}}};
  for (;;) {
    const Corners end = draw_corners(width, height, gen);
    if (!is_quadrangle(end)) continue;
    // There is none where the first pixel would lie on the horizon.
    if (const auto coefficients = detail::perspective_coefficients(start, end))
      return functional::perspective(
          x, *coefficients, {.interpolation = options_.interpolation, .fill = options_.fill});
  }
}

}  // namespace rw::data::transforms
