#pragma once

#include <rewind/nn/containers.h>

#pragma GCC visibility push(default)

namespace rw::models {

/// What efficientnet_b0 takes by name.
struct EfficientNetOptions {
  int64_t num_classes = 1000;          ///< scores of each image
  double dropout = 0.2;                ///< the probability of a zero before the last layer
  double stochastic_depth_prob = 0.2;  ///< of leaving out the last block; less in those before
};

/// Inverted residuals with squeeze and excitation (Tan and Le, "EfficientNet: rethinking model
/// scaling for convolutional neural networks", 2019): from images [N, 3, H, W] to scores [N,
/// num_classes].
class EfficientNet : public nn::Module {
 public:
  /// The form B0.
  explicit EfficientNet(const EfficientNetOptions& options = {});
  Tensor forward(const Tensor& x) override;

  ///@{
  /// The layers, by torchvision's names.
  nn::Sequential features, classifier;
  ///@}
};

/// EfficientNet-B0.
EfficientNet efficientnet_b0(const EfficientNetOptions& options = {});

}  // namespace rw::models

#pragma GCC visibility pop
