#pragma once
// Private to models: small layers of torchvision's.

#include <utility>

#include <rewind/models/blocks.h>
#include <rewind/ops/dropout.h>
#include <rewind/tensor/factories.h>

namespace rw::models::detail {

/// Zeroes whole samples with probability p in training, and scales the others by 1 / (1 - p)
/// (Huang et al., "Deep networks with stochastic depth", 2016): a branch that is added to its
/// input.
class StochasticDepth : public nn::Module {
 public:
  explicit StochasticDepth(double p) : p_(p) {}
  Tensor forward(const Tensor& x) override {
    if (!is_training() || p_ == 0) return x;
    Shape one_each = Shape::filled(x.dim(), 1);
    one_each[0] = x.size(0);
    return x * dropout(ones(one_each, x.dtype()), p_);
  }

 private:
  bool has_training_mode() const override { return true; }
  double p_;
};

/// Scales channels by what two layers make of their averages (Hu et al., "Squeeze-and-excitation
/// networks", 2017).
class SqueezeExcitation : public nn::Module {
 public:
  SqueezeExcitation(int64_t channels, int64_t squeezed)
      : fc1_(add("fc1", nn::Conv2d(channels, squeezed, 1))),
        fc2_(add("fc2", nn::Conv2d(squeezed, channels, 1))) {}
  Tensor forward(const Tensor& x) override {
    return x * sigmoid(fc2_(silu(fc1_(adaptive_avg_pool2d(x, 1)))));
  }

 private:
  nn::Conv2d fc1_, fc2_;
};

/// Moves the channels of images [N, C, H, W] to the end, or from there back.
struct ChannelsToEnd : nn::Module {
  Tensor forward(const Tensor& x) override { return x.permute({0, 2, 3, 1}); }
};
struct ChannelsFromEnd : nn::Module {
  Tensor forward(const Tensor& x) override { return x.permute({0, 3, 1, 2}); }
};

/// A layer norm over the channels of each pixel of [N, C, H, W].
class LayerNorm2d : public nn::LayerNorm {
 public:
  using nn::LayerNorm::LayerNorm;
  Tensor forward(const Tensor& x) override {
    return nn::LayerNorm::forward(x.permute({0, 2, 3, 1})).permute({0, 3, 1, 2});
  }
};

}  // namespace rw::models::detail
