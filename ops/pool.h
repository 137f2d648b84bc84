#pragma once

#include <utility>

#include <rewind/tensor/size.h>
#include <rewind/tensor/tensor.h>

// Pooling over images [N, C, H, W] or one image [C, H, W], in channels-last memory where the input
// is. Differentiable to any order.

#pragma GCC visibility push(default)

namespace rw {

/// What max_pool2d takes by name.
struct MaxPool2dOptions {
  Size2 stride = Size2::unset();  ///< the kernel's size by default
  Size2 padding = 0;              ///< at most half the kernel; never wins
  Size2 dilation = 1;             ///< from one element of a window to the next
  bool ceil_mode = false;         ///< keep a last window that starts inside but ends outside
};
/// The greatest element of each window. The first of equal ones receives the gradient; NaN wins.
Tensor max_pool2d(const Tensor& x, Size2 kernel, const MaxPool2dOptions& options = {});
/// The same, and each winner's position h * W + w in its plane (int64).
std::pair<Tensor, Tensor> max_pool2d_with_indices(const Tensor& x, Size2 kernel,
                                                  const MaxPool2dOptions& options = {});

/// What avg_pool2d takes by name.
struct AvgPool2dOptions {
  Size2 stride = Size2::unset();  ///< the kernel's size by default
  Size2 padding = 0;              ///< at most half the kernel; zeros
  bool ceil_mode = false;         ///< keep a last window that starts inside but ends outside
  bool count_include_pad = true;  ///< zeros of the padding count in the average
};
/// The average of each window.
Tensor avg_pool2d(const Tensor& x, Size2 kernel, const AvgPool2dOptions& options = {});
/// Averages over output_size bins that cover the image: bin i spans [floor(i H / h), ceil((i+1) H /
/// h)).
Tensor adaptive_avg_pool2d(const Tensor& x, Size2 output_size);

}  // namespace rw

#pragma GCC visibility pop
