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

struct LinearOptions {
  bool bias = true;
};
/// x weight^T + bias over the last dimension; weight [out, in], bias [out].
class Linear : public Module {
 public:
  Linear(int64_t in_features, int64_t out_features, const LinearOptions& options = {});
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

  Parameter weight, bias;
};

struct Conv2dOptions {
  Size2 stride = 1;
  Size2 padding = 0;
  Size2 dilation = 1;
  int64_t groups = 1;
  bool bias = true;
  PaddingMode padding_mode = PaddingMode::zeros;
};
/// rw::conv2d with weight [out, in / groups, kh, kw] and bias [out].
class Conv2d : public Module {
 public:
  Conv2d(int64_t in_channels, int64_t out_channels, Size2 kernel_size,
         const Conv2dOptions& options = {});
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

  Parameter weight, bias;

 private:
  rw::Conv2dOptions options_;
};

struct BatchNormOptions {
  double eps = 1e-5;
  double momentum = 0.1;
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

  Parameter weight, bias;
  Buffer running_mean, running_var, num_batches_tracked;

 protected:
  BatchNorm(int64_t num_features, const BatchNormOptions& options);
  /// Throws where x is not what the layer takes.
  virtual void check_input(const Tensor& x) const = 0;

  int64_t num_features_;
  BatchNormOptions options_;

 private:
  friend class detail::Folding;
  bool folded_ = false;  // by nn::fuse into the layer before it: passes its input on
};

/// Over [N, C] or [N, C, L].
class BatchNorm1d : public BatchNorm {
 public:
  explicit BatchNorm1d(int64_t num_features, const BatchNormOptions& options = {})
      : BatchNorm(num_features, options) {}

 private:
  void check_input(const Tensor& x) const override;
};

/// Over images [N, C, H, W].
class BatchNorm2d : public BatchNorm {
 public:
  explicit BatchNorm2d(int64_t num_features, const BatchNormOptions& options = {})
      : BatchNorm(num_features, options) {}

 private:
  void check_input(const Tensor& x) const override;
};

struct LayerNormOptions {
  double eps = 1e-5;
  bool elementwise_affine = true;  ///< learn a weight and a bias per element
  bool bias = true;
};
/// rw::layer_norm over the last dimensions, of sizes `normalized_shape`.
class LayerNorm : public Module {
 public:
  explicit LayerNorm(const Shape& normalized_shape, const LayerNormOptions& options = {});
  explicit LayerNorm(std::initializer_list<int64_t> normalized_shape,
                     const LayerNormOptions& options = {})
      : LayerNorm(Shape(normalized_shape), options) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

  Parameter weight, bias;

 private:
  Shape normalized_shape_;
  LayerNormOptions options_;
};

struct GroupNormOptions {
  double eps = 1e-5;
  bool affine = true;  ///< learn a weight and a bias per channel
};
/// rw::group_norm over [N, C, …].
class GroupNorm : public Module {
 public:
  GroupNorm(int64_t num_groups, int64_t num_channels, const GroupNormOptions& options = {});
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

  Parameter weight, bias;

 private:
  int64_t num_groups_, num_channels_;
  GroupNormOptions options_;
};

struct InstanceNormOptions {
  double eps = 1e-5;
  double momentum = 0.1;
  bool affine = false;               ///< learn a weight and a bias per channel
  bool track_running_stats = false;  ///< and normalise with these in evaluation
};
/// rw::instance_norm over images [N, C, H, W] or one image [C, H, W].
class InstanceNorm2d : public Module {
 public:
  explicit InstanceNorm2d(int64_t num_features, const InstanceNormOptions& options = {});
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

  Parameter weight, bias;
  Buffer running_mean, running_var, num_batches_tracked;

 private:
  int64_t num_features_;
  InstanceNormOptions options_;
};

