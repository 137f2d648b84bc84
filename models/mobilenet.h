#pragma once

#include <rewind/nn/containers.h>

#pragma GCC visibility push(default)

namespace rw::models {

/// What mobilenet_v2 takes by name.
struct MobileNetV2Options {
  int64_t num_classes = 1000;  ///< scores of each image
  double width_mult = 1;       ///< numbers of channels by this, positive, in whole eights
  double dropout = 0.2;        ///< the probability of a zero before the last layer
};

/// Depthwise convolutions between narrow ends (Sandler et al., "MobileNetV2: inverted residuals and
/// linear bottlenecks", 2018): from images [N, 3, H, W] to scores [N, num_classes].
class MobileNetV2 : public nn::Module {
 public:
  /// Throws unless width_mult is positive.
  explicit MobileNetV2(const MobileNetV2Options& options = {});
  Tensor forward(const Tensor& x) override;

  ///@{
  /// The layers, by torchvision's names.
  nn::Sequential features, classifier;
  ///@}
};

/// MobileNetV2.
MobileNetV2 mobilenet_v2(const MobileNetV2Options& options = {});

}  // namespace rw::models

#pragma GCC visibility pop
