#pragma once

#include <optional>
#include <vector>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// How interpolate fills in between elements.
enum class InterpolateMode : uint8_t {
  nearest,        ///< the element at floor(i * scale)
  nearest_exact,  ///< the element nearest to the middle of the new one
  linear,         ///< along one axis, [N, C, L]
  bilinear,       ///< along two, [N, C, H, W]
  bicubic,        ///< by cubic convolution with a = -0.75 (-0.5 with antialias), [N, C, H, W]
  trilinear,      ///< along three axes, [N, C, D, H, W]
  area,           ///< averages over the bins of adaptive pooling
  lanczos         ///< sinc(x) sinc(x / 3), with antialias only, [N, C, H, W]
};

/// What interpolate takes by name: a size or a factor, for all axes or one for each.
struct InterpolateOptions {
  std::vector<int64_t> size = {};         ///< of the result
  std::vector<double> scale_factor = {};  ///< the result's size is the input's times this, rounded
                                          ///< down
  InterpolateMode mode = InterpolateMode::nearest;  ///< what new elements are made of
  /// Whether the middles of the corner elements stay where they are, rather than the corners of the
  /// whole; false by default, and for linear, bilinear, bicubic, trilinear and lanczos only.
  std::optional<bool> align_corners = {};
  bool recompute_scale_factor = false;  ///< go by the sizes, not by the factor that gave them
  bool antialias =
      false;  ///< where it gets smaller, weigh all elements; bilinear, bicubic, lanczos
};

/// Images, sequences or volumes [N, C, ...] of one, two or three axes brought to another size, by
/// PyTorch's rules for where elements lie. Channels-last memory is kept. Takes floating dtypes,
/// and uint8 for nearest, nearest_exact, bilinear, bicubic and lanczos. Differentiable to any
/// order. Throws ShapeError for other ranks and for sizes that are not positive.
Tensor interpolate(const Tensor& x, const InterpolateOptions& options);

}  // namespace rw

#pragma GCC visibility pop
