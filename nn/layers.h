#pragma once

#include <rewind/nn/module.h>
#include <rewind/tensor/by_place.h>

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
  /// With options by their places, as PyTorch has them: `Linear(8, 2, false)`.
  template <class... V>
  requires rw::detail::ByPlace<LinearOptions, V...> Linear(int64_t in_features,
                                                           int64_t out_features, V... options)
      : Linear(in_features, out_features, rw::detail::by_place<LinearOptions>(options...)) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;
  int64_t multiply_adds(std::span<const Tensor> inputs,
                        std::span<const Tensor> results) const override;

  ///@{
  /// Sizes of the weight.
  int64_t in_features() const { return weight.size(1); }
  int64_t out_features() const { return weight.size(0); }
  ///@}

  ///@{
  /// What is trained; bias is undefined without one.
  Parameter weight, bias;
  ///@}
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
