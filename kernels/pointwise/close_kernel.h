#pragma once

#include <rewind/kernels/operand.h>
#include <rewind/tensor/dtype.h>

namespace rw::kernels {

struct Tolerance {
  double relative = 0, absolute = 0;
  bool equal_nan = false;
};

/// y (bool): whether |a - b| <= absolute + relative |b|, both of `dtype` and neither of them, nor
/// the bound, rounded to it. Infinities are close to themselves alone, NaN to nothing or to NaN.
void close(Tolerance tolerance, DType dtype, const Shape& shape, const Operand& a, const Operand& b,
           const Operand& y);

}  // namespace rw::kernels
