#pragma once

#include <rewind/kernels/windows/conv_kernel.h>
#include <rewind/tensor/tensor.h>

// Convolutions as products of matrices: the windows of all results, one in a row, times the filters
// as they lie. Windows are copied for it, weights are not.
namespace rw::onednn {

using kernels::ConvSizes;

/// The windows of all results as rows of [channels, height, width], as long as a filter; zero
/// beyond the border. x is channels-last.
void unroll(const ConvSizes& s, const float* x, float* rows);

/// Whether results are so few that to bring the weights into a primitive's layout would take longer
/// than the convolution; float32 and row-major weights only.
bool takes_products(const ConvSizes& s, const Tensor& weight);

/// The three passes of such a convolution; images are channels-last, and dweight row-major.
void products_forward(const ConvSizes& s, const Tensor& x, const Tensor& weight, const Tensor& bias,
                      const Tensor& y);
void products_backward_input(const ConvSizes& s, const Tensor& g, const Tensor& weight,
                             const Tensor& dx);
void products_backward_weight(const ConvSizes& s, const Tensor& x, const Tensor& g,
                              const Tensor& dweight);

}  // namespace rw::onednn
