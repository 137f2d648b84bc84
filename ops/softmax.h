#pragma once

#include <optional>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// exp(x) / sum(exp(x)) along `dim`, computed without overflow, of x converted to `dtype` where one
/// is given. Differentiable to any order.
Tensor softmax(const Tensor& x, int64_t dim, std::optional<DType> dtype = {});
/// log(softmax(x)), without the loss of precision of doing so in two steps.
Tensor log_softmax(const Tensor& x, int64_t dim, std::optional<DType> dtype = {});

}  // namespace rw

#pragma GCC visibility pop
