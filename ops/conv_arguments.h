#pragma once
// Private to ops: what convolutions of all ranks have in common, as three axes.

#include <cstddef>

#include <rewind/ops/conv.h>
#include <rewind/tensor/tensor.h>
#include <rewind/tensor/wide.h>

namespace rw::detail {

/// Options for depth, height and width; those that a call of a lower rank has no axis for are
/// idle.
struct ConvArguments {
  const char* op;
  int axes;  // that count: the last
  Size<3> stride = 1, before = 0, after = 0, dilation = 1, output_padding = 0;
  int64_t groups = 1;
  PaddingMode mode = PaddingMode::zeros;
  bool transposed = false, same = false;

  int first() const { return 3 - axes; }
};

/// Sizes along depth, height and width; 1 where there is no such axis.
Size<3> spatial(const Tensor& t);

/// Throws unless the tensors go together by their dtypes, ranks and channels, and the options are
/// in range.
void check_conv(const ConvArguments& c, const Tensor& x, const Tensor& weight, const Tensor& bias);

/// The length of a window with its holes.
inline Wide extent(int64_t kernel, int64_t dilation) { return Wide{dilation} * (kernel - 1) + 1; }

/// The numbers that "same" stands for.
ConvArguments with_padding_counted(ConvArguments c, const Size<3>& kernel);

/// Sizes of the result along the three axes; throws where there is none.
Size<3> conv_output(const ConvArguments& c, const Tensor& x, const Tensor& weight);
Size<3> conv_transpose_output(const ConvArguments& c, const Tensor& x, const Tensor& weight);

}  // namespace rw::detail
