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
/// Adds to every element of x those of y that pad copied from it; x starts out as zeros. The order
/// of additions does not depend on the number of threads. For floating types.
void unpad(DType dtype, PaddingMode mode, const std::vector<PadDim>& dims, const void* y, void* x);

}  // namespace rw::kernels
