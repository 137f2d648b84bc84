#pragma once

#include <initializer_list>

#include <rewind/nn/module.h>
#include <rewind/ops/conv.h>
#include <rewind/ops/norm.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pool.h>

// Layers with PyTorch's names, options, defaults and initialisation.

#pragma GCC visibility push(default)

namespace rw::nn {

/// What Linear takes by name.
struct LinearOptions {
  bool bias = true;  ///< add one
};
/// x weight^T + bias over the last dimension; weight [out, in], bias [out], both uniform within 1 /
/// sqrt(in) at first.
class Linear : public Module {
 public:
  /// From vectors of `in_features` numbers to vectors of `out_features`.
  Linear(int64_t in_features, int64_t out_features, const LinearOptions& options = {});
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

  ///@{
  /// What is trained; bias is undefined without one.
  Parameter weight, bias;
  ///@}
};

/// What Conv2d takes by name: rw::Conv2dOptions, and whether there is a bias.
struct Conv2dOptions {
  Size2 stride = 1;    ///< pixels from one output to the next
  Size2 padding = 0;   ///< pixels added at each border
  Size2 dilation = 1;  ///< pixels from one tap of a filter to the next
  int64_t groups = 1;  ///< parts that the channels fall into; divides both numbers of them
  bool bias = true;    ///< add one to each channel
  PaddingMode padding_mode = PaddingMode::zeros;  ///< what stands beyond the border
};
/// rw::conv2d with weight [out, in / groups, kh, kw] and bias [out], both uniform within 1 /
/// sqrt(in / groups kh kw) at first.
class Conv2d : public Module {
 public:
  /// From images of `in_channels` to images of `out_channels`.
  Conv2d(int64_t in_channels, int64_t out_channels, Size2 kernel_size,
         const Conv2dOptions& options = {});
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

  ///@{
  /// What is trained; bias is undefined without one.
  Parameter weight, bias;
  ///@}

 private:
  rw::Conv2dOptions options_;
};

/// What BatchNorm1d and BatchNorm2d take by name.
struct BatchNormOptions {
  double eps = 1e-5;                ///< added to the variance
  double momentum = 0.1;            ///< share of the new statistics in the running ones
  bool affine = true;               ///< learn a weight and a bias per channel
  bool track_running_stats = true;  ///< and normalise with these in evaluation
};
namespace detail {
class Folding;
}

/// rw::batch_norm: by the batch's statistics in training, by the running ones in evaluation.
class BatchNorm : public Module {
 public:
  Tensor forward(const Tensor& x) override;
  Tensor forward_temporary(Tensor&& x) override;
  std::string extra_repr() const override;

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
  /// For inputs with `num_features` channels.
  BatchNorm(int64_t num_features, const BatchNormOptions& options);
  /// Throws where x is not what the layer takes.
  virtual void check_input(const Tensor& x) const = 0;

  int64_t num_features_;      ///< channels
  BatchNormOptions options_;  ///< as given

 private:
  friend class detail::Folding;
  bool folded_ = false;  // by nn::fuse into the layer before it: passes its input on
};

/// Over [N, C] or [N, C, L].
class BatchNorm1d : public BatchNorm {
 public:
  /// For `num_features` channels, C.
  explicit BatchNorm1d(int64_t num_features, const BatchNormOptions& options = {})
      : BatchNorm(num_features, options) {}

 private:
  void check_input(const Tensor& x) const override;
};

/// Over images [N, C, H, W].
class BatchNorm2d : public BatchNorm {
 public:
  /// For `num_features` channels, C.
  explicit BatchNorm2d(int64_t num_features, const BatchNormOptions& options = {})
      : BatchNorm(num_features, options) {}

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
  ///@}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

  ///@{
  /// What is trained, of the sizes normalized_shape, ones and zeros at first; undefined where not
  /// wanted.
  Parameter weight, bias;
  ///@}

 private:
  Shape normalized_shape_;
  LayerNormOptions options_;
};

/// What GroupNorm takes by name.
struct GroupNormOptions {
  double eps = 1e-5;   ///< added to the variance
  bool affine = true;  ///< learn a weight and a bias per channel
};
/// rw::group_norm over [N, C, …].
class GroupNorm : public Module {
 public:
  /// For inputs with `num_channels`, which the number of groups divides.
  GroupNorm(int64_t num_groups, int64_t num_channels, const GroupNormOptions& options = {});
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

/// What InstanceNorm2d takes by name.
struct InstanceNormOptions {
  double eps = 1e-5;                 ///< added to the variance
  double momentum = 0.1;             ///< share of the new statistics in the running ones
  bool affine = false;               ///< learn a weight and a bias per channel
  bool track_running_stats = false;  ///< and normalise with these in evaluation
};
/// rw::instance_norm over images [N, C, H, W] or one image [C, H, W].
class InstanceNorm2d : public Module {
 public:
  /// For images with `num_features` channels, C.
  explicit InstanceNorm2d(int64_t num_features, const InstanceNormOptions& options = {});
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

 private:
  int64_t num_features_;
  InstanceNormOptions options_;
};

/// rw::max_pool2d: the greatest element of each window.
class MaxPool2d : public Module {
 public:
  /// With windows of `kernel_size`, which is their stride as well unless given.
  explicit MaxPool2d(Size2 kernel_size, const MaxPool2dOptions& options = {})
      : kernel_(kernel_size), options_(options) {}
  Tensor forward(const Tensor& x) override { return max_pool2d(x, kernel_, options_); }
  std::string extra_repr() const override;

 private:
  Size2 kernel_;
  MaxPool2dOptions options_;
};

/// rw::avg_pool2d: the average of each window.
class AvgPool2d : public Module {
 public:
  /// With windows of `kernel_size`, which is their stride as well unless given.
  explicit AvgPool2d(Size2 kernel_size, const AvgPool2dOptions& options = {})
      : kernel_(kernel_size), options_(options) {}
  Tensor forward(const Tensor& x) override { return avg_pool2d(x, kernel_, options_); }
  std::string extra_repr() const override;

 private:
  Size2 kernel_;
  AvgPool2dOptions options_;
};

/// rw::adaptive_avg_pool2d: averages over a given number of bins.
class AdaptiveAvgPool2d : public Module {
 public:
  /// To images of `output_size`.
  explicit AdaptiveAvgPool2d(Size2 output_size) : output_size_(output_size) {}
  Tensor forward(const Tensor& x) override { return adaptive_avg_pool2d(x, output_size_); }
  std::string extra_repr() const override;

 private:
  Size2 output_size_;
};

/// Passes x on: a place holder, as for a shortcut that needs no layer.
class Identity : public Module {
 public:
  Tensor forward(const Tensor& x) override { return x; }
};

/// Joins dimensions start_dim to end_dim into one.
class Flatten : public Module {
 public:
  /// All but the first dimension, unless given.
  explicit Flatten(int64_t start_dim = 1, int64_t end_dim = -1)
      : start_(start_dim), end_(end_dim) {}
  Tensor forward(const Tensor& x) override { return x.flatten(start_, end_); }
  std::string extra_repr() const override;

 private:
  int64_t start_, end_;
};

}  // namespace rw::nn

#pragma GCC visibility pop
