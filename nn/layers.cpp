#include <rewind/nn/layers.h>

#include <cmath>

#include <rewind/autograd/grad_mode.h>
#include <rewind/nn/init.h>
#include <rewind/ops/dropout.h>
#include <rewind/ops/matmul.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::nn {

namespace {

std::string repr(Size2 s) { return fmt::format("({}, {})", s.h, s.w); }
const char* repr(bool b) { return b ? "True" : "False"; }

const char* repr(PaddingMode mode) {
  constexpr const char* names[] = {"zeros", "reflect", "replicate", "circular"};
  return names[static_cast<int>(mode)];
}

// Uniform within 1 / sqrt(fan_in), as PyTorch initialises weights and biases alike.
Tensor uniform_by_fan(const Shape& shape, int64_t fan_in) {
  const double bound = fan_in > 0 ? 1 / std::sqrt(static_cast<double>(fan_in)) : 0;
  return init::uniform_(empty(shape), -bound, bound);
}

}  // namespace

Linear::Linear(int64_t in_features, int64_t out_features, const LinearOptions& options)
    : weight(parameter("weight", uniform_by_fan({out_features, in_features}, in_features))),
      bias(parameter("bias", options.bias ? uniform_by_fan(out_features, in_features) : Tensor())) {
}

Tensor Linear::forward(const Tensor& x) { return linear(x, weight, bias); }

std::string Linear::extra_repr() const {
  return fmt::format("in_features={}, out_features={}, bias={}", weight.size(1), weight.size(0),
                     repr(bias.defined()));
}

namespace {

// Sizes are checked here, where the message can name them, rather than at the first use.
Tensor conv_weight(int64_t in, int64_t out, Size2 kernel, int64_t groups) {
  check(in > 0 && out > 0, "Conv2d: expected at least one channel, got {} in and {} out", in, out);
  check(groups > 0 && in % groups == 0 && out % groups == 0,
        "Conv2d: groups ({}) must divide in_channels ({}) and out_channels ({})", groups, in, out);
  check(kernel.h > 0 && kernel.w > 0, "Conv2d: expected a kernel_size of at least 1, got ({}, {})",
        kernel.h, kernel.w);
  return uniform_by_fan({out, in / groups, kernel.h, kernel.w}, in / groups * kernel.h * kernel.w);
}

}  // namespace

Conv2d::Conv2d(int64_t in_channels, int64_t out_channels, Size2 kernel_size, const Conv2dOptions& o)
    : weight(parameter("weight", conv_weight(in_channels, out_channels, kernel_size, o.groups))),
      bias(parameter(
          "bias", o.bias ? uniform_by_fan(out_channels, weight.numel() / out_channels) : Tensor())),
      options_{o.stride, o.padding, o.dilation, o.groups, o.padding_mode} {}

Tensor Conv2d::forward(const Tensor& x) { return conv2d(x, weight, bias, options_); }

std::string Conv2d::extra_repr() const {
  const rw::Conv2dOptions& o = options_;
  std::string s =
      fmt::format("{}, {}, kernel_size={}, stride={}", weight.size(1) * o.groups, weight.size(0),
                  repr(Size2(weight.size(2), weight.size(3))), repr(o.stride));
  if (o.padding != Size2(0)) s += ", padding=" + repr(o.padding);
  if (o.dilation != Size2(1)) s += ", dilation=" + repr(o.dilation);
  if (o.groups != 1) s += fmt::format(", groups={}", o.groups);
  if (!bias.defined()) s += ", bias=False";
  if (o.padding_mode != PaddingMode::zeros)
    s += fmt::format(", padding_mode={}", repr(o.padding_mode));
  return s;
}

BatchNorm2d::BatchNorm2d(int64_t n, const BatchNormOptions& options)
    : weight(parameter("weight", options.affine ? ones(n) : Tensor())),
      bias(parameter("bias", options.affine ? zeros(n) : Tensor())),
      running_mean(buffer("running_mean", options.track_running_stats ? zeros(n) : Tensor())),
      running_var(buffer("running_var", options.track_running_stats ? ones(n) : Tensor())),
      num_batches_tracked(
          buffer("num_batches_tracked", options.track_running_stats ? zeros({}, int64) : Tensor())),
      num_features_(n),
      options_(options) {}

Tensor BatchNorm2d::forward(const Tensor& x) {
  check<ShapeError>(x.defined() && x.dim() == 4 && x.size(1) == num_features_,
                    "BatchNorm2d: expected an input [N, {}, H, W], got shape {}", num_features_,
                    x.defined() ? x.shape().str() : "undefined");
  const bool by_batch = is_training() || !running_mean.defined();
  if (is_training() && num_batches_tracked.defined()) {
    const no_grad guard;
    num_batches_tracked.add_(1);
  }
  const bool update = is_training() && running_mean.defined();
  const bool given = !by_batch || update;
  return batch_norm(x, weight, bias, given ? running_mean : Tensor(),
                    given ? running_var : Tensor(),
                    {.training = by_batch, .momentum = options_.momentum, .eps = options_.eps});
}

std::string BatchNorm2d::extra_repr() const {
  return fmt::format("{}, eps={}, momentum={}, affine={}, track_running_stats={}", num_features_,
                     options_.eps, options_.momentum, repr(options_.affine),
                     repr(options_.track_running_stats));
}

std::string MaxPool2d::extra_repr() const {
  return fmt::format("kernel_size={}, stride={}, padding={}, dilation={}, ceil_mode={}",
                     repr(kernel_), repr(options_.stride.value_or(kernel_)), repr(options_.padding),
                     repr(options_.dilation), repr(options_.ceil_mode));
}

std::string AvgPool2d::extra_repr() const {
  return fmt::format("kernel_size={}, stride={}, padding={}", repr(kernel_),
                     repr(options_.stride.value_or(kernel_)), repr(options_.padding));
}

std::string AdaptiveAvgPool2d::extra_repr() const { return "output_size=" + repr(output_size_); }

std::string LeakyReLU::extra_repr() const { return fmt::format("negative_slope={}", slope_); }

std::string GELU::extra_repr() const {
  return fmt::format("approximate='{}'", form_ == Gelu::exact ? "none" : "tanh");
}

Dropout::Dropout(double p) : p_(p) {
  check(p >= 0 && p <= 1, "Dropout: expected a probability in [0, 1], got {}", p);
}

Tensor Dropout::forward(const Tensor& x) { return dropout(x, p_, is_training()); }

std::string Dropout::extra_repr() const { return fmt::format("p={}", p_); }

std::string Flatten::extra_repr() const {
  return fmt::format("start_dim={}, end_dim={}", start_, end_);
}

}  // namespace rw::nn
