#pragma once

#include <rewind/ops/conv_padding.h>
#include <rewind/ops/padding.h>
#include <rewind/tensor/size.h>
#include <rewind/tensor/tensor.h>
#include <concepts>

// Convolutions over one, two or three axes, and their adjoints, which are called transposed
// convolutions. Inputs come with a batch or without. Differentiable to any order; an input that is
// padded first is not kept for backward, but padded again.

#pragma GCC visibility push(default)

namespace rw {

/// What conv1d, conv2d and conv3d take by name, for N axes.
template <std::size_t N>
struct ConvOptions {
  Size<N> stride = 1;          ///< pixels from one output to the next
  ConvPadding<N> padding = 0;  ///< pixels added at each border, "same" or "valid"
  Size<N> dilation = 1;        ///< pixels from one tap of a filter to the next
  int64_t groups = 1;  ///< parts that the channels fall into; each sees its own inputs alone
  /// What stands beyond the border: zeros, or the image mirrored, replicated or continued
  /// circularly.
  PaddingMode padding_mode = PaddingMode::zeros;
};
///@{
/// Those of one rank.
using Conv1dOptions = ConvOptions<1>;
using Conv2dOptions = ConvOptions<2>;
using Conv3dOptions = ConvOptions<3>;
///@}

/// Cross-correlation of images with a bank of filters, as deep learning calls convolution.
/// x [N, C, H, W] or one image [C, H, W]; weight [out, C / groups, kh, kw]; bias [out] or
/// undefined; all of one floating dtype. The result is [N, out, H', W'] with H' = floor((H +
/// padding before and after - dilation (kh - 1) - 1) / stride) + 1, in channels-last memory; in
/// float32 it is in row-major memory where it has few channels, or where each channel has filters
/// of its own and the input is.
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
              const Conv2dOptions& options = {});
/// The same over sequences: x [N, C, L] or [C, L], weight [out, C / groups, k].
Tensor conv1d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
              const Conv1dOptions& options = {});
/// The same over volumes: x [N, C, D, H, W] or [C, D, H, W], weight [out, C / groups, kd, kh, kw].
Tensor conv3d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
              const Conv3dOptions& options = {});
///@{
/// With options by their place, as libtorch takes them: `conv2d(x, w, b, 2, 1)`.
template <std::integral I>
Tensor conv1d(const Tensor& x, const Tensor& weight, const Tensor& bias, I stride,
              Size<1> padding = 0, Size<1> dilation = 1, int64_t groups = 1) {
  return conv1d(x, weight, bias,
                {.stride = stride, .padding = padding, .dilation = dilation, .groups = groups});
}
template <std::integral I>
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, I stride,
              Size<2> padding = 0, Size<2> dilation = 1, int64_t groups = 1) {
  return conv2d(x, weight, bias,
                {.stride = stride, .padding = padding, .dilation = dilation, .groups = groups});
}
template <std::integral I>
Tensor conv3d(const Tensor& x, const Tensor& weight, const Tensor& bias, I stride,
              Size<3> padding = 0, Size<3> dilation = 1, int64_t groups = 1) {
  return conv3d(x, weight, bias,
                {.stride = stride, .padding = padding, .dilation = dilation, .groups = groups});
}
///@}

/// What conv_transpose1d, conv_transpose2d and conv_transpose3d take by name, for N axes.
template <std::size_t N>
struct ConvTransposeOptions {
  Size<N> stride = 1;          ///< pixels of the result from one of the input to the next
  Size<N> padding = 0;         ///< pixels cut off at each border of the result
  Size<N> output_padding = 0;  ///< pixels more at the end; less than the stride or the dilation
  int64_t groups = 1;          ///< parts that the channels fall into
  Size<N> dilation = 1;        ///< pixels from one tap of a filter to the next
};
///@{
/// Those of one rank.
using ConvTranspose1dOptions = ConvTransposeOptions<1>;
using ConvTranspose2dOptions = ConvTransposeOptions<2>;
using ConvTranspose3dOptions = ConvTransposeOptions<3>;
///@}

/// The adjoint of conv2d: what leads from its result's gradient to its input's. x [N, C, H, W] or
/// [C, H, W]; weight [C, out / groups, kh, kw]; bias [out] or undefined. The result is [N, out, H',
/// W'] with H' = (H - 1) stride - 2 padding + dilation (kh - 1) + output_padding + 1.
Tensor conv_transpose2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                        const ConvTranspose2dOptions& options = {});
/// The same for conv1d: x [N, C, L] or [C, L], weight [C, out / groups, k].
Tensor conv_transpose1d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                        const ConvTranspose1dOptions& options = {});
/// The same for conv3d: x [N, C, D, H, W] or [C, D, H, W], weight [C, out / groups, kd, kh, kw].
Tensor conv_transpose3d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                        const ConvTranspose3dOptions& options = {});

/// Whether convolutions may use Winograd's algorithm, in all threads; they may unless told
/// otherwise. Where it is faster, those with 3x3 filters and stride 1 then take a quarter of the
/// multiplications, at relative errors of 1e-6 to 4e-6 in float32, where they are 2e-7 to 1e-6
/// otherwise. bfloat16 images with 64 channels or more take it on processors without instructions
/// for bfloat16 matrices (AMX), computed in float32. The choice depends on shapes, dtype and
/// processor alone, so a program gives the same digits in every run either way.
void set_winograd(bool enabled);
/// What set_winograd has set.
bool winograd_enabled();

}  // namespace rw

#pragma GCC visibility pop
