#pragma once
// Private to ops: convolution of images [N, C, H, W], which those of all ranks come down to.

#include <optional>
#include <vector>

#include <rewind/kernels/windows/conv_kernel.h>
#include <rewind/ops/conv_frames.h>
#include <rewind/tensor/padding_mode.h>
#include <rewind/tensor/tensor.h>

namespace rw::detail {

using kernels::ConvSizes;

/// How the images lie and which algorithm takes them; shared by an op and its derivatives.
struct ConvPlan {
  ConvSizes s;
  // Forward and backward for the weight.
  bool planes, winograd;
  // Forward.
  bool winograd_forward;  // where nothing is recorded
  bool pixels;            // from a row-major image
  // Backward for the input.
  bool planes_backward_input, winograd_backward_input;

  // How images have to lie.
  MemoryFormat format() const { return format_for(planes); }
  MemoryFormat format_backward_input() const { return format_for(planes_backward_input); }

 private:
  static MemoryFormat format_for(bool planes) {
    return planes ? MemoryFormat::contiguous : MemoryFormat::channels_last;
  }
};
/// `row_major` tells how the input lies.
ConvPlan make_conv_plan(const ConvSizes& s, DType dtype, bool row_major);

/// What is done to an input before it is images to convolve. It is linear, and done again in
/// backward rather than kept.
struct ConvPreparation {
  std::vector<int64_t> border = {};  ///< what `pad` adds by the mode
  PaddingMode mode = PaddingMode::zeros;
  std::vector<int64_t> cut = {};          ///< then of zeros, or cut off
  std::optional<ConvFrames> frames = {};  ///< then

  bool does_anything() const { return !border.empty() || !cut.empty() || frames; }
  Tensor operator()(const Tensor& x) const;
  /// From the images' gradient to the input's.
  Tensor adjoint(const Tensor& g) const;
};

/// What a convolution ends with where nothing is recorded: relu(y + add), `add` may be undefined.
struct ConvEnd {
  Tensor add;
  bool done = false;  ///< whether the result has been finished this way
};

// The ops, each with its own pullback, so that gradients can be differentiated to any order.

/// y = x * weight + bias, all three linear: dx and dweight are the products with the other factor,
/// dbias is the sum over all pixels.
Tensor convolve(const char* op, const Tensor& x, const Tensor& weight, const Tensor& bias,
                const ConvPlan& plan, const ConvPreparation& prepare = {}, ConvEnd* end = nullptr);
Tensor convolve_backward_input(const Tensor& g, const Tensor& weight, const ConvPlan& plan);
Tensor convolve_backward_weight(const Tensor& x, const Tensor& g, const ConvPlan& plan);

}  // namespace rw::detail
