#pragma once

#include <rewind/kernels/resample/grid_kernel.h>

namespace rw::kernels {

/// Elements that a sample is made of, for a block of points: the tap t of point p at [t * block +
/// p].
template <class P>
struct GridTaps {
  static constexpr int64_t block = 64;
  static constexpr int most = 16;  // 4 x 4 or 2 x 2 x 2
  int count = 0;
  alignas(64) int32_t place[most * block];  // -1 beyond the border
  // For the sample itself, or, for its derivatives, one for each coordinate.
  alignas(64) P weights[3][most * block];
};

/// The taps of `n` points, at most a block, from `grid` on, with the weights of s.order. With
/// `gradient`, those of the derivatives by each coordinate.
template <class P>
void find_taps(const GridSamples& s, const P* grid, int64_t n, bool gradient, GridTaps<P>& taps);

}  // namespace rw::kernels
