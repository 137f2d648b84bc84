#pragma once

#include <functional>
#include <initializer_list>
#include <optional>

#include <rewind/nn/module.h>
#include <rewind/ops/norm.h>
#include <rewind/tensor/by_place.h>

#pragma GCC visibility push(default)

namespace rw::distributed {
class SyncBatchNorm;
}

namespace rw::nn {

/// What BatchNorm1d, BatchNorm2d and BatchNorm3d take by name.
struct BatchNormOptions {
  double eps = 1e-5;  ///< added to the variance
  /// Share of the new statistics in the running ones; without one, these are the averages over all
  /// batches so far.
  std::optional<double> momentum = 0.1;
  bool affine = true;               ///< learn a weight and a bias per channel
  bool track_running_stats = true;  ///< and normalise with these in evaluation
  bool bias = true;                 ///< without it, a weight alone
};
namespace detail {
class Folding;
}

/// rw::batch_norm: by the batch's statistics in training, by the running ones in evaluation.
class BatchNorm : public Module {
 public:
  /// For inputs with `num_features` channels.
  explicit BatchNorm(int64_t num_features, const BatchNormOptions& options = {});
  /// With options by their places, as PyTorch has them: `BatchNorm2d(8, 1e-3, 0.01)`.
  template <class... V>
  requires rw::detail::ByPlace<BatchNormOptions, V...>
  explicit BatchNorm(int64_t num_features, V... options)
      : BatchNorm(num_features, rw::detail::by_place<BatchNormOptions>(options...)) {}
  /// Channels.
  int64_t num_features() const { return num_features_; }
  Tensor forward(const Tensor& x) override;
  Tensor forward_temporary(Tensor&& x) override;
  std::string extra_repr() const override;

  /// Forgets the running statistics: they are as at first.
  void reset_running_stats();
  ///@{
  /// The share of new statistics in the running ones, as in the options.
  std::optional<double> momentum() const { return options_.momentum; }
  void set_momentum(std::optional<double> momentum) { options_.momentum = momentum; }
  ///@}

  ///@{
  /// What is trained, [C], ones and zeros at first; undefined unless affine.
  Parameter weight, bias;
  ///@}
  ///@{
  /// Running statistics, [C], zeros and ones at first, and the number of batches that are in them
  /// (int64); undefined unless track_running_stats.
  Buffer running_mean, running_var, num_batches_tracked;
  ///@}

 protected:
  /// Throws where x is not what the layer takes.
  virtual void check_input(const Tensor& x) const = 0;

  int64_t num_features_;      ///< channels
  BatchNormOptions options_;  ///< as given

 private:
  double share_of_batch() const;
  friend class detail::Folding;
  friend class rw::distributed::SyncBatchNorm;
  bool folded_ = false;  // by nn::fuse into the layer before it: passes its input on
  // The forward in training, where SyncBatchNorm has converted the layer.
  std::function<Tensor(BatchNorm&, const Tensor&)> over_ranks_;
};

/// Over [N, C] or [N, C, L].
class BatchNorm1d : public BatchNorm {
 public:
  using BatchNorm::BatchNorm;

 private:
  void check_input(const Tensor& x) const override;
};

/// Over images [N, C, H, W].
class BatchNorm2d : public BatchNorm {
 public:
  using BatchNorm::BatchNorm;

 private:
  void check_input(const Tensor& x) const override;
};

/// Over volumes [N, C, D, H, W].
class BatchNorm3d : public BatchNorm {
 public:
  using BatchNorm::BatchNorm;

 private:
  void check_input(const Tensor& x) const override;
};

/// What LayerNorm takes by name.
struct LayerNormOptions {
  double eps = 1e-5;               ///< added to the variance
  bool elementwise_affine = true;  ///< learn a weight and a bias per element
  bool bias = true;                ///< without it, a weight alone
};
/// rw::layer_norm over the last dimensions, of sizes `normalized_shape`.
class LayerNorm : public Module {
 public:
  ///@{
  /// For inputs whose last dimensions have these sizes.
  explicit LayerNorm(const Shape& normalized_shape, const LayerNormOptions& options = {});
  explicit LayerNorm(std::initializer_list<int64_t> normalized_shape,
                     const LayerNormOptions& options = {})
      : LayerNorm(Shape(normalized_shape), options) {}
  /// With options by their places, as PyTorch has them: `LayerNorm(8, 1e-6)`.
  template <class... V>
  requires rw::detail::ByPlace<LayerNormOptions, V...>
  explicit LayerNorm(const Shape& normalized_shape, V... options)
      : LayerNorm(normalized_shape, rw::detail::by_place<LayerNormOptions>(options...)) {}
  ///@}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;
  ///@{
  /// As given.
  const Shape& normalized_shape() const { return normalized_shape_; }
  const LayerNormOptions& options() const { return options_; }
  ///@}

  ///@{
  /// What is trained, of the sizes normalized_shape, ones and zeros at first; undefined where not
  /// wanted.
  Parameter weight, bias;
  ///@}

