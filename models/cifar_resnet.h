#pragma once

#include <rewind/nn/containers.h>
#include <rewind/nn/convolution.h>
#include <rewind/nn/layers.h>
#include <rewind/nn/normalization_layers.h>

#pragma GCC visibility push(default)

namespace rw::models {

/// What the ResNets for CIFAR take by name.
struct CifarResNetOptions {
  int64_t num_classes = 10;  ///< scores of each image
};

/// The thin residual networks of section 4.2 of He et al., "Deep residual learning for image
/// recognition" (2015), whose shortcuts have no parameters: from images [N, 3, H, W], 32x32 in the
/// paper, to scores [N, num_classes]. The names are those of github.com/akamaster's
/// pytorch_resnet_cifar10, whose weights fit.
class CifarResNet : public nn::Module {
 public:
  /// With `depth` layers, which is 6 n + 2 for three stages of n blocks; throws for other numbers.
  explicit CifarResNet(int64_t depth, const CifarResNetOptions& options = {});
  Tensor forward(const Tensor& x) override;

  ///@{
  /// The layers.
  nn::Conv2d conv1;
  nn::BatchNorm2d bn1;
  nn::Sequential layer1, layer2, layer3;
  nn::Linear linear;
  ///@}
};

///@{
/// Those of the paper.
CifarResNet resnet20(const CifarResNetOptions& options = {});
CifarResNet resnet32(const CifarResNetOptions& options = {});
CifarResNet resnet44(const CifarResNetOptions& options = {});
CifarResNet resnet56(const CifarResNetOptions& options = {});
CifarResNet resnet110(const CifarResNetOptions& options = {});
///@}

}  // namespace rw::models

#pragma GCC visibility pop
