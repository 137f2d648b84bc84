#pragma once

#include <functional>

#include <rewind/kernels/windows/conv_kernel.h>
#include <rewind/tensor/tensor.h>

namespace rw::onednn {

using kernels::ConvSizes;

// Convolution of float32 and bfloat16 tensors (see supports). Images lie in channels-last memory,
// weights by any strides without overlap. Everything is overwritten. No size is zero.

/// What is done to the results from one place in memory to another, by the thread that made them.
using FinishResults = std::function<void(int64_t begin, int64_t end)>;

/// y = conv2d(x, weight) + bias; `bias` may be undefined. `constant` tells that the weight will be
/// used again as it is, if nobody has a pointer to its data. `finish`, if any, is called for all
/// results, each time for some that are likely to be in a cache.
void conv_forward(const ConvSizes& s, const Tensor& x, const Tensor& weight, const Tensor& bias,
                  const Tensor& y, bool constant, const FinishResults& finish = {});
void conv_backward_input(const ConvSizes& s, const Tensor& g, const Tensor& weight,
                         const Tensor& dx);
/// `dweight` is row-major.
void conv_backward_weight(const ConvSizes& s, const Tensor& x, const Tensor& g,
                          const Tensor& dweight);

}  // namespace rw::onednn
