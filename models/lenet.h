#pragma once

#include <rewind/nn/convolution.h>
#include <rewind/nn/layers.h>

#pragma GCC visibility push(default)

namespace rw::models {

/// What lenet takes by name.
struct LeNetOptions {
  int64_t num_classes = 10;  ///< scores of each image
  int64_t in_channels = 1;   ///< of images
};

/// LeNet-5 (LeCun et al., "Gradient-based learning applied to document recognition", 1998) as it is
/// written today, with ReLU and maximum pooling: from images [N, in_channels, 28, 28] to scores [N,
/// num_classes].
class LeNet : public nn::Module {
 public:
  /// With PyTorch's defaults of its layers.
  explicit LeNet(const LeNetOptions& options = {});
  Tensor forward(const Tensor& x) override;

  ///@{
  /// The layers, by the names that PyTorch's tutorials give them.
  nn::Conv2d conv1, conv2;
  nn::Linear fc1, fc2, fc3;
  ///@}
};

/// LeNet-5.
LeNet lenet(const LeNetOptions& options = {});

}  // namespace rw::models

#pragma GCC visibility pop
