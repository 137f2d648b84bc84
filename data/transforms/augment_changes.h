#pragma once
// Private to the library's sources: what RandAugment and the like choose from.

#include <rewind/data/transforms/warps.h>

namespace rw::data::transforms::detail {

enum class Change : uint8_t {
  identity,
  shear_x,
  shear_y,
  translate_x,
  translate_y,
  rotate,
  brightness,
  color,
  contrast,
  sharpness,
  posterize,
  solarize,
  auto_contrast,
  equalize,
  invert
};

/// How strong changes may get: `steps` strengths, from none to these numbers.
struct Strengths {
  int64_t steps;
  double shear;        ///< the tangent of the angle
  double translate_x;  ///< pixels
  double translate_y;
  double rotate;  ///< degrees
  double factor;  ///< of colors and sharpness, away from 1
  double bits;    ///< that are taken away
};

/// Change x with strength `step` of those that there are, in one of two directions, where a change
/// has such.
Tensor changed(const Tensor& x, Change change, const Strengths& s, int64_t step, bool backwards,
               const RotateOptions& how);

}  // namespace rw::data::transforms::detail
