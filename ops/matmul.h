#pragma once

#include <rewind/tensor/tensor.h>

// Matrix products over tensors of one dtype, floating or int64; linear takes floating ones only.
// Operands of any strides are used where they lie. Differentiable to any order.

#pragma GCC visibility push(default)

namespace rw {

/// As PyTorch's: the scalar product of two vectors; matrix times matrix or vector; and batches of
/// these, whose leading dimensions broadcast.
Tensor matmul(const Tensor& a, const Tensor& b);
/// Matrix times matrix, and a batch of these: exactly rank 2 and 3.
Tensor mm(const Tensor& a, const Tensor& b);
Tensor bmm(const Tensor& a, const Tensor& b);
/// x weight^T + bias: x [..., in], weight [out, in], bias [out] or undefined.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

}  // namespace rw

#pragma GCC visibility pop
