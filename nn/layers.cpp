#include <rewind/nn/layers.h>

#include <cmath>

#include <rewind/autograd/grad_mode.h>
#include <rewind/nn/call_log.h>
#include <rewind/nn/init.h>
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

namespace {

void check_defined(const char* layer, const Tensor& x) {
  check(x.defined(), "{}: the input is undefined", layer);
}

Tensor ones_if(bool wanted, const Shape& shape) { return wanted ? ones(shape) : Tensor(); }
Tensor zeros_if(bool wanted, const Shape& shape, DType dtype = get_default_dtype()) {
  return wanted ? zeros(shape, dtype) : Tensor();
}

}  // namespace

BatchNorm::BatchNorm(int64_t n, const BatchNormOptions& o)
    : weight(parameter("weight", ones_if(o.affine, n))),
      bias(parameter("bias", zeros_if(o.affine, n))),
      running_mean(buffer("running_mean", zeros_if(o.track_running_stats, n))),
      running_var(buffer("running_var", ones_if(o.track_running_stats, n))),
      num_batches_tracked(
          buffer("num_batches_tracked", zeros_if(o.track_running_stats, {}, int64))),
      num_features_(n),
      options_(o) {}

Tensor BatchNorm::forward_temporary(Tensor&& x) {
  if (!folded_) return forward(x);
  check_input(x);
  if (is_training())
    fail(
        "{}: it was folded into the layer before it by nn::fuse, for inference only; make the "
        "model anew, and load its state from before, to train it",
        name());
  return std::move(x);
}

Tensor BatchNorm::forward(const Tensor& x) {
  if (folded_) return forward_temporary(Tensor(x));
  check_input(x);
  const bool by_batch = is_training() || !running_mean.defined();
  if (is_training() && num_batches_tracked.defined() && !rw::detail::is_recomputing) {
    const no_grad guard;
    num_batches_tracked.add_(1);
  }
  const bool update = is_training() && running_mean.defined();
  const bool given = !by_batch || update;
  const rw::BatchNormOptions options = {
      .training = by_batch, .momentum = options_.momentum, .eps = options_.eps};
  return detail::logged(*this, batch_norm(x, weight, bias, given ? running_mean : Tensor(),
                                          given ? running_var : Tensor(), options));
}

std::string BatchNorm::extra_repr() const {
  if (folded_) return fmt::format("{}, folded", num_features_);
  return fmt::format("{}, eps={}, momentum={}, affine={}, track_running_stats={}", num_features_,
                     options_.eps, options_.momentum, repr(options_.affine),
                     repr(options_.track_running_stats));
}

void BatchNorm1d::check_input(const Tensor& x) const {
  check_defined("BatchNorm1d", x);
  check<ShapeError>((x.dim() == 2 || x.dim() == 3) && x.size(1) == num_features_,
                    "BatchNorm1d: expected an input [N, {}] or [N, {}, L], got shape {}",
                    num_features_, num_features_, x.shape());
}

void BatchNorm2d::check_input(const Tensor& x) const {
  check_defined("BatchNorm2d", x);
  check<ShapeError>(x.dim() == 4 && x.size(1) == num_features_,
                    "BatchNorm2d: expected an input [N, {}, H, W], got shape {}", num_features_,
                    x.shape());
}

LayerNorm::LayerNorm(const Shape& normalized_shape, const LayerNormOptions& o)
    : weight(parameter("weight", ones_if(o.elementwise_affine, normalized_shape))),
      bias(parameter("bias", zeros_if(o.elementwise_affine && o.bias, normalized_shape))),
      normalized_shape_(normalized_shape),
      options_(o) {}

Tensor LayerNorm::forward(const Tensor& x) {
  return layer_norm(x, normalized_shape_, weight, bias, options_.eps);
}

std::string LayerNorm::extra_repr() const {
  std::string sizes;
  for (const int64_t n : normalized_shape_)
    sizes += (sizes.empty() ? "" : ", ") + std::to_string(n);
  if (normalized_shape_.rank() == 1) sizes += ",";
  return fmt::format("({}), eps={}, elementwise_affine={}", sizes, options_.eps,
                     repr(options_.elementwise_affine));
}

GroupNorm::GroupNorm(int64_t num_groups, int64_t num_channels, const GroupNormOptions& o)
    : weight(parameter("weight", ones_if(o.affine, num_channels))),
      bias(parameter("bias", zeros_if(o.affine, num_channels))),
      num_groups_(num_groups),
      num_channels_(num_channels),
      options_(o) {
  check(num_groups > 0 && num_channels % num_groups == 0,
        "GroupNorm: num_groups ({}) must divide num_channels ({})", num_groups, num_channels);
}

Tensor GroupNorm::forward(const Tensor& x) {
  check_defined("GroupNorm", x);
  check<ShapeError>(x.dim() >= 2 && x.size(1) == num_channels_,
                    "GroupNorm: expected an input [N, {}, ...], got shape {}", num_channels_,
                    x.shape());
  return group_norm(x, num_groups_, weight, bias, options_.eps);
}

std::string GroupNorm::extra_repr() const {
  return fmt::format("{}, {}, eps={}, affine={}", num_groups_, num_channels_, options_.eps,
                     repr(options_.affine));
}

InstanceNorm2d::InstanceNorm2d(int64_t n, const InstanceNormOptions& o)
    : weight(parameter("weight", ones_if(o.affine, n))),
      bias(parameter("bias", zeros_if(o.affine, n))),
      running_mean(buffer("running_mean", zeros_if(o.track_running_stats, n))),
      running_var(buffer("running_var", ones_if(o.track_running_stats, n))),
      num_batches_tracked(
          buffer("num_batches_tracked", zeros_if(o.track_running_stats, {}, int64))),
      num_features_(n),
      options_(o) {}

Tensor InstanceNorm2d::forward(const Tensor& x) {
  check_defined("InstanceNorm2d", x);
  check<ShapeError>((x.dim() == 3 || x.dim() == 4) && x.size(-3) == num_features_,
                    "InstanceNorm2d: expected an input [N, {}, H, W] or [{}, H, W], got shape {}",
                    num_features_, num_features_, x.shape());
  const auto run = [&](const Tensor& images) {
    return instance_norm(images, weight, bias, running_mean, running_var,
                         {.use_input_stats = is_training() || !running_mean.defined(),
                          .momentum = options_.momentum,
                          .eps = options_.eps});
  };
  return x.dim() == 4 ? run(x) : run(x.unsqueeze(0)).squeeze(0);
}

std::string InstanceNorm2d::extra_repr() const {
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

std::string Flatten::extra_repr() const {
  return fmt::format("start_dim={}, end_dim={}", start_, end_);
}

}  // namespace rw::nn
