#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// Random numbers of a dropout: those of philox(seed, first), philox(seed, first + 1), … in order.
struct DropoutMask {
  uint64_t seed, first;
  uint32_t threshold;  ///< a value is kept where its 32-bit number is at least this
};

/// y[i] = keep(i) ? x[i] * scale : 0 for n adjacent values of a floating type.
void dropout(DType dtype, const DropoutMask& mask, double scale, const void* x, void* y, int64_t n);

}  // namespace rw::kernels
