#pragma once

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// In training, each element is zeroed with probability p and the others are divided by 1 - p;
/// otherwise x itself. Draws from this thread's generator; backward draws the same mask again from
/// its seed, so none is stored (Srivastava et al., "Dropout", 2014).
Tensor dropout(const Tensor& x, double p = 0.5, bool training = true);

}  // namespace rw

#pragma GCC visibility pop
