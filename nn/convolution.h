#pragma once

#include <rewind/nn/module.h>
#include <rewind/ops/conv.h>
#include <rewind/ops/fold.h>

// Convolutions and transposed ones as layers.

#pragma GCC visibility push(default)

namespace rw::nn {

/// What Conv1d, Conv2d and Conv3d take by name: rw::ConvOptions, and whether there is a bias.
template <std::size_t N>
struct ConvOptions {
  Size<N> stride = 1;          ///< pixels from one output to the next
  ConvPadding<N> padding = 0;  ///< pixels added at each border, "same" or "valid"
  Size<N> dilation = 1;        ///< pixels from one tap of a filter to the next
  int64_t groups = 1;          ///< parts that the channels fall into; divides both numbers of them
  bool bias = true;            ///< add one to each channel
  PaddingMode padding_mode = PaddingMode::zeros;  ///< what stands beyond the border
};
///@{
/// Those of one rank.
using Conv1dOptions = ConvOptions<1>;
using Conv2dOptions = ConvOptions<2>;
using Conv3dOptions = ConvOptions<3>;
///@}

/// What Conv1d, Conv2d and Conv3d share: weight [out, in / groups, k…] and bias [out], both uniform
/// within 1 / sqrt(in / groups times the number of taps) at first.
template <std::size_t N>
class ConvNd : public Module {
 public:
  /// The result of the function of this name.
  Tensor forward(const Tensor& x) override;
  /// As PyTorch prints the layer.
  std::string extra_repr() const override;
  /// One for each tap of the filter of each element of the result.
  int64_t multiply_adds(std::span<const Tensor> inputs,
                        std::span<const Tensor> results) const override;
  /// What the function takes by name.
  const rw::ConvOptions<N>& options() const { return options_; }

  Parameter weight;  ///< the filters
  Parameter bias;    ///< undefined without one

 protected:
  /// For the layer `name`.
  ConvNd(const char* name, int64_t in_channels, int64_t out_channels, Size<N> kernel_size,
         const ConvOptions<N>& options);

 private:
  rw::ConvOptions<N> options_;
};

/// rw::conv1d over sequences [N, C, L] or [C, L].
class Conv1d : public ConvNd<1> {
 public:
  /// From sequences of `in_channels` to sequences of `out_channels`.
  Conv1d(int64_t in_channels, int64_t out_channels, Size<1> kernel_size,
         const Conv1dOptions& options = {})
      : ConvNd("Conv1d", in_channels, out_channels, kernel_size, options) {}
};
/// rw::conv2d over images [N, C, H, W] or [C, H, W].
class Conv2d : public ConvNd<2> {
 public:
  /// From images of `in_channels` to images of `out_channels`.
  Conv2d(int64_t in_channels, int64_t out_channels, Size2 kernel_size,
         const Conv2dOptions& options = {})
      : ConvNd("Conv2d", in_channels, out_channels, kernel_size, options) {}
};
/// rw::conv3d over volumes [N, C, D, H, W] or [C, D, H, W].
class Conv3d : public ConvNd<3> {
 public:
  /// From volumes of `in_channels` to volumes of `out_channels`.
  Conv3d(int64_t in_channels, int64_t out_channels, Size<3> kernel_size,
         const Conv3dOptions& options = {})
      : ConvNd("Conv3d", in_channels, out_channels, kernel_size, options) {}
};

/// What ConvTranspose1d, ConvTranspose2d and ConvTranspose3d take by name:
/// rw::ConvTransposeOptions, and whether there is a bias.
template <std::size_t N>
struct ConvTransposeOptions {
  Size<N> stride = 1;          ///< pixels of the result from one of the input to the next
  Size<N> padding = 0;         ///< pixels cut off at each border of the result
  Size<N> output_padding = 0;  ///< pixels more at the end; less than the stride or the dilation
  int64_t groups = 1;          ///< parts that the channels fall into; divides both numbers of them
  bool bias = true;            ///< add one to each channel
  Size<N> dilation = 1;        ///< pixels from one tap of a filter to the next
};
///@{
/// Those of one rank.
using ConvTranspose1dOptions = ConvTransposeOptions<1>;
using ConvTranspose2dOptions = ConvTransposeOptions<2>;
using ConvTranspose3dOptions = ConvTransposeOptions<3>;
///@}

/// What ConvTranspose1d, ConvTranspose2d and ConvTranspose3d share: weight [in, out / groups, k…]
/// and bias [out], both uniform within 1 / sqrt(out / groups times the number of taps) at first.
template <std::size_t N>
class ConvTransposeNd : public Module {
 public:
  /// The result of the function of this name.
  Tensor forward(const Tensor& x) override;
  /// With the output_padding that makes the result's last sizes `output_size`; throws where none
  /// does.
  Tensor forward(const Tensor& x, Size<N> output_size);
  /// As PyTorch prints the layer.
  std::string extra_repr() const override;
  /// One for each tap of the filter of each element of the input.
  int64_t multiply_adds(std::span<const Tensor> inputs,
                        std::span<const Tensor> results) const override;
  /// Parts that the channels fall into.
  int64_t groups() const { return options_.groups; }

