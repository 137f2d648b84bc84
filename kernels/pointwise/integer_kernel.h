#pragma once

#include <rewind/kernels/pointwise/pointwise_kernel.h>

namespace rw::kernels {

/// `remainder` has the sign of the divisor, and is for numbers of all types but bool; the others go
/// bit by bit over integers and bool.
enum class IntegerOp : uint8_t { remainder, bit_and, bit_or, bit_xor };

/// y = op(a, b), all of `dtype`. No divisor of an integer is 0.
void integer(IntegerOp op, DType dtype, const Shape& shape, const Operand& a, const Operand& b,
             const Operand& y);

}  // namespace rw::kernels
