#include <rewind/nn/layers.h>

#include <rewind/autograd/grad_mode.h>
#include <rewind/nn/call_log.h>
#include <rewind/nn/layer_parts.h>
#include <rewind/ops/dropout.h>
#include <rewind/ops/matmul.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::nn {

using detail::repr;

Linear::Linear(int64_t in_features, int64_t out_features, const LinearOptions& options)
    : weight(parameter("weight", detail::new_weight({out_features, in_features}))),
      bias(parameter("bias", detail::new_bias(options.bias, out_features, weight))) {}

Tensor Linear::forward(const Tensor& x) { return detail::logged(*this, linear(x, weight, bias)); }

std::string Linear::extra_repr() const {
  return fmt::format("in_features={}, out_features={}, bias={}", weight.size(1), weight.size(0),
                     repr(bias.defined()));
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

}  // namespace rw::nn
