#pragma once

#include <rewind/nn/module.h>
#include <rewind/ops/activation.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/softmax.h>

// Activations as modules, with PyTorch's names, options and defaults.

#pragma GCC visibility push(default)

namespace rw::nn {

/// max(x, 0); see rw::relu.
class ReLU : public Module {
 public:
  /// In place, as PyTorch's, changes the input: to save memory there is no need for it, see
  /// forward_temporary.
  explicit ReLU(bool inplace = false) : inplace_(inplace) {}
  Tensor forward(const Tensor& x) override { return inplace_ ? Tensor(x).relu_() : relu(x); }
  Tensor forward_temporary(Tensor&& x) override {
    return inplace_ ? x.relu_() : relu(std::move(x));
  }
  std::string extra_repr() const override;

 private:
  bool inplace_;
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

/// x between two bounds; see rw::hardtanh.
class Hardtanh : public Module {
 public:
  /// With the bounds, of which the first is not the greater one.
  explicit Hardtanh(double min_val = -1, double max_val = 1);
  Tensor forward(const Tensor& x) override { return hardtanh(x, min_, max_); }
  Tensor forward_temporary(Tensor&& x) override { return hardtanh(std::move(x), min_, max_); }
  std::string extra_repr() const override;

 private:
  double min_, max_;
};

/// x between 0 and 6; see rw::relu6.
class ReLU6 : public Module {
 public:
  Tensor forward(const Tensor& x) override { return relu6(x); }
  Tensor forward_temporary(Tensor&& x) override { return relu6(std::move(x)); }
};

/// A sigmoid of straight lines; see rw::hardsigmoid.
class Hardsigmoid : public Module {
 public:
  Tensor forward(const Tensor& x) override { return hardsigmoid(x); }
  Tensor forward_temporary(Tensor&& x) override { return hardsigmoid(std::move(x)); }
};

/// x times a sigmoid of straight lines; see rw::hardswish.
class Hardswish : public Module {
 public:
  Tensor forward(const Tensor& x) override { return hardswish(x); }
  Tensor forward_temporary(Tensor&& x) override { return hardswish(std::move(x)); }
};

/// x tanh(softplus(x)); see rw::mish.
class Mish : public Module {
 public:
  Tensor forward(const Tensor& x) override { return mish(x); }
  Tensor forward_temporary(Tensor&& x) override { return mish(std::move(x)); }
};

/// log(sigmoid(x)); see rw::logsigmoid.
class LogSigmoid : public Module {
 public:
  Tensor forward(const Tensor& x) override { return logsigmoid(x); }
  Tensor forward_temporary(Tensor&& x) override { return logsigmoid(std::move(x)); }
};

/// x / (1 + |x|); see rw::softsign.
class Softsign : public Module {
 public:
  Tensor forward(const Tensor& x) override { return softsign(x); }
  Tensor forward_temporary(Tensor&& x) override { return softsign(std::move(x)); }
};

/// x - tanh(x); see rw::tanhshrink.
class Tanhshrink : public Module {
 public:
  Tensor forward(const Tensor& x) override { return tanhshrink(x); }
};

/// log(1 + exp(beta x)) / beta; see rw::softplus.
class Softplus : public Module {
 public:
  /// With beta, and beta x from which on the result is x itself.
  explicit Softplus(double beta = 1, double threshold = 20) : beta_(beta), threshold_(threshold) {}
  Tensor forward(const Tensor& x) override { return softplus(x, beta_, threshold_); }
  Tensor forward_temporary(Tensor&& x) override {
    return softplus(std::move(x), beta_, threshold_);
  }
  std::string extra_repr() const override;

 private:
  double beta_, threshold_;
};

/// x where its size is above lambd, 0 elsewhere; see rw::hardshrink.
class Hardshrink : public Module {
 public:
  /// With the size up to which the result is 0.
  explicit Hardshrink(double lambd = 0.5) : lambd_(lambd) {}
  Tensor forward(const Tensor& x) override { return hardshrink(x, lambd_); }
  Tensor forward_temporary(Tensor&& x) override { return hardshrink(std::move(x), lambd_); }
  std::string extra_repr() const override;

