#pragma once

#include <rewind/nn/module.h>
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

/// Takes a dimension apart into several; see Tensor::unflatten.
class Unflatten : public Module {
 public:
  /// Dimension `dim` into these sizes, of which one may be -1.
  Unflatten(int64_t dim, const Shape& unflattened_size) : dim_(dim), sizes_(unflattened_size) {}
  Tensor forward(const Tensor& x) override { return x.unflatten(dim_, sizes_); }
  std::string extra_repr() const override;

 private:
  int64_t dim_;
  Shape sizes_;
};

}  // namespace rw::nn

#pragma GCC visibility pop
