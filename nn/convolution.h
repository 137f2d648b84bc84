#pragma once

#include <rewind/nn/module.h>
#include <rewind/ops/conv.h>
#include <rewind/ops/fold.h>
#include <rewind/tensor/by_place.h>

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
  /// From `in_channels` to `out_channels`, by filters of `kernel_size`.
  ConvNd(int64_t in_channels, int64_t out_channels, Size<N> kernel_size,
         const ConvOptions<N>& options = {});
  /// With options by their places, as PyTorch has them: `Conv2d(1, 8, 3, 1, 1)`.
  template <class... V>
  requires rw::detail::ByPlace<ConvOptions<N>, V...> ConvNd(int64_t in_channels,
                                                            int64_t out_channels,
                                                            Size<N> kernel_size, V... options)
      : ConvNd(in_channels, out_channels, kernel_size,
               rw::detail::by_place<ConvOptions<N>>(options...)) {}
  /// The result of the function of this name.
  Tensor forward(const Tensor& x) override;
  /// As PyTorch prints the layer.
  std::string extra_repr() const override;
  /// One for each tap of the filter of each element of the result.
  int64_t multiply_adds(std::span<const Tensor> inputs,
                        std::span<const Tensor> results) const override;
  /// What the function takes by name.
  const rw::ConvOptions<N>& options() const { return options_; }

  ///@{
  /// Sizes of the weight.
  int64_t in_channels() const { return weight.size(1) * options_.groups; }
  int64_t out_channels() const { return weight.size(0); }  ///< the same
  Size<N> kernel_size() const;                             ///< the same
  ///@}
  ///@{
  /// As in the options.
  Size<N> stride() const { return options_.stride; }
  const ConvPadding<N>& padding() const { return options_.padding; }  ///< the same
  Size<N> dilation() const { return options_.dilation; }              ///< the same
  int64_t groups() const { return options_.groups; }                  ///< the same
  ///@}

  Parameter weight;  ///< the filters
  Parameter bias;    ///< undefined without one

 private:
  rw::ConvOptions<N> options_;
};

/// rw::conv1d over sequences [N, C, L] or [C, L].
class Conv1d : public ConvNd<1> {
 public:
  using ConvNd::ConvNd;
};
/// rw::conv2d over images [N, C, H, W] or [C, H, W].
class Conv2d : public ConvNd<2> {
 public:
  using ConvNd::ConvNd;
};
/// rw::conv3d over volumes [N, C, D, H, W] or [C, D, H, W].
class Conv3d : public ConvNd<3> {
 public:
  using ConvNd::ConvNd;
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
  /// From `in_channels` to `out_channels`, by filters of `kernel_size`.
  ConvTransposeNd(int64_t in_channels, int64_t out_channels, Size<N> kernel_size,
                  const ConvTransposeOptions<N>& options = {});
  /// With options by their places, as PyTorch has them: `ConvTranspose2d(8, 1, 2, 2)`.
  template <class... V>
  requires rw::detail::ByPlace<ConvTransposeOptions<N>, V...> ConvTransposeNd(int64_t in_channels,
                                                                              int64_t out_channels,
                                                                              Size<N> kernel_size,
                                                                              V... options)
      : ConvTransposeNd(in_channels, out_channels, kernel_size,
                        rw::detail::by_place<ConvTransposeOptions<N>>(options...)) {}
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

  ///@{
  /// Sizes of the weight.
  int64_t in_channels() const { return weight.size(0); }
  int64_t out_channels() const { return weight.size(1) * options_.groups; }  ///< the same
  Size<N> kernel_size() const;                                               ///< the same
  ///@}
  ///@{
  /// As in the options.
  Size<N> stride() const { return options_.stride; }
  const Size<N>& padding() const { return options_.padding; }  ///< the same
  Size<N> dilation() const { return options_.dilation; }       ///< the same
  int64_t groups() const { return options_.groups; }           ///< the same
  ///@}

  Parameter weight;  ///< the filters
  Parameter bias;    ///< undefined without one

 private:
  rw::ConvTransposeOptions<N> options_;
};

/// rw::conv_transpose1d over sequences [N, C, L] or [C, L].
class ConvTranspose1d : public ConvTransposeNd<1> {
 public:
  using ConvTransposeNd::ConvTransposeNd;
};
/// rw::conv_transpose2d over images [N, C, H, W] or [C, H, W].
class ConvTranspose2d : public ConvTransposeNd<2> {
 public:
  using ConvTransposeNd::ConvTransposeNd;
};
/// rw::conv_transpose3d over volumes [N, C, D, H, W] or [C, D, H, W].
class ConvTranspose3d : public ConvTransposeNd<3> {
 public:
  using ConvTransposeNd::ConvTransposeNd;
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