  Parameter weight;  ///< the filters
  Parameter bias;    ///< undefined without one

 protected:
  /// For the layer `name`.
  ConvTransposeNd(const char* name, int64_t in_channels, int64_t out_channels, Size<N> kernel_size,
                  const ConvTransposeOptions<N>& options);

 private:
  const char* name_;
  rw::ConvTransposeOptions<N> options_;
};

/// rw::conv_transpose1d over sequences [N, C, L] or [C, L].
class ConvTranspose1d : public ConvTransposeNd<1> {
 public:
  /// From sequences of `in_channels` to sequences of `out_channels`.
  ConvTranspose1d(int64_t in_channels, int64_t out_channels, Size<1> kernel_size,
                  const ConvTranspose1dOptions& options = {})
      : ConvTransposeNd("ConvTranspose1d", in_channels, out_channels, kernel_size, options) {}
};
/// rw::conv_transpose2d over images [N, C, H, W] or [C, H, W].
class ConvTranspose2d : public ConvTransposeNd<2> {
 public:
  /// From images of `in_channels` to images of `out_channels`.
  ConvTranspose2d(int64_t in_channels, int64_t out_channels, Size2 kernel_size,
                  const ConvTranspose2dOptions& options = {})
      : ConvTransposeNd("ConvTranspose2d", in_channels, out_channels, kernel_size, options) {}
};
/// rw::conv_transpose3d over volumes [N, C, D, H, W] or [C, D, H, W].
class ConvTranspose3d : public ConvTransposeNd<3> {
 public:
  /// From volumes of `in_channels` to volumes of `out_channels`.
  ConvTranspose3d(int64_t in_channels, int64_t out_channels, Size<3> kernel_size,
                  const ConvTranspose3dOptions& options = {})
      : ConvTransposeNd("ConvTranspose3d", in_channels, out_channels, kernel_size, options) {}
};

/// rw::unfold: the windows of images as columns.
class Unfold : public Module {
 public:
  /// Windows of this size.
  explicit Unfold(Size2 kernel_size, const FoldOptions& options = {})
      : kernel_size_(kernel_size), options_(options) {}
  Tensor forward(const Tensor& x) override { return unfold(x, kernel_size_, options_); }
  std::string extra_repr() const override;

 private:
  Size2 kernel_size_;
  FoldOptions options_;
};
/// rw::fold: sums columns up to images.
class Fold : public Module {
 public:
  /// Images of `output_size` from windows of `kernel_size`.
  Fold(Size2 output_size, Size2 kernel_size, const FoldOptions& options = {})
      : output_size_(output_size), kernel_size_(kernel_size), options_(options) {}
  Tensor forward(const Tensor& x) override { return fold(x, output_size_, kernel_size_, options_); }
  std::string extra_repr() const override;

 private:
  Size2 output_size_, kernel_size_;
  FoldOptions options_;
};

}  // namespace rw::nn

#pragma GCC visibility pop
