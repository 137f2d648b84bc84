#pragma once

#include <array>

#include <rewind/nn/containers.h>
#include <rewind/nn/convolution.h>
#include <rewind/nn/layers.h>
#include <rewind/nn/normalization_layers.h>
#include <rewind/nn/pooling.h>

#pragma GCC visibility push(default)

namespace rw::models {

/// What the ResNets take by name.
struct ResNetOptions {
  int64_t num_classes = 1000;       ///< scores of each image
  bool zero_init_residual = false;  ///< start blocks as identities: their last batch norms as 0
  /// For images of about 32x32: begin with a 3x3 convolution of stride 1, and without pooling.
  bool small_images = false;
};
/// What tells one ResNet from another.
struct ResNetForm {
  bool bottleneck;                ///< blocks of three convolutions rather than two
  std::array<int64_t, 4> blocks;  ///< how many in each of layer1 to layer4
  int64_t groups = 1;             ///< of the 3x3 convolutions of bottlenecks
  int64_t width_per_group = 64;   ///< their channels per group, in layer1
};

/// Residual networks (He et al., "Deep residual learning for image recognition", 2015), with the
/// stride of bottlenecks in their 3x3 convolution, as torchvision's: from images [N, 3, H, W] to
/// scores [N, num_classes].
class ResNet : public nn::Module {
 public:
  /// Of this form; the functions below have the usual ones. Throws for groups and a width_per_group
  /// without bottlenecks.
  explicit ResNet(const ResNetForm& form, const ResNetOptions& options = {});
  Tensor forward(const Tensor& x) override;

  ///@{
  /// The layers, by torchvision's names.
  nn::Conv2d conv1;
  nn::BatchNorm2d bn1;
  nn::Sequential maxpool, layer1, layer2, layer3, layer4;
  nn::Linear fc;
  ///@}
};

///@{
/// ResNets of so many layers; ResNeXt (Xie et al., "Aggregated residual transformations for deep
/// neural networks", 2016) of 32 groups of 4 channels; one of twice the channels (Zagoruyko and
/// Komodakis, "Wide residual networks", 2016).
ResNet resnet18(const ResNetOptions& options = {});
ResNet resnet34(const ResNetOptions& options = {});
ResNet resnet50(const ResNetOptions& options = {});
ResNet resnet101(const ResNetOptions& options = {});
ResNet resnet152(const ResNetOptions& options = {});
ResNet resnext50_32x4d(const ResNetOptions& options = {});
ResNet wide_resnet50_2(const ResNetOptions& options = {});
///@}

}  // namespace rw::models

#pragma GCC visibility pop
