#pragma once

#include <rewind/ops/kernels/conv.h>

namespace rw::kernels {

// Depthwise convolution of float32 images in row-major memory, one filter to a channel, stride 1:
// plane by plane, in vectors along the rows. oneDNN would want the images in channels-last memory;
// to bring them there takes longer than this. Results do not depend on the number of threads.

/// Whether the convolution can be computed this way.
bool is_depthwise(const ConvSizes& s);

/// y = conv2d(x, w) + bias, which may be null. The weight is row-major.
void depthwise_forward(const ConvSizes& s, const float* x, const float* weight, const float* bias,
                       float* y);
void depthwise_backward_input(const ConvSizes& s, const float* g, const float* weight, float* dx);
void depthwise_backward_weight(const ConvSizes& s, const float* x, const float* g, float* dweight);

}  // namespace rw::kernels
