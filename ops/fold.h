#pragma once

#include <rewind/tensor/size.h>
#include <rewind/tensor/tensor.h>

// Windows of images as columns, and back. Differentiable to any order.

#pragma GCC visibility push(default)

namespace rw {

/// What unfold and fold take by name.
struct FoldOptions {
  Size2 dilation = 1;  ///< pixels from one element of a window to the next
  Size2 padding = 0;   ///< zeros added at each border
  Size2 stride = 1;    ///< pixels from one window to the next
};
/// The windows of images [N, C, H, W] or of one image [C, H, W] as columns: [N, C kh kw, L] or [C
/// kh kw, L], where L is the number of windows that conv2d would have, row by row.
Tensor unfold(const Tensor& x, Size2 kernel_size, const FoldOptions& options = {});
/// The adjoint of unfold: sums columns [N, C kh kw, L] or [C kh kw, L] up to images of
/// `output_size`.
Tensor fold(const Tensor& columns, Size2 output_size, Size2 kernel_size,
            const FoldOptions& options = {});

}  // namespace rw

#pragma GCC visibility pop
