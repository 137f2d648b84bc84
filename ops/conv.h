#pragma once

#include <rewind/ops/padding.h>
#include <rewind/tensor/size.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// What conv2d takes by name.
struct Conv2dOptions {
  Size2 stride = 1;    ///< pixels from one output to the next
  Size2 padding = 0;   ///< pixels added at each border
  Size2 dilation = 1;  ///< pixels from one tap of a filter to the next
  int64_t groups = 1;  ///< parts that the channels fall into; each sees its own inputs alone
  /// What stands beyond the border: zeros, or the image mirrored, replicated or continued
  /// circularly.
  PaddingMode padding_mode = PaddingMode::zeros;
};

/// Cross-correlation of images with a bank of filters, as deep learning calls convolution.
/// x [N, C, H, W] or one image [C, H, W]; weight [out, C / groups, kh, kw]; bias [out] or
/// undefined; all of one floating dtype. The result is [N, out, H', W'] with H' = floor((H + 2
/// padding - dilation (kh - 1) - 1) / stride) + 1, in channels-last memory; in float32 it is in
/// row-major memory where it has few channels, or where each channel has filters of its own and the
/// input is. Differentiable to any order.
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
              const Conv2dOptions& options = {});

/// Whether conv2d may use Winograd's algorithm, in all threads; it may unless told otherwise. Where
/// it is faster, convolutions with 3x3 filters and stride 1 then take a quarter of the
/// multiplications, at relative errors of 1e-6 to 4e-6 in float32, where they are 2e-7 to 1e-6
/// otherwise. bfloat16 images with 64 channels or more take it on processors without instructions
/// for bfloat16 matrices (AMX), computed in float32. The choice depends on shapes, dtype and
/// processor alone, so a program gives the same digits in every run either way.
void set_winograd(bool enabled);
/// What set_winograd has set.
bool winograd_enabled();

}  // namespace rw

#pragma GCC visibility pop
