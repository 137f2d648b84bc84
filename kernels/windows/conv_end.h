#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// y = relu(y + add), `count` elements in one piece on the calling thread: what a convolution of a
/// residual network ends with. `add` may be null. T is float or BFloat16.
void add_and_relu(const float* add, int64_t count, float* y);
void add_and_relu(const BFloat16* add, int64_t count, BFloat16* y);

}  // namespace rw::kernels
