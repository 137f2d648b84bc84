#pragma once

#include <rewind/ops/kernels/elementwise.h>

namespace rw::kernels {

/// y = x, both of one type whose elements take `itemsize` bytes.
void copy_bytes(size_t itemsize, const Shape& shape, const Operand& x, const Operand& y);

}  // namespace rw::kernels
