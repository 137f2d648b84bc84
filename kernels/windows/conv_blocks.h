#pragma once

#include <algorithm>

#include <rewind/kernels/windows/conv_kernel.h>

// Convolution in float64 as products with windows unrolled into rows (im2col), block by block, so
// that these stay in the cache. Images lie in channels-last memory, weights by their strides;
// everything is overwritten, and results do not depend on the number of threads.
namespace rw::kernels {

/// What is worth a thread, where one piece of work takes so many multiplications.
inline int64_t grain(int64_t multiplications) {
  return std::max<int64_t>(1, (1 << 17) / std::max<int64_t>(multiplications, 1));
}

/// `bias` may be null.
void blocks_forward(const ConvSizes& s, const double* x, const double* weight,
                    const Strides& weight_strides, const double* bias, double* y);
void blocks_backward_input(const ConvSizes& s, const double* g, const double* weight,
                           const Strides& weight_strides, double* dx);
/// `dweight` is row-major.
void blocks_backward_weight(const ConvSizes& s, const double* x, const double* g, double* dweight);

}  // namespace rw::kernels
