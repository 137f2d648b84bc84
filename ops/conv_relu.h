#pragma once
// Private to the library's sources: what convolutions of residual networks end with.

#include <rewind/ops/conv.h>

namespace rw::detail {

/// relu(conv2d(x, weight, bias, options) + add), `add` may be undefined. Where nothing is recorded
/// or traced, both come in one pass over memory, or as results are made.
Tensor conv2d_relu(const Tensor& x, const Tensor& weight, const Tensor& bias,
                   const Conv2dOptions& options, const Tensor& add);

}  // namespace rw::detail
