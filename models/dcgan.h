#pragma once

#include <rewind/nn/containers.h>

#pragma GCC visibility push(default)

namespace rw::models {

/// What the parts of a DCGAN take by name.
struct DCGANOptions {
  int64_t nz = 100;    ///< random numbers that an image is made of (generator)
  int64_t width = 64;  ///< channels of the layers of 32x32 pixels
  int64_t nc = 3;      ///< channels of images
};

/// What makes 64x64 images, within -1 and 1, of random numbers (Radford et al., "Unsupervised
/// representation learning with deep convolutional generative adversarial networks", 2015), as in
/// PyTorch's examples: from [N, nz, 1, 1] to [N, nc, 64, 64].
class DCGANGenerator : public nn::Module {
 public:
  /// Throws unless the width is positive.
  explicit DCGANGenerator(const DCGANOptions& options = {});
  Tensor forward(const Tensor& x) override;

  nn::Sequential main;  ///< all layers
};
/// What tells images from those that were made: from [N, nc, 64, 64] to probabilities [N] of
/// being real.
class DCGANDiscriminator : public nn::Module {
 public:
  /// Throws unless the width is positive.
  explicit DCGANDiscriminator(const DCGANOptions& options = {});
  Tensor forward(const Tensor& x) override;

  nn::Sequential main;  ///< all layers
};

///@{
/// The two parts of a DCGAN.
DCGANGenerator dcgan_generator(const DCGANOptions& options = {});
DCGANDiscriminator dcgan_discriminator(const DCGANOptions& options = {});
///@}

}  // namespace rw::models

#pragma GCC visibility pop
