#pragma once

#include <vector>

#include <rewind/tensor/padding_mode.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// Pads the last dimensions. `padding` holds {before, after} of the last dim, then of the one
/// before it, and so on, as in PyTorch; negative numbers cut off. `zeros` fills with `value`;
/// `reflect` needs padding smaller than the dim, `circular` at most what is left of the dim. All
/// dtypes.
/// Differentiable to any order.
Tensor pad(const Tensor& x, const std::vector<int64_t>& padding,
           PaddingMode mode = PaddingMode::zeros, double value = 0);

}  // namespace rw

#pragma GCC visibility pop
