#include <rewind/nn/layers.h>

#include <cmath>

#include <rewind/nn/call_log.h>
#include <rewind/nn/init.h>
#include <rewind/ops/dropout.h>
#include <rewind/ops/matmul.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::nn {

namespace {

std::string repr(Size2 s) { return fmt::format("({}, {})", s.h(), s.w()); }
const char* repr(bool b) { return b ? "True" : "False"; }

const char* repr(PaddingMode mode) {
  constexpr const char* names[] = {"zeros", "reflect", "replicate", "circular"};
  return names[static_cast<int>(mode)];
}

// Fills `t` uniformly within 1 / sqrt(n), n the number of weights of an output, as PyTorch
// initialises weights and biases alike.
Tensor uniform_by_fan(const Tensor& t, const Tensor& weight) {
  const int64_t outputs = weight.size(0), fan_in = outputs > 0 ? weight.numel() / outputs : 0;
  const double bound = fan_in > 0 ? 1 / std::sqrt(static_cast<double>(fan_in)) : 0;
  return init::uniform_(t, -bound, bound);
}
Tensor new_weight(const Shape& shape) {
  const Tensor weight = empty(shape);
  return uniform_by_fan(weight, weight);
}
Tensor new_bias(bool wanted, const Tensor& weight) {
  return wanted ? uniform_by_fan(empty(weight.size(0)), weight) : Tensor();
}

}  // namespace

Linear::Linear(int64_t in_features, int64_t out_features, const LinearOptions& options)
    : weight(parameter("weight", new_weight({out_features, in_features}))),
      bias(parameter("bias", new_bias(options.bias, weight))) {}

Tensor Linear::forward(const Tensor& x) { return detail::logged(*this, linear(x, weight, bias)); }

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
  check(kernel.h() > 0 && kernel.w() > 0,
        "Conv2d: expected a kernel_size of at least 1, got ({}, {})", kernel.h(), kernel.w());
  return new_weight({out, in / groups, kernel.h(), kernel.w()});
}

}  // namespace

Conv2d::Conv2d(int64_t in_channels, int64_t out_channels, Size2 kernel_size, const Conv2dOptions& o)
    : weight(parameter("weight", conv_weight(in_channels, out_channels, kernel_size, o.groups))),
      bias(parameter("bias", new_bias(o.bias, weight))),
      options_{o.stride, o.padding, o.dilation, o.groups, o.padding_mode} {}

Tensor Conv2d::forward(const Tensor& x) {
  return detail::logged(*this, conv2d(x, weight, bias, options_));
}

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

std::string ELU::extra_repr() const { return fmt::format("alpha={}", alpha_); }
std::string CELU::extra_repr() const { return fmt::format("alpha={}", alpha_); }

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

std::string Unflatten::extra_repr() const {
  std::string sizes;
  for (const int64_t n : sizes_) sizes += (sizes.empty() ? "" : ", ") + std::to_string(n);
  return fmt::format("dim={}, unflattened_size=({}{})", dim_, sizes, sizes_.rank() == 1 ? "," : "");
}

}  // namespace rw::nn
