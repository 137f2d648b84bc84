#pragma once

#include <rewind/distributed/process_group.h>
#include <rewind/nn/normalization_layers.h>

#pragma GCC visibility push(default)

namespace rw::distributed {

/// nn::BatchNorm1d to 3d by the statistics of the batches of all ranks together, which may be of
/// other sizes: over inputs [N, C, …]. In evaluation and with one rank it is the same as they are,
/// and so are its state and its options.
class SyncBatchNorm : public nn::BatchNorm {
 public:
  /// For `num_features` channels, C, and these ranks.
  explicit SyncBatchNorm(int64_t num_features, const nn::BatchNormOptions& options = {},
                         Group process_group = {})
      : BatchNorm(num_features, options), group_(std::move(process_group)) {}
  Tensor forward(const Tensor& x) override;
  Tensor forward_temporary(Tensor&& x) override { return forward(x); }

  /// Makes all batch norms of the module (and the module itself, if it is one) go by the batches of
  /// these ranks in training. They stay the layers that they are, with their state and names.
  static void convert_sync_batchnorm(nn::Module& module, const Group& process_group = {});

 private:
  void check_input(const Tensor& x) const override;
  /// The forward of a layer in training.
  static Tensor over_ranks(const Group& group, nn::BatchNorm& layer, const Tensor& x);
  static void update_running(nn::BatchNorm& layer, const Tensor& mean, const Tensor& var,
                             double count);

  Group group_;
};

}  // namespace rw::distributed

#pragma GCC visibility pop
