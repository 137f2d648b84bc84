#pragma once
// Private to ops: volumes as images, so that what convolves images convolves volumes.

#include <rewind/tensor/tensor.h>

namespace rw::detail {

/// The depth of a convolution over volumes: each of `out` results sees `kernel` frames of `depth`.
struct ConvFrames {
  int64_t channels, depth, out;
  int64_t kernel, stride, before, dilation;
  int64_t groups;           ///< that the channels fall into
  bool taps_first = false;  ///< [kernel, C] in place of [groups, kernel, C / groups]
};

/// From x [N, C, D, H, W] to images [N out, kernel C, H, W] that have, as channels, the frames that
/// a result sees; zeros beyond the border. They lie row-major or channels-last as x does, if it is
/// either. Linear, differentiable to any order.
Tensor to_frames(const Tensor& x, const ConvFrames& f);
/// Its adjoint.
Tensor from_frames(const Tensor& g, const ConvFrames& f);

}  // namespace rw::detail
