#pragma once

#include <rewind/tensor/tensor.h>

// Matrix products over tensors of one dtype, floating or integer; linear takes floating ones only.
// Operands of any strides are used where they lie. Differentiable to any order.

#pragma GCC visibility push(default)

namespace rw {

/// As PyTorch's: the scalar product of two vectors; matrix times matrix or vector; and batches of
/// these, whose leading dimensions broadcast.
Tensor matmul(const Tensor& a, const Tensor& b);
/// Matrix times matrix: exactly rank 2.
Tensor mm(const Tensor& a, const Tensor& b);
/// A batch of matrices times as many: exactly rank 3.
Tensor bmm(const Tensor& a, const Tensor& b);
/// x weight^T + bias: x [..., in], weight [out, in], bias [out] or undefined; integers too.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

}  // namespace rw

#pragma GCC visibility pop
