#pragma once

#include <rewind/kernels/windows/conv_kernel.h>

namespace rw::kernels {

// Convolution of float32 images in row-major memory, stride 1, plane by plane, in vectors along the
// rows: where each channel has filters of its own (depthwise), or where a pixel has too few
// channels to fill a vector. oneDNN would want the images in channels-last memory, and vectors of
// channels there. Results do not depend on the number of threads.

/// Whether each channel has filters of its own, and the convolution can be computed this way.
bool is_depthwise(const ConvSizes& s);
/// Whether there are few channels in the result, or in the input, and the convolution can be
/// computed this way and is faster then.
bool few_channels_out(const ConvSizes& s);  ///< forward, and backward for the weight
bool few_channels_in(const ConvSizes& s);   ///< backward for the input

/// y = conv2d(x, w) + bias, which may be null. The weight is row-major.
void planes_forward(const ConvSizes& s, const float* x, const float* weight, const float* bias,
                    float* y);
void planes_backward_input(const ConvSizes& s, const float* g, const float* weight, float* dx);
void planes_backward_weight(const ConvSizes& s, const float* x, const float* g, float* dweight);

/// Whether a row-major image with few channels should become one in channels-last memory directly:
/// its elements are taken one by one, the filters in vectors.
bool pixels_pay(const ConvSizes& s);
void pixels_forward(const ConvSizes& s, const float* x, const float* weight, const float* bias,
                    float* y);

}  // namespace rw::kernels
