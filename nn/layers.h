#pragma once

#include <initializer_list>

#include <rewind/nn/module.h>
#include <rewind/nn/pooling.h>
#include <rewind/ops/conv.h>
#include <rewind/ops/norm.h>
#include <rewind/ops/pointwise.h>

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

/// max(x, 0); see rw::relu.
class ReLU : public Module {
 public:
  Tensor forward(const Tensor& x) override { return relu(x); }
  Tensor forward_temporary(Tensor&& x) override { return relu(std::move(x)); }
};

/// x where positive, negative_slope * x elsewhere; see rw::leaky_relu.
class LeakyReLU : public Module {
 public:
  /// With the slope for negative numbers.
  explicit LeakyReLU(double negative_slope = 0.01) : slope_(negative_slope) {}
  Tensor forward(const Tensor& x) override { return leaky_relu(x, slope_); }
  Tensor forward_temporary(Tensor&& x) override { return leaky_relu(std::move(x), slope_); }
  std::string extra_repr() const override;

 private:
  double slope_;
};

/// x where positive, alpha (exp(x) - 1) elsewhere; see rw::elu.
class ELU : public Module {
 public:
  /// With alpha: what lies far below 0 gives -alpha.
  explicit ELU(double alpha = 1) : alpha_(alpha) {}
  Tensor forward(const Tensor& x) override { return elu(x, alpha_); }
  Tensor forward_temporary(Tensor&& x) override { return elu(std::move(x), alpha_); }
  std::string extra_repr() const override;

 private:
  double alpha_;
};

/// x where positive, alpha (exp(x / alpha) - 1) elsewhere; see rw::celu.
class CELU : public Module {
 public:
  /// With alpha: what lies far below 0 gives -alpha. The call throws for 0.
  explicit CELU(double alpha = 1) : alpha_(alpha) {}
  Tensor forward(const Tensor& x) override { return celu(x, alpha_); }
  Tensor forward_temporary(Tensor&& x) override { return celu(std::move(x), alpha_); }
  std::string extra_repr() const override;

 private:
  double alpha_;
};

/// elu(x, 1.6733) * 1.0507; see rw::selu.
class SELU : public Module {
 public:
  Tensor forward(const Tensor& x) override { return selu(x); }
  Tensor forward_temporary(Tensor&& x) override { return selu(std::move(x)); }
};

/// x Phi(x), Phi being the standard normal distribution function; see rw::gelu.
class GELU : public Module {
 public:
  /// Exact, or approximated by tanh.
  explicit GELU(Gelu form = Gelu::exact) : form_(form) {}
  Tensor forward(const Tensor& x) override { return gelu(x, form_); }
  Tensor forward_temporary(Tensor&& x) override { return gelu(std::move(x), form_); }
  std::string extra_repr() const override;

 private:
  Gelu form_;
};

/// x sigmoid(x); see rw::silu.
class SiLU : public Module {
 public:
  Tensor forward(const Tensor& x) override { return silu(x); }
  Tensor forward_temporary(Tensor&& x) override { return silu(std::move(x)); }
};

/// The hyperbolic tangent; see rw::tanh.
class Tanh : public Module {
 public:
  Tensor forward(const Tensor& x) override { return tanh(x); }
  Tensor forward_temporary(Tensor&& x) override { return tanh(std::move(x)); }
};

/// 1 / (1 + exp(-x)); see rw::sigmoid.
class Sigmoid : public Module {
 public:
  Tensor forward(const Tensor& x) override { return sigmoid(x); }
  Tensor forward_temporary(Tensor&& x) override { return sigmoid(std::move(x)); }
};

/// Zeroes elements with probability p in training; see rw::dropout.
class Dropout : public Module {
 public:
  /// With the probability of a zero, in [0, 1].
  explicit Dropout(double p = 0.5);
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  bool has_training_mode() const override { return true; }

  double p_;
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
