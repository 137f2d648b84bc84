#pragma once

#include <rewind/nn/containers.h>

#pragma GCC visibility push(default)

namespace rw::models {

/// What alexnet takes by name.
struct AlexNetOptions {
  int64_t num_classes = 1000;  ///< scores of each image
  double dropout = 0.5;        ///< the probability of a zero before linear layers
};

/// One tower of Krizhevsky's network ("One weird trick for parallelizing convolutional neural
/// networks", 2014), as torchvision's: from images [N, 3, H, W] of at least 63x63 to scores [N,
/// num_classes].
class AlexNet : public nn::Module {
 public:
  /// With PyTorch's defaults of its layers.
  explicit AlexNet(const AlexNetOptions& options = {});
  Tensor forward(const Tensor& x) override;

  ///@{
  /// The layers, by torchvision's names.
  nn::Sequential features, classifier;
  ///@}
};

/// AlexNet.
AlexNet alexnet(const AlexNetOptions& options = {});

}  // namespace rw::models

#pragma GCC visibility pop
