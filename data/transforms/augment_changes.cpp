#include <rewind/data/transforms/augment_changes.h>

#include <cmath>
#include <numbers>

#include <rewind/data/transforms/colors.h>
#include <rewind/data/transforms/filters.h>
#include <rewind/data/transforms/image_planes.h>
#include <rewind/data/transforms/tones.h>

namespace rw::data::transforms::detail {
namespace {

double slant(double tangent) { return std::atan(tangent) * 180 / std::numbers::pi; }

Tensor moved(const Tensor& x, const AffineOptions& change, const RotateOptions& how) {
  AffineOptions o = change;
  o.interpolation = how.interpolation;
  o.fill = how.fill;
  return functional::affine(x, o);
}

}  // namespace

Tensor changed(const Tensor& x, Change change, const Strengths& s, int64_t step, bool backwards,
               const RotateOptions& how) {
  const double share = static_cast<double>(step) / static_cast<double>(s.steps - 1);
  const auto signed_part = [&](double most) { return (backwards ? -most : most) * share; };
  switch (change) {
    case Change::identity:
      return detail::off_tape(x);
    case Change::shear_x:
      return moved(x, {.shear = {slant(signed_part(s.shear)), 0}, .center = Point{}}, how);
    case Change::shear_y:
      return moved(x, {.shear = {0, slant(signed_part(s.shear))}, .center = Point{}}, how);
    case Change::translate_x:
      return moved(x, {.translate = {std::trunc(signed_part(s.translate_x)), 0}}, how);
    case Change::translate_y:
      return moved(x, {.translate = {0, std::trunc(signed_part(s.translate_y))}}, how);
    case Change::rotate:
      return functional::rotate(x, signed_part(s.rotate), how);
    case Change::brightness:
      return functional::adjust_brightness(x, 1 + signed_part(s.factor));
    case Change::color:
      return functional::adjust_saturation(x, 1 + signed_part(s.factor));
    case Change::contrast:
      return functional::adjust_contrast(x, 1 + signed_part(s.factor));
    case Change::sharpness:
      return functional::adjust_sharpness(x, 1 + signed_part(s.factor));
    case Change::posterize:
      return functional::posterize(x, 8 - static_cast<int64_t>(std::nearbyint(s.bits * share)));
    case Change::solarize:
      return functional::solarize(x, greatest_of(x.dtype()) * (1 - share));
    case Change::auto_contrast:
      return functional::autocontrast(x);
    case Change::equalize:
      return functional::equalize(x);
    case Change::invert:
      break;
  }
  return functional::invert(x);
}

}  // namespace rw::data::transforms::detail
