#pragma once

#include <array>

#include <rewind/nn/containers.h>
#include <rewind/nn/layers.h>

#pragma GCC visibility push(default)

namespace rw::models {

/// What the DenseNets take by name.
struct DenseNetOptions {
  int64_t num_classes = 1000;  ///< scores of each image
  double drop_rate = 0;        ///< the probability of a zero in what a layer adds
};
/// What tells one DenseNet from another.
struct DenseNetForm {
  std::array<int64_t, 4> blocks;   ///< layers of each block
  int64_t growth_rate = 32;        ///< channels that a layer adds
  int64_t num_init_features = 64;  ///< channels before the first block
};

/// Networks whose layers see all that came before in their block (Huang et al., "Densely connected
/// convolutional networks", 2016): from images [N, 3, H, W] of at least 29x29 to scores [N,
/// num_classes].
class DenseNet : public nn::Module {
 public:
  /// Of this form; the function below has a usual one.
  explicit DenseNet(const DenseNetForm& form, const DenseNetOptions& options = {});
  Tensor forward(const Tensor& x) override;

  ///@{
  /// The layers, by torchvision's names.
  nn::Sequential features;
  nn::Linear classifier;
  ///@}

 private:
  DenseNet(std::pair<nn::Sequential, int64_t> features, const DenseNetOptions& options);
};

/// DenseNet of 121 layers.
DenseNet densenet121(const DenseNetOptions& options = {});

}  // namespace rw::models

#pragma GCC visibility pop
