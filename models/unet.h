#pragma once

#include <memory>
#include <vector>

#include <rewind/nn/containers.h>
#include <rewind/nn/convolution.h>

#pragma GCC visibility push(default)

namespace rw::models {

/// What unet takes by name.
struct UNetOptions {
  int64_t in_channels = 3;  ///< of images
  int64_t num_classes = 2;  ///< scores of each pixel
  int64_t width = 64;       ///< channels of the first convolutions, twice as many at each level
};

/// U-Net (Ronneberger et al., "U-Net: convolutional networks for biomedical image segmentation",
/// 2015) with batch norms, and with padding, so that results have the size of images: from [N,
/// in_channels, H, W] of at least 16x16 to scores [N, num_classes, H, W]. The names are those of
/// github.com/milesial's Pytorch-UNet, without bilinear upsampling, whose weights fit.
class UNet : public nn::Module {
 public:
  /// With PyTorch's defaults of its layers.
  explicit UNet(const UNetOptions& options = {});
  Tensor forward(const Tensor& x) override;

 private:
  struct Up;
  std::shared_ptr<nn::Module> inc_;
  std::vector<std::shared_ptr<nn::Module>> down_;
  std::vector<std::shared_ptr<Up>> up_;
  std::shared_ptr<nn::Module> outc_;
};

/// U-Net.
UNet unet(const UNetOptions& options = {});

}  // namespace rw::models

#pragma GCC visibility pop
