#pragma once

#include <cstdint>
#include <string_view>

#include <rewind/kernels/windows/conv_kernel.h>
#include <rewind/tensor/dtype.h>

namespace rw::onednn {

/// What a convolution computes.
enum class Pass : int64_t { forward, backward_input, backward_weight };

/// How a convolution gets past a fault of the primitive that would compute it.
enum class Detour {
  none,           ///< there is none: the primitive may be used
  dense,          ///< take out the pixels that a 1x1 window meets first, so that the stride is 1
  even_channels,  ///< add a channel of zeros to what the pass reads
  in_float32,
  in_float32_unless_finite,  ///< that is, where the result is not
};

/// The one place that knows what oneDNN's convolutions get wrong: which way to take for these
/// sizes. Each rule there names the versions that were seen to need it, and
/// tests/ops/onednn_faults.cpp tells when they no longer do.
Detour detour(Pass pass, const kernels::ConvSizes& s, DType dtype);

/// Whether the implementation of this name may compute the results of a convolution.
bool may_compute_results(std::string_view implementation);

/// For that test: whether there are detours at all, in all threads.
void set_detours(bool enabled);

}  // namespace rw::onednn
