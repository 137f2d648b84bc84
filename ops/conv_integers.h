#pragma once
// Private to ops.

#include <rewind/ops/conv_arguments.h>

namespace rw::detail {

/// The convolution, or the transposed one, of integer tensors that check_conv has let pass, x being
/// a batch. Sums wrap as those of mm do.
Tensor integer_convolution(const ConvArguments& c, const Tensor& x, const Tensor& weight,
                           const Tensor& bias);

}  // namespace rw::detail
