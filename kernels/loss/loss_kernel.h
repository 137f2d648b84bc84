#pragma once

#include <cstdint>

#include <rewind/kernels/operand.h>
#include <rewind/kernels/pointwise/pointwise_kernel.h>
#include <rewind/tensor/dtype.h>

namespace rw::kernels {

// One for each line of the list.
enum class LossOp : uint8_t {
#define REWIND_LOSS(name, ...) name,
#include <rewind/kernels/loss/loss_ops.inc>
};

/// y = loss(x, t), all of the floating `dtype`.
void loss(LossOp op, Parameters p, DType dtype, const Shape& shape, const Operand& x,
          const Operand& t, const Operand& y);
/// dx = factor g d loss(x, t) / dx, all of `dtype`; the factor counts in what that is computed in.
void loss_backward(LossOp op, Parameters p, double factor, DType dtype, const Shape& shape,
                   const Operand& g, const Operand& x, const Operand& t, const Operand& dx);

}  // namespace rw::kernels
