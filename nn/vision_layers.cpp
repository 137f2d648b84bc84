#include <rewind/nn/vision_layers.h>

#include <rewind/nn/repr.h>
#include <rewind/ops/pool.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/sampling.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::nn {

std::string Permute::extra_repr() const {
  std::string dims;
  for (const int64_t d : dims_) dims += (dims.empty() ? "" : ", ") + std::to_string(d);
  return fmt::format("dims=[{}]", dims);
}

Tensor LayerNorm2d::forward(const Tensor& x) {
  check(x.defined(), "LayerNorm2d: the input is undefined");
  check<ShapeError>(x.dim() == 4, "LayerNorm2d: expected an input [N, C, H, W], got shape {}",
                    x.shape());
  return LayerNorm::forward(x.permute({0, 2, 3, 1})).permute({0, 3, 1, 2});
}

StochasticDepth::StochasticDepth(double p, StochasticDepthMode mode) : p_(p), mode_(mode) {
  check(p >= 0 && p <= 1, "StochasticDepth: expected a probability in [0, 1], got {}", p);
}

Tensor StochasticDepth::forward(const Tensor& x) {
  check(x.defined(), "StochasticDepth: the input is undefined");
  check<DTypeError>(x.is_floating_point(), "StochasticDepth: expected a floating input, got {}",
                    x.dtype());
  const bool by_row = mode_ == StochasticDepthMode::row;
  check<ShapeError>(!by_row || x.dim() > 0,
                    "StochasticDepth: expected an input [N, …], got a number");
  if (!is_training() || p_ == 0) return x;
  Shape shape = Shape::filled(x.dim(), 1);
  if (by_row) shape[0] = x.size(0);
  Tensor factor = empty(shape, x.dtype());
  factor.bernoulli_(1 - p_);
  if (p_ < 1) factor.div_(1 - p_);
  return x * factor;
}

std::string StochasticDepth::extra_repr() const {
  return fmt::format("p={}, mode={}", repr(p_),
                     mode_ == StochasticDepthMode::row ? "row" : "batch");
}

SqueezeExcitation::SqueezeExcitation(int64_t input_channels, int64_t squeeze_channels,
                                     Function activation, Function scale_activation)
    : fc1(add("fc1", Conv2d(input_channels, squeeze_channels, 1))),
      fc2(add("fc2", Conv2d(squeeze_channels, input_channels, 1))),
      activation_(std::move(activation)),
      scale_activation_(std::move(scale_activation)) {
  check(activation_ && scale_activation_,
        "SqueezeExcitation: expected functions, got an empty std::function");
}

Tensor SqueezeExcitation::forward(const Tensor& x) {
  const Tensor means = adaptive_avg_pool2d(x, 1);
  return x * scale_activation_(fc2(activation_(fc1(means))));
}

}  // namespace rw::nn
