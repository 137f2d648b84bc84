#pragma once

#include <vector>

#include <rewind/tensor/dtype.h>
#include <rewind/tensor/padding_mode.h>

namespace rw::kernels {

/// One dimension of a dense array: its size, and how much is added (or, when negative, cut off)
/// on either side.
struct PadDim {
  int64_t size, before, after;
  int64_t padded() const { return before + size + after; }
};

/// Pads x, whose dimensions (at least one of them padded) are listed in the order of memory,
/// outermost first, to y.
void pad(DType dtype, PaddingMode mode, const std::vector<PadDim>& dims, Scalar value,
         const void* x, void* y);
/// Every element of x becomes the sum of those of y that pad copied from it. The order of additions
/// does not depend on the number of threads. For float32, float64 and bfloat16; nothing is cut off.
void unpad(DType dtype, PaddingMode mode, const std::vector<PadDim>& dims, const void* y, void* x);

}  // namespace rw::kernels
