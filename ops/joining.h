#pragma once

#include <vector>

#include <rewind/tensor/tensor.h>

// Putting tensors together; taking them apart is done by Tensor's views (split, chunk, unbind).

#pragma GCC visibility push(default)

namespace rw {

/// Tensors one after another along `dim`; their other sizes agree, dtypes are promoted. As in
/// PyTorch, empty vectors (of shape [0]) may stand among tensors of any rank.
Tensor cat(const std::vector<Tensor>& tensors, int64_t dim = 0);
/// Tensors of one shape along a new dimension.
Tensor stack(const std::vector<Tensor>& tensors, int64_t dim = 0);

}  // namespace rw

#pragma GCC visibility pop
