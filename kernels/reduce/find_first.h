#pragma once

#include <rewind/kernels/pointwise/pointwise_kernel.h>

namespace rw::kernels {

/// index (int64) = the first position along `dim` of x that holds `values`, as a maximum or minimum
/// that was found before does; NaN is found too. x and values are of `dtype`. The strides of values
/// and index have an entry per dimension of x; that of `dim` is ignored.
void find_first(DType dtype, const Shape& shape, int dim, const Operand& x, const Operand& values,
                const Operand& index);

}  // namespace rw::kernels
