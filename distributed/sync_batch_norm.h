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

 private:
  void check_input(const Tensor& x) const override;
  void update_running(const Tensor& mean, const Tensor& var, double count);

  Group group_;
};

}  // namespace rw::distributed

#pragma GCC visibility pop