class MaxPool2d : public Module {
 public:
  explicit MaxPool2d(Size2 kernel_size, const MaxPool2dOptions& options = {})
      : kernel_(kernel_size), options_(options) {}
  Tensor forward(const Tensor& x) override { return max_pool2d(x, kernel_, options_); }
  std::string extra_repr() const override;

 private:
  Size2 kernel_;
  MaxPool2dOptions options_;
};

class AvgPool2d : public Module {
 public:
  explicit AvgPool2d(Size2 kernel_size, const AvgPool2dOptions& options = {})
      : kernel_(kernel_size), options_(options) {}
  Tensor forward(const Tensor& x) override { return avg_pool2d(x, kernel_, options_); }
  std::string extra_repr() const override;

 private:
  Size2 kernel_;
  AvgPool2dOptions options_;
};

class AdaptiveAvgPool2d : public Module {
 public:
  explicit AdaptiveAvgPool2d(Size2 output_size) : output_size_(output_size) {}
  Tensor forward(const Tensor& x) override { return adaptive_avg_pool2d(x, output_size_); }
  std::string extra_repr() const override;

 private:
  Size2 output_size_;
};

class ReLU : public Module {
 public:
  Tensor forward(const Tensor& x) override { return relu(x); }
  Tensor forward_temporary(Tensor&& x) override { return relu(std::move(x)); }
};

class LeakyReLU : public Module {
 public:
  explicit LeakyReLU(double negative_slope = 0.01) : slope_(negative_slope) {}
  Tensor forward(const Tensor& x) override { return leaky_relu(x, slope_); }
  Tensor forward_temporary(Tensor&& x) override { return leaky_relu(std::move(x), slope_); }
  std::string extra_repr() const override;

 private:
  double slope_;
};

class ELU : public Module {
 public:
  explicit ELU(double alpha = 1) : alpha_(alpha) {}
  Tensor forward(const Tensor& x) override { return elu(x, alpha_); }
  Tensor forward_temporary(Tensor&& x) override { return elu(std::move(x), alpha_); }
  std::string extra_repr() const override;

 private:
  double alpha_;
};

class CELU : public Module {
 public:
  explicit CELU(double alpha = 1) : alpha_(alpha) {}
  Tensor forward(const Tensor& x) override { return celu(x, alpha_); }
  Tensor forward_temporary(Tensor&& x) override { return celu(std::move(x), alpha_); }
  std::string extra_repr() const override;

 private:
  double alpha_;
};

class SELU : public Module {
 public:
  Tensor forward(const Tensor& x) override { return selu(x); }
  Tensor forward_temporary(Tensor&& x) override { return selu(std::move(x)); }
};

class GELU : public Module {
 public:
  explicit GELU(Gelu form = Gelu::exact) : form_(form) {}
  Tensor forward(const Tensor& x) override { return gelu(x, form_); }
  Tensor forward_temporary(Tensor&& x) override { return gelu(std::move(x), form_); }
  std::string extra_repr() const override;

 private:
  Gelu form_;
};

class SiLU : public Module {
 public:
  Tensor forward(const Tensor& x) override { return silu(x); }
  Tensor forward_temporary(Tensor&& x) override { return silu(std::move(x)); }
};

class Tanh : public Module {
 public:
  Tensor forward(const Tensor& x) override { return tanh(x); }
  Tensor forward_temporary(Tensor&& x) override { return tanh(std::move(x)); }
};

class Sigmoid : public Module {
 public:
  Tensor forward(const Tensor& x) override { return sigmoid(x); }
  Tensor forward_temporary(Tensor&& x) override { return sigmoid(std::move(x)); }
};

/// Zeroes elements with probability p in training; see rw::dropout.
class Dropout : public Module {
 public:
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
  explicit Flatten(int64_t start_dim = 1, int64_t end_dim = -1)
      : start_(start_dim), end_(end_dim) {}
  Tensor forward(const Tensor& x) override { return x.flatten(start_, end_); }
  std::string extra_repr() const override;

 private:
  int64_t start_, end_;
};

}  // namespace rw::nn

#pragma GCC visibility pop
