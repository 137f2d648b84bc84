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
    const Tensor y = x.clone();
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

// The mean first and then the mean of the squared differences: two exchanges of C numbers, and no
// digits lost to large means.
Tensor SyncBatchNorm::forward(const Tensor& x) {
  check_input(x);
  if (!is_training() || group_.size() == 1) return BatchNorm::forward(x);
  const DType dtype = compute_dtype(x.dtype());
  Dims axes;
  for (int d = 0; d < x.dim(); ++d)
    if (d != 1) axes.push_back(d);
  Shape channels = Shape::filled(x.dim(), 1);
  channels[1] = num_features_;

  const Tensor in = x.to(dtype);
  const Tensor own_count = full({1}, x.numel() / num_features_, dtype);
  const Tensor sums = sum_over(group_, cat({in.sum(axes), own_count}));
  const double count = sums[num_features_].item<double>();
  check(count > 1, "SyncBatchNorm: expected more than 1 value per channel in training, got {}",
        count);
  const Tensor mean = sums.narrow(0, 0, num_features_) / count;
  const Tensor centered = in - mean.view(channels);
  const Tensor var = sum_over(group_, centered.square().sum(axes)) / count;
  update_running(mean.detach(), var.detach(), count);
  Tensor scale = (var + options_.eps).rsqrt();
  if (weight.defined()) scale = scale * weight.to(dtype);
  Tensor y = centered * scale.view(channels);
  if (bias.defined()) y = y + bias.to(dtype).view(channels);
  return y.to(x.dtype());
}

void SyncBatchNorm::update_running(const Tensor& mean, const Tensor& var, double count) {
  if (!running_mean.defined() || rw::detail::is_recomputing) return;
  const no_grad guard;
  num_batches_tracked.add_(1);
  const double share = momentum().value_or(1 / num_batches_tracked.item<double>());
  running_mean.lerp_(mean.to(running_mean.dtype()), share);
  running_var.lerp_((var * (count / (count - 1))).to(running_var.dtype()), share);
}

}  // namespace rw::distributed
