#pragma once

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// How grid_sample fills in between pixels.
enum class GridSampleMode : uint8_t {
  bilinear,  ///< between two pixels along each axis
  nearest,   ///< the nearest pixel
  bicubic    ///< by cubic convolution with a = -0.75; images only
};
/// What grid_sample takes to be beyond the border.
enum class GridSamplePadding : uint8_t {
  zeros,      ///< nothing
  border,     ///< the border, repeated
  reflection  ///< the image, mirrored as often as it takes
};
/// What grid_sample takes by name.
struct GridSampleOptions {
  GridSampleMode mode = GridSampleMode::bilinear;             ///< between pixels
  GridSamplePadding padding_mode = GridSamplePadding::zeros;  ///< beyond the border
  bool align_corners =
      false;  ///< -1 and 1 are the middles of the outermost pixels, not their edges
};
/// Images x [N, C, H, W] at the points of a grid [N, h, w, 2], or volumes [N, C, D, H, W] at those
/// of [N, d, h, w, 3]: a result [N, C, h, w] or [N, C, d, h, w] (Jaderberg et al., "Spatial
/// transformer networks", 2015). A point is (x, y) or (x, y, z) from -1 to 1 across the image; NaN
/// counts as -1. x and grid are of one floating dtype. Differentiable to any order by both. Throws
/// ShapeError where shapes do not go together, and for images without pixels.
Tensor grid_sample(const Tensor& x, const Tensor& grid, const GridSampleOptions& options = {});

/// The grid [N, H, W, 2] for a result of `size` [N, C, H, W] that takes each point (x, y) of it to
/// theta (x, y, 1), theta [N, 2, 3] being an affine map for each image; and with size [N, C, D, H,
/// W] and theta [N, 3, 4] one [N, D, H, W, 3].
Tensor affine_grid(const Tensor& theta, const Shape& size, bool align_corners = false);

}  // namespace rw

#pragma GCC visibility pop
