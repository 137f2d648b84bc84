#pragma once

#include <rewind/kernels/windows/conv_kernel.h>
#include <rewind/tensor/tensor.h>

namespace rw::onednn {

using kernels::ConvSizes;

// Convolution of float32 and bfloat16 tensors (see supports). Images lie in channels-last memory,
// weights by any strides without overlap. Everything is overwritten. No size is zero.

/// y = conv2d(x, weight) + bias; `bias` may be undefined. `constant` tells that the weight will be
/// used again as it is, if nobody has a pointer to its data.
void conv_forward(const ConvSizes& s, const Tensor& x, const Tensor& weight, const Tensor& bias,
                  const Tensor& y, bool constant);
void conv_backward_input(const ConvSizes& s, const Tensor& g, const Tensor& weight,
                         const Tensor& dx);
/// `dweight` is row-major.
void conv_backward_weight(const ConvSizes& s, const Tensor& x, const Tensor& g,
                          const Tensor& dweight);

}  // namespace rw::onednn
