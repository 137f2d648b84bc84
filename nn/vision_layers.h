#pragma once

#include <rewind/nn/convolution.h>
#include <rewind/nn/normalization_layers.h>
#include <rewind/ops/activation.h>
#include <rewind/ops/pointwise.h>

// Layers of image models, with the names, defaults and keys of torchvision.ops.

#pragma GCC visibility push(default)

namespace rw::nn {

/// Puts the dimensions into another order: Tensor::permute.
class Permute : public Module {
 public:
  /// Into this one.
  explicit Permute(std::vector<int64_t> dims) : dims_(std::move(dims)) {}
  Tensor forward(const Tensor& x) override { return x.permute(dims_); }
  std::string extra_repr() const override;

 private:
  std::vector<int64_t> dims_;
};

/// Layer norm over the channels of images [N, C, H, W], for each pixel.
class LayerNorm2d : public LayerNorm {
 public:
  /// Of images of that many channels; eps is 1e-6 in most models.
  explicit LayerNorm2d(int64_t channels, const LayerNormOptions& options = {})
      : LayerNorm(channels, options) {}
  Tensor forward(const Tensor& x) override;
};

/// What is dropped together.
enum class StochasticDepthMode : uint8_t {
  batch,  ///< all samples
  row     ///< each sample for itself
};
/// In training, multiplies by 0 with probability p, and by 1 / (1 - p) otherwise, the whole input
/// or each of its samples [N, …]: for the branch that is added to a shortcut (Huang et al., "Deep
/// networks with stochastic depth", 2016).
class StochasticDepth : public Module {
 public:
  /// With a probability in [0, 1].
  explicit StochasticDepth(double p, StochasticDepthMode mode = StochasticDepthMode::row);
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  bool has_training_mode() const override { return true; }

  double p_;
  StochasticDepthMode mode_;
};

/// Scales the channels of images [N, C, H, W] or [C, H, W] by what two 1x1 convolutions, fc1 and
/// fc2, make of their means (Hu et al., "Squeeze-and-excitation networks", 2018).
class SqueezeExcitation : public Module {
 public:
  /// A function of one tensor.
  using Function = std::function<Tensor(const Tensor&)>;
  /// From `input_channels` to `squeeze_channels` and `activation`, and back to `scale_activation`.
  SqueezeExcitation(
      int64_t input_channels, int64_t squeeze_channels,
      Function activation = [](const Tensor& x) { return relu(x); },
      Function scale_activation = [](const Tensor& x) { return sigmoid(x); });
  Tensor forward(const Tensor& x) override;

  ///@{
  /// The two convolutions.
  Conv2d fc1, fc2;
  ///@}

 private:
  Function activation_, scale_activation_;
};

}  // namespace rw::nn

#pragma GCC visibility pop
