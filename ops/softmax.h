#pragma once

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// exp(x) / sum(exp(x)) along `dim`, computed without overflow. Differentiable to any order.
Tensor softmax(const Tensor& x, int64_t dim);
/// log(softmax(x)), without the loss of precision of doing so in two steps.
Tensor log_softmax(const Tensor& x, int64_t dim);

}  // namespace rw

#pragma GCC visibility pop
