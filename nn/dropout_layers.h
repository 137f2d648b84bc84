#pragma once

#include <rewind/nn/module.h>

// Dropout as modules, with PyTorch's names, options and defaults. It is the identity in evaluation.

#pragma GCC visibility push(default)

namespace rw::nn {

namespace detail {

/// What all of them are: a probability.
class DropoutBase : public Module {
 public:
  std::string extra_repr() const override;
  /// As given.
  double p() const { return p_; }

 protected:
  /// For the layer of this name.
  DropoutBase(const char* layer, double p);

  double p_;  ///< of a zero, in [0, 1]

 private:
  bool has_training_mode() const override { return true; }
};

}  // namespace detail

/// Zeroes elements with probability p in training; see rw::dropout.
class Dropout : public detail::DropoutBase {
 public:
  /// With the probability of a zero, in [0, 1].
  explicit Dropout(double p = 0.5) : DropoutBase("Dropout", p) {}
  Tensor forward(const Tensor& x) override;
};

/// Zeroes channels of [N, C, L] or [C, L]; see rw::dropout1d.
class Dropout1d : public detail::DropoutBase {
 public:
  /// With the probability of a zero, in [0, 1].
  explicit Dropout1d(double p = 0.5) : DropoutBase("Dropout1d", p) {}
  Tensor forward(const Tensor& x) override;
};

/// Zeroes channels of [N, C, H, W]; see rw::dropout2d.
class Dropout2d : public detail::DropoutBase {
 public:
  /// With the probability of a zero, in [0, 1].
  explicit Dropout2d(double p = 0.5) : DropoutBase("Dropout2d", p) {}
  Tensor forward(const Tensor& x) override;
};

/// Zeroes channels of [N, C, D, H, W] or [C, D, H, W]; see rw::dropout3d.
class Dropout3d : public detail::DropoutBase {
 public:
  /// With the probability of a zero, in [0, 1].
  explicit Dropout3d(double p = 0.5) : DropoutBase("Dropout3d", p) {}
  Tensor forward(const Tensor& x) override;
};

/// Dropout beside SELU; see rw::alpha_dropout.
class AlphaDropout : public detail::DropoutBase {
 public:
  /// With the probability of a zero, in [0, 1].
  explicit AlphaDropout(double p = 0.5) : DropoutBase("AlphaDropout", p) {}
  Tensor forward(const Tensor& x) override;
};

/// Dropout of channels beside SELU; see rw::feature_alpha_dropout.
class FeatureAlphaDropout : public detail::DropoutBase {
 public:
  /// With the probability of a zero, in [0, 1].
  explicit FeatureAlphaDropout(double p = 0.5) : DropoutBase("FeatureAlphaDropout", p) {}
  Tensor forward(const Tensor& x) override;
};

}  // namespace rw::nn

#pragma GCC visibility pop
