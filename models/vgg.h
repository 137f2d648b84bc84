#pragma once

#include <vector>

#include <rewind/nn/containers.h>

#pragma GCC visibility push(default)

namespace rw::models {

/// What the VGGs take by name.
struct VGGOptions {
  int64_t num_classes = 1000;  ///< scores of each image
  double dropout = 0.5;        ///< the probability of a zero after linear layers
};
/// What tells one VGG from another.
struct VGGForm {
  std::vector<int64_t> convolutions;  ///< how many 3x3 ones before each of the five poolings
  bool batch_norm = false;            ///< after each of them
};

/// Networks of small filters (Simonyan and Zisserman, "Very deep convolutional networks for
/// large-scale image recognition", 2014): from images [N, 3, H, W] of at least 32x32 to scores [N,
/// num_classes].
class VGG : public nn::Module {
 public:
  /// Of this form; the functions below have the usual ones.
  explicit VGG(const VGGForm& form, const VGGOptions& options = {});
  Tensor forward(const Tensor& x) override;

  ///@{
  /// The layers, by torchvision's names.
  nn::Sequential features, classifier;
  ///@}
};

///@{
/// VGGs of so many layers, without and with batch norms.
VGG vgg11(const VGGOptions& options = {});
VGG vgg13(const VGGOptions& options = {});
VGG vgg16(const VGGOptions& options = {});
VGG vgg19(const VGGOptions& options = {});
VGG vgg11_bn(const VGGOptions& options = {});
VGG vgg13_bn(const VGGOptions& options = {});
VGG vgg16_bn(const VGGOptions& options = {});
VGG vgg19_bn(const VGGOptions& options = {});
///@}

}  // namespace rw::models

#pragma GCC visibility pop
