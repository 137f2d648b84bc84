#pragma once

#include <rewind/tensor/tensor.h>

// Channels that trade places with pixels, or with each other. All dtypes; channels-last memory is
// kept; differentiable to any order.

#pragma GCC visibility push(default)

namespace rw {

///@{
/// From [..., C r^2, H, W] to [..., C, H r, W r], r being the factor: channel c r^2 + i r + j at
/// (h, w) becomes channel c at (h r + i, w r + j) (Shi et al., "Real-time single image and video
/// super-resolution using an efficient sub-pixel convolutional neural network", 2016); and back.
/// Throws ShapeError where sizes do not divide.
Tensor pixel_shuffle(const Tensor& x, int64_t upscale_factor);
Tensor pixel_unshuffle(const Tensor& x, int64_t downscale_factor);
///@}

/// The channels of x [N, C, ...], seen as a matrix [groups, C / groups], in the order of its
/// transpose: each group of the result has channels of all groups. Throws ShapeError where x has
/// less than three dimensions, or the groups do not divide the channels.
Tensor channel_shuffle(const Tensor& x, int64_t groups);

}  // namespace rw

#pragma GCC visibility pop