 private:
  Shape normalized_shape_;
  LayerNormOptions options_;
};

/// What RMSNorm takes by name.
struct RMSNormOptions {
  std::optional<double> eps = {};  ///< added to the mean of the squares; see rw::rms_norm
  bool elementwise_affine = true;  ///< learn a weight per element
};
/// rw::rms_norm over the last dimensions, of sizes `normalized_shape`.
class RMSNorm : public Module {
 public:
  ///@{
  /// For inputs whose last dimensions have these sizes.
  explicit RMSNorm(const Shape& normalized_shape, const RMSNormOptions& options = {});
  explicit RMSNorm(std::initializer_list<int64_t> normalized_shape,
                   const RMSNormOptions& options = {})
      : RMSNorm(Shape(normalized_shape), options) {}
  /// With options by their places, as PyTorch has them: `RMSNorm(8, 1e-6)`.
  template <class... V>
  requires rw::detail::ByPlace<RMSNormOptions, V...>
  explicit RMSNorm(const Shape& normalized_shape, V... options)
      : RMSNorm(normalized_shape, rw::detail::by_place<RMSNormOptions>(options...)) {}
  ///@}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;
  /// As given.
  const Shape& normalized_shape() const { return normalized_shape_; }

  /// What is trained, of the sizes normalized_shape, ones at first; undefined unless
  /// elementwise_affine.
  Parameter weight;

 private:
  Shape normalized_shape_;
  RMSNormOptions options_;
};

/// What GroupNorm takes by name.
struct GroupNormOptions {
  double eps = 1e-5;   ///< added to the variance
  bool affine = true;  ///< learn a weight and a bias per channel
  bool bias = true;    ///< without it, a weight alone
};
/// rw::group_norm over [N, C, …].
class GroupNorm : public Module {
 public:
  /// For inputs with `num_channels`, which the number of groups divides.
  GroupNorm(int64_t num_groups, int64_t num_channels, const GroupNormOptions& options = {});
  /// With options by their places, as PyTorch has them: `GroupNorm(4, 8, 1e-3)`.
  template <class... V>
  requires rw::detail::ByPlace<GroupNormOptions, V...> GroupNorm(int64_t num_groups,
                                                                 int64_t num_channels, V... options)
      : GroupNorm(num_groups, num_channels, rw::detail::by_place<GroupNormOptions>(options...)) {}
  ///@{
  /// As given.
  int64_t num_groups() const { return num_groups_; }
  int64_t num_channels() const { return num_channels_; }
  ///@}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

  ///@{
  /// What is trained, [C], ones and zeros at first; undefined unless affine.
  Parameter weight, bias;
  ///@}

 private:
  int64_t num_groups_, num_channels_;
  GroupNormOptions options_;
};

/// What InstanceNorm1d, InstanceNorm2d and InstanceNorm3d take by name.
struct InstanceNormOptions {
  double eps = 1e-5;  ///< added to the variance
  /// Share of the new statistics in the running ones; without one, none.
  std::optional<double> momentum = 0.1;
  bool affine = false;               ///< learn a weight and a bias per channel
  bool track_running_stats = false;  ///< and normalise with these in evaluation
  bool bias = true;                  ///< without it, a weight alone
};
/// rw::instance_norm over samples of some number of axes, with a batch of them or without.
class InstanceNorm : public Module {
 public:
  /// For inputs with `num_features` channels.
  explicit InstanceNorm(int64_t num_features, const InstanceNormOptions& options = {});
  /// With options by their places, as PyTorch has them: `InstanceNorm2d(8, 1e-3, 0.01)`.
  template <class... V>
  requires rw::detail::ByPlace<InstanceNormOptions, V...>
  explicit InstanceNorm(int64_t num_features, V... options)
      : InstanceNorm(num_features, rw::detail::by_place<InstanceNormOptions>(options...)) {}
  /// Channels.
  int64_t num_features() const { return num_features_; }
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

  ///@{
  /// What is trained, [C], ones and zeros at first; undefined unless affine.
  Parameter weight, bias;
  ///@}
  ///@{
  /// Running statistics, [C], zeros and ones at first, and a number of batches, which stays 0, as
  /// in PyTorch; undefined unless track_running_stats.
  Buffer running_mean, running_var, num_batches_tracked;
  ///@}

 protected:
  /// The layer's name, and its input's shape without a batch, for errors.
  struct Input {
    const char* layer;  ///< "InstanceNorm2d"
    const char* axes;   ///< "H, W"
    int rank;           ///< of a batch
  };
  /// What the layer takes.
  virtual Input input() const = 0;

 private:
  int64_t num_features_;
  InstanceNormOptions options_;
};

/// Over sequences [N, C, L] or one sequence [C, L].
class InstanceNorm1d : public InstanceNorm {
 public:
  using InstanceNorm::InstanceNorm;

 private:
  Input input() const override { return {"InstanceNorm1d", "L", 3}; }
};

/// Over images [N, C, H, W] or one image [C, H, W].
class InstanceNorm2d : public InstanceNorm {
 public:
  using InstanceNorm::InstanceNorm;

 private:
  Input input() const override { return {"InstanceNorm2d", "H, W", 4}; }
};

/// Over volumes [N, C, D, H, W] or one volume [C, D, H, W].
class InstanceNorm3d : public InstanceNorm {
 public:
  using InstanceNorm::InstanceNorm;

 private:
  Input input() const override { return {"InstanceNorm3d", "D, H, W", 5}; }
};

/// rw::local_response_norm over [N, C, L, ...].
class LocalResponseNorm : public Module {
 public:
  /// Over `size` channels around each.
  explicit LocalResponseNorm(int64_t size, double alpha = 1e-4, double beta = 0.75, double k = 1)
      : size_(size), alpha_(alpha), beta_(beta), k_(k) {}
  Tensor forward(const Tensor& x) override {
    return local_response_norm(x, size_, alpha_, beta_, k_);
  }
  std::string extra_repr() const override;

 private:
  int64_t size_;
  double alpha_, beta_, k_;
};

}  // namespace rw::nn

#pragma GCC visibility pop
