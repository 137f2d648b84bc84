#pragma once

#include <rewind/kernels/operand.h>
#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// z = x times y, the vector product: dimension `dim` of the shape, of size 3, has the coordinates.
/// Numbers of one dtype but bool; those of reduced types are computed in float32 and rounded once,
/// integers wrap around.
void cross(DType dtype, const Shape& shape, int dim, const Operand& x, const Operand& y,
           const Operand& z);

}  // namespace rw::kernels
