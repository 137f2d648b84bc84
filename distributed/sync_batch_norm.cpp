#include <rewind/distributed/sync_batch_norm.h>

#include <algorithm>

#include <rewind/autograd/grad_mode.h>
#include <rewind/autograd/record.h>
#include <rewind/distributed/collectives.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::distributed {
namespace {

// y = the sum of x over all ranks.   dx = the sum of dy, for the loss is the sum of those of all
Tensor sum_over(const Group& group, const Tensor& x) {
  const auto forward = [&] {
    const no_grad guard;
    Tensor y = x.clone();
    all_reduce(y, {.group = group});
    return y;
  };
  return record("all_reduce", forward(), {x},
                [group](const Tensor& g, Needs) -> Grads { return sum_over(group, g); });
}

}  // namespace

void SyncBatchNorm::check_input(const Tensor& x) const {
  check(x.defined(), "SyncBatchNorm: the input is undefined");
  check<ShapeError>(x.dim() >= 2 && x.size(1) == num_features_,
                    "SyncBatchNorm: expected an input [N, {}, ...], got shape {}", num_features_,
                    x.shape());
}

Tensor SyncBatchNorm::forward(const Tensor& x) {
  check_input(x);
  if (!is_training() || group_.size() == 1) return BatchNorm::forward(x);
  return over_ranks(group_, *this, x);
}

void SyncBatchNorm::convert_sync_batchnorm(nn::Module& module, const Group& process_group) {
  if (process_group.size() == 1) return;
  for (nn::Module* m : module.modules())
    if (auto* layer = dynamic_cast<nn::BatchNorm*>(m))
      layer->over_ranks_ = [process_group](nn::BatchNorm& self, const Tensor& x) {
        return over_ranks(process_group, self, x);
      };
}

// The mean first and then the mean of the squared differences: two exchanges of C numbers, and no
// digits lost to large means.
Tensor SyncBatchNorm::over_ranks(const Group& group, nn::BatchNorm& layer, const Tensor& x) {
  const DType dtype = compute_dtype(x.dtype());
  const int64_t features = layer.num_features();
  Dims axes;
  for (int d = 0; d < x.dim(); ++d)
    if (d != 1) axes.push_back(d);
  Shape channels = Shape::filled(x.dim(), 1);
  channels[1] = features;

  const Tensor in = x.to(dtype);
  const Tensor own_count = full({1}, x.numel() / features, dtype);
  const Tensor sums = sum_over(group, cat({in.sum(axes), own_count}));
  const double count = sums[features].item<double>();
  check(count > 1, "SyncBatchNorm: expected more than 1 value per channel in training, got {}",
        count);
  const Tensor mean = sums.narrow(0, 0, features) / count;
  const Tensor centered = in - mean.view(channels);
  const Tensor var = sum_over(group, centered.square().sum(axes)) / count;
  update_running(layer, mean.detach(), var.detach(), count);
  Tensor scale = (var + layer.options_.eps).rsqrt();
  if (layer.weight.defined()) scale = scale * layer.weight.to(dtype);
  Tensor y = centered * scale.view(channels);
  if (layer.bias.defined()) y = y + layer.bias.to(dtype).view(channels);
  return y.to(x.dtype());
}

void SyncBatchNorm::update_running(nn::BatchNorm& layer, const Tensor& mean, const Tensor& var,
                                   double count) {
  if (!layer.running_mean.defined() || rw::detail::is_recomputing) return;
  const no_grad guard;
  layer.num_batches_tracked.add_(1);
  const double share = layer.momentum().value_or(1 / layer.num_batches_tracked.item<double>());
  layer.running_mean.lerp_(mean.to(layer.running_mean.dtype()), share);
  layer.running_var.lerp_((var * (count / (count - 1))).to(layer.running_var.dtype()), share);
}

}  // namespace rw::distributed
