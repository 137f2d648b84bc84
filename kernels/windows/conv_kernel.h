#pragma once

#include <cstdint>

#include <rewind/tensor/shape.h>
#include <rewind/tensor/size.h>

namespace rw::kernels {

/// The sizes of y [n, out, oh, ow] = conv2d(x [n, c, h, w], weight [out, c / groups, kh, kw]).
struct ConvSizes {
  int64_t n, c, h, w;
  int64_t out, kh, kw;
  int64_t oh, ow;
  Size2 stride, padding, dilation;
  int64_t groups;
};

/// The convolution that leads from g to dx, with filters turned around, where the stride is 1.
ConvSizes adjoint(const ConvSizes& s);

// Convolution in float64: depthwise channel by channel, otherwise as products (conv_blocks.h).
// Images lie in channels-last memory; weights by their strides. Everything is overwritten.

/// `bias` may be null.
void conv_forward(const ConvSizes& s, const double* x, const double* weight,
                  const Strides& weight_strides, const double* bias, double* y);
void conv_backward_input(const ConvSizes& s, const double* g, const double* weight,
                         const Strides& weight_strides, double* dx);
/// `dweight` is row-major.
void conv_backward_weight(const ConvSizes& s, const double* x, const double* g, double* dweight);

}  // namespace rw::kernels
