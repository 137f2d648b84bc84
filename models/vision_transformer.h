#pragma once

#include <memory>

#include <rewind/nn/containers.h>
#include <rewind/nn/convolution.h>

#pragma GCC visibility push(default)

namespace rw::models {

/// What the vision transformers take by name.
struct VisionTransformerOptions {
  int64_t num_classes = 1000;    ///< scores of each image
  int64_t image_size = 224;      ///< rows and columns of images, a multiple of those of patches
  double dropout = 0;            ///< the probability of a zero in embeddings and after layers
  double attention_dropout = 0;  ///< the same for the weights of attention
};
/// What tells one vision transformer from another.
struct VisionTransformerForm {
  int64_t patch_size;  ///< rows and columns of what makes one token
  int64_t num_layers;  ///< blocks of attention and a perceptron
  int64_t num_heads;   ///< of attention
  int64_t hidden_dim;  ///< features of a token
  int64_t mlp_dim;     ///< features inside of the perceptrons
};

/// A transformer over patches of images (Dosovitskiy et al., "An image is worth 16x16 words",
/// 2020), as torchvision's: from images [N, 3, image_size, image_size] to scores [N, num_classes].
class VisionTransformer : public nn::Module {
 public:
  /// Of this form; the function below has a usual one. Throws unless patches divide images, and
  /// heads the features.
  explicit VisionTransformer(const VisionTransformerForm& form,
                             const VisionTransformerOptions& options = {});
  Tensor forward(const Tensor& x) override;

  ///@{
  /// The parts, by torchvision's names.
  nn::Parameter class_token;
  nn::Conv2d conv_proj;
  std::shared_ptr<nn::Module> encoder;
  nn::Sequential heads;
  ///@}

 private:
  int64_t image_size_;
};

/// ViT-B/16.
VisionTransformer vit_b_16(const VisionTransformerOptions& options = {});

}  // namespace rw::models

#pragma GCC visibility pop