 private:
  double lambd_;
};

/// x closer to 0 by lambd, or 0; see rw::softshrink.
class Softshrink : public Module {
 public:
  /// With the size up to which the result is 0.
  explicit Softshrink(double lambd = 0.5) : lambd_(lambd) {}
  Tensor forward(const Tensor& x) override { return softshrink(x, lambd_); }
  Tensor forward_temporary(Tensor&& x) override { return softshrink(std::move(x), lambd_); }
  std::string extra_repr() const override;

 private:
  double lambd_;
};

/// x where it is above a threshold, a value elsewhere; see rw::threshold.
class Threshold : public Module {
 public:
  /// With the threshold, and the value of what is not above it.
  Threshold(double threshold, double value) : threshold_(threshold), value_(value) {}
  Tensor forward(const Tensor& x) override { return threshold(x, threshold_, value_); }
  Tensor forward_temporary(Tensor&& x) override {
    return threshold(std::move(x), threshold_, value_);
  }
  std::string extra_repr() const override;

 private:
  double threshold_, value_;
};

/// Half of a dimension times the sigmoid of the other half; see rw::glu.
class GLU : public Module {
 public:
  /// With the dimension.
  explicit GLU(int64_t dim = -1) : dim_(dim) {}
  Tensor forward(const Tensor& x) override { return glu(x, dim_); }
  std::string extra_repr() const override;

 private:
  int64_t dim_;
};

/// x where positive, weight * x elsewhere; see rw::prelu.
class PReLU : public Module {
 public:
  /// With one weight, or one for each of so many channels, all `init` at first.
  explicit PReLU(int64_t num_parameters = 1, double init = 0.25);
  Tensor forward(const Tensor& x) override { return prelu(x, weight); }
  std::string extra_repr() const override;

  Parameter weight;  ///< what is trained: the slopes below 0
};

/// A leaky ReLU of random slopes in training; see rw::rrelu.
class RReLU : public Module {
 public:
  /// With the bounds of the slopes.
  explicit RReLU(double lower = 1.0 / 8, double upper = 1.0 / 3) : lower_(lower), upper_(upper) {}
  Tensor forward(const Tensor& x) override { return rrelu(x, lower_, upper_, is_training()); }
  std::string extra_repr() const override;

 private:
  bool has_training_mode() const override { return true; }

  double lower_, upper_;
};

/// Shares that are positive and add up to 1 along a dimension; see rw::softmax.
class Softmax : public Module {
 public:
  /// Along this dimension.
  explicit Softmax(int64_t dim) : dim_(dim) {}
  Tensor forward(const Tensor& x) override { return softmax(x, dim_); }
  std::string extra_repr() const override;

 private:
  int64_t dim_;
};

/// The logarithm of softmax along a dimension; see rw::log_softmax.
class LogSoftmax : public Module {
 public:
  /// Along this dimension.
  explicit LogSoftmax(int64_t dim) : dim_(dim) {}
  Tensor forward(const Tensor& x) override { return log_softmax(x, dim_); }
  std::string extra_repr() const override;

 private:
  int64_t dim_;
};

/// softmax(-x) along a dimension; see rw::softmin.
class Softmin : public Module {
 public:
  /// Along this dimension.
  explicit Softmin(int64_t dim) : dim_(dim) {}
  Tensor forward(const Tensor& x) override { return softmin(x, dim_); }
  std::string extra_repr() const override;

 private:
  int64_t dim_;
};

/// Softmax over the channels of each pixel, of [N, C, H, W] or [C, H, W].
class Softmax2d : public Module {
 public:
  Tensor forward(const Tensor& x) override;
};

}  // namespace rw::nn

#pragma GCC visibility pop
