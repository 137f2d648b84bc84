#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// y = x, n elements each in one piece, on the calling thread. To bfloat16 rounds to nearest even.
void convert(const BFloat16* x, float* y, int64_t n);
void convert(const float* x, BFloat16* y, int64_t n);

}  // namespace rw::kernels
