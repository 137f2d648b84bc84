#include <rewind/nn/normalization_layers.h>

#include <algorithm>

#include <rewind/autograd/grad_mode.h>
#include <rewind/nn/call_log.h>
#include <rewind/nn/repr.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::nn {

namespace {

void check_defined(const char* layer, const Tensor& x) {
  check(x.defined(), "{}: the input is undefined", layer);
}

// As PyTorch prints it, but for a bias that is there: as before that was an option.
const char* without_bias(bool affine, bool bias) { return affine && !bias ? ", bias=False" : ""; }

Tensor ones_if(bool wanted, const Shape& shape) { return wanted ? ones(shape) : Tensor(); }
Tensor zeros_if(bool wanted, const Shape& shape, DType dtype = get_default_dtype()) {
  return wanted ? zeros(shape, dtype) : Tensor();
}

}  // namespace

BatchNorm::BatchNorm(int64_t n, const BatchNormOptions& o)
    : weight(parameter("weight", ones_if(o.affine, n))),
      bias(parameter("bias", zeros_if(o.affine && o.bias, n))),
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
  if (is_training() && over_ranks_) return over_ranks_(*this, x);
  const bool by_batch = is_training() || !running_mean.defined();
  if (is_training() && num_batches_tracked.defined() && !rw::detail::is_recomputing) {
    const no_grad guard;
    num_batches_tracked.add_(1);
  }
  const bool update = is_training() && running_mean.defined();
  const bool given = !by_batch || update;
  const rw::BatchNormOptions options = {
      .training = by_batch, .momentum = share_of_batch(), .eps = options_.eps};
  return detail::logged(*this, batch_norm(x, weight, bias, given ? running_mean : Tensor(),
                                          given ? running_var : Tensor(), options));
}

void BatchNorm::reset_running_stats() {
  if (!running_mean.defined()) return;
  const no_grad guard;
  running_mean.zero_();
  running_var.fill_(1);
  num_batches_tracked.zero_();
}

double BatchNorm::share_of_batch() const {
  if (options_.momentum) return *options_.momentum;
  return num_batches_tracked.defined() ? 1 / std::max(num_batches_tracked.item<double>(), 1.0) : 0;
}

std::string BatchNorm::extra_repr() const {
  if (folded_) return fmt::format("{}, folded", num_features_);
  return fmt::format("{}, eps={}, momentum={}, affine={}{}, track_running_stats={}", num_features_,
                     repr(options_.eps), repr(options_.momentum), repr(options_.affine),
                     without_bias(options_.affine, options_.bias),
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

void BatchNorm3d::check_input(const Tensor& x) const {
  check_defined("BatchNorm3d", x);
  check<ShapeError>(x.dim() == 5 && x.size(1) == num_features_,
                    "BatchNorm3d: expected an input [N, {}, D, H, W], got shape {}", num_features_,
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
  return fmt::format("{}, eps={}, elementwise_affine={}{}", repr(normalized_shape_),
                     repr(options_.eps), repr(options_.elementwise_affine),
                     without_bias(options_.elementwise_affine, options_.bias));
}

RMSNorm::RMSNorm(const Shape& normalized_shape, const RMSNormOptions& o)
    : weight(parameter("weight", ones_if(o.elementwise_affine, normalized_shape))),
      normalized_shape_(normalized_shape),
      options_(o) {}

Tensor RMSNorm::forward(const Tensor& x) {
  return rms_norm(x, normalized_shape_, weight, options_.eps);
}

std::string RMSNorm::extra_repr() const {
  return fmt::format("{}, eps={}, elementwise_affine={}", repr(normalized_shape_),
                     repr(options_.eps), repr(options_.elementwise_affine));
}

GroupNorm::GroupNorm(int64_t num_groups, int64_t num_channels, const GroupNormOptions& o)
    : weight(parameter("weight", ones_if(o.affine, num_channels))),
      bias(parameter("bias", zeros_if(o.affine && o.bias, num_channels))),
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
  return fmt::format("{}, {}, eps={}, affine={}{}", num_groups_, num_channels_, repr(options_.eps),
                     repr(options_.affine), without_bias(options_.affine, options_.bias));
}

InstanceNorm::InstanceNorm(int64_t n, const InstanceNormOptions& o)
    : weight(parameter("weight", ones_if(o.affine, n))),
      bias(parameter("bias", zeros_if(o.affine && o.bias, n))),
      running_mean(buffer("running_mean", zeros_if(o.track_running_stats, n))),
      running_var(buffer("running_var", ones_if(o.track_running_stats, n))),
      num_batches_tracked(
          buffer("num_batches_tracked", zeros_if(o.track_running_stats, {}, int64))),
      num_features_(n),
      options_(o) {}

Tensor InstanceNorm::forward(const Tensor& x) {
  const auto [layer, axes, rank] = input();
  check_defined(layer, x);
  check<ShapeError>((x.dim() == rank || x.dim() == rank - 1) && x.size(1 - rank) == num_features_,
                    "{}: expected an input [N, {}, {}] or [{}, {}], got shape {}", layer,
                    num_features_, axes, num_features_, axes, x.shape());
  const auto run = [&](const Tensor& batch) {
    return instance_norm(batch, weight, bias, running_mean, running_var,
                         {.use_input_stats = is_training() || !running_mean.defined(),
                          .momentum = options_.momentum.value_or(0),
                          .eps = options_.eps});
  };
  return x.dim() == rank ? run(x) : run(x.unsqueeze(0)).squeeze(0);
}

std::string InstanceNorm::extra_repr() const {
  return fmt::format("{}, eps={}, momentum={}, affine={}{}, track_running_stats={}", num_features_,
                     repr(options_.eps), repr(options_.momentum), repr(options_.affine),
                     without_bias(options_.affine, options_.bias),
                     repr(options_.track_running_stats));
}

std::string LocalResponseNorm::extra_repr() const {
  return fmt::format("{}, alpha={}, beta={}, k={}", size_, repr(alpha_), repr(beta_), repr(k_));
}

}  // namespace rw::nn
