#pragma once

#include <rewind/tensor/tensor.h>

// Running totals along a dimension. Differentiable to any order.

#pragma GCC visibility push(default)

namespace rw {

/// y[k] = x[0] + … + x[k] along `dim`; int64 for integers and bool. A tensor of rank 0 is its own.
Tensor cumsum(const Tensor& x, int64_t dim);

}  // namespace rw

#pragma GCC visibility pop
