#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <rewind/tensor/dtype.h>

namespace rw::kernels {

enum class GridMode : uint8_t { bilinear, nearest, bicubic };
enum class GridPadding : uint8_t { zeros, border, reflection };

/// Samples of images (or volumes) at points given by a grid.
struct GridSamples {
  DType dtype;  // float32 or float64, of the grid and of what is computed
  int64_t images, channels;
  int axes;                      // 2 or 3
  std::array<int64_t, 3> sizes;  // of an image, the last axis last; those of missing axes are 1
  int64_t points;                // of each image
  bool channels_last;            // all but the grid: [images, places, channels]
  GridMode mode;
  GridPadding padding;
  bool align_corners;
  // How often a sample is differentiated by each coordinate of its point, in the grid's order.
  std::array<int, 3> order = {0, 0, 0};

  int64_t places() const { return sizes[0] * sizes[1] * sizes[2]; }
};

/// y [images, channels, points] = x [images, channels, places] at grid [images, points, axes].
void grid_sample(const GridSamples& s, const void* x, const void* grid, void* y);
/// The same for `nearest`, undifferentiated: x and y are of any type whose elements take `itemsize`
/// bytes, and zeros of it are all zero bits.
void grid_pick(const GridSamples& s, size_t itemsize, const void* x, const void* grid, void* y);
/// The adjoint: x, zeros at first, gets what of y comes from it.
void grid_scatter(const GridSamples& s, const void* y, const void* grid, void* x);
/// dgrid [images, points, axes] = the sum over the channels of g times the derivative of a sample
/// by each coordinate of its point. `order` is 0.
void grid_gradient(const GridSamples& s, const void* g, const void* x, const void* grid,
                   void* dgrid);

}  // namespace rw::kernels
