#pragma once

#include <cstdint>

#include <rewind/kernels/groups.h>
#include <rewind/tensor/dtype.h>

namespace rw::kernels {

enum class SoftmaxForm : uint8_t { plain, log };

/// y = softmax(x), or its logarithm. Floating types.
void softmax(SoftmaxForm form, DType dtype, Groups groups, const void* x, void* y);
/// dx from the gradient g and the result y: y (g - sum g y), or g - exp(y) sum g for the logarithm.
void softmax_backward(SoftmaxForm form, DType dtype, Groups groups, const void* g, const void* y,
                      void* dx);
/// dx[k] = factor * (exp(y[k]) - (k == label ? 1 : 0)) for each of outer x inner groups, which have
/// a factor and a label each: the gradient of a cross entropy, where y = log softmax(x). A label
/// outside of [0, n) matches no k.
void cross_entropy_backward(DType dtype, Groups groups, const void* y, const int64_t* labels,
                            const double* factors, void* dx);

}  // namespace rw::kernels
