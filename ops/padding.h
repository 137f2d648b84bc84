#pragma once

#include <vector>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// How a border is filled: with a constant (zeros in convolution), mirrored about the edge without
/// repeating it (`reflect`), repeating the edge (`replicate`), or from the opposite side
/// (`circular`).
enum class PaddingMode : uint8_t { zeros, reflect, replicate, circular };

/// Pads the last dimensions. `padding` holds {before, after} of the last dim, then of the one
/// before it, and so on, as in PyTorch. `zeros` fills with `value` and takes negative padding,
/// which crops; `reflect` needs padding smaller than the dim, `circular` at most the dim.
/// Differentiable to any order.
Tensor pad(const Tensor& x, const std::vector<int64_t>& padding,
           PaddingMode mode = PaddingMode::zeros, double value = 0);

}  // namespace rw

#pragma GCC visibility pop
