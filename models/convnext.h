#pragma once

#include <array>

#include <rewind/nn/containers.h>

#pragma GCC visibility push(default)

namespace rw::models {

/// What the ConvNeXts take by name.
struct ConvNeXtOptions {
  int64_t num_classes = 1000;          ///< scores of each image
  double stochastic_depth_prob = 0.1;  ///< of leaving out the last block; less in those before
  double layer_scale = 1e-6;           ///< what blocks scale their channels by at first
};
/// What tells one ConvNeXt from another.
struct ConvNeXtForm {
  std::array<int64_t, 4> channels;  ///< of each stage
  std::array<int64_t, 4> blocks;    ///< how many in each stage
};

/// Convolutional networks with what transformers taught (Liu et al., "A ConvNet for the 2020s",
/// 2022): from images [N, 3, H, W] of at least 32x32 to scores [N, num_classes].
class ConvNeXt : public nn::Module {
 public:
  /// Of this form; the function below has a usual one.
  explicit ConvNeXt(const ConvNeXtForm& form, const ConvNeXtOptions& options = {});
  Tensor forward(const Tensor& x) override;

  ///@{
  /// The layers, by torchvision's names.
  nn::Sequential features, classifier;
  ///@}
};

/// The smallest ConvNeXt.
ConvNeXt convnext_tiny(const ConvNeXtOptions& options = {});

}  // namespace rw::models

#pragma GCC visibility pop
