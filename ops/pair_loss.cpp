#include <rewind/ops/pair_loss.h>

#include <utility>

#include <rewind/autograd/record.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduced.h>
#include <rewind/ops/reduction.h>

namespace rw::detail {

void check_reduction(const char* op, Reduction reduction) {
  check(reduction != Reduction::batchmean, "{}: the reduction batchmean is one of kl_div alone",
        op);
}

Tensor reduced(const Tensor& losses, Reduction reduction) {
  if (reduction == Reduction::none) return losses;
  return reduction == Reduction::sum ? sum(losses) : mean(losses);
}

void check_pair(const char* op, const Tensor& x, const Tensor& target, Reduction reduction) {
  check_defined(op, x, target, "target");
  check_reduction(op, reduction);
  check<ShapeError>(x.shape() == target.shape(),
                    "{}: expected a target of the input's shape {}, got {}", op, x.shape(),
                    target.shape());
  check_floating(op, x);
  check_floating(op, target, "target");
}

void check_broadcast(const char* op, const Tensor& x, const Tensor& target, Reduction reduction) {
  check_defined(op, x, target, "target");
  check_reduction(op, reduction);
  check_floating(op, x);
}

namespace {

// factor g slope(x, t) by ops.
Tensor gradient_by_ops(const PairLoss& loss, Slope slope, double factor, const Tensor& g,
                       const Tensor& x, const Tensor& t) {
  const Tensor y = slope(x, t, loss.p) * (g * factor);
  return y.expand(broadcast_shapes(x.shape(), t.shape(), loss.name));
}

// The gradient by x, in one pass where it need not be on the tape.
Tensor loss_gradient(const PairLoss& loss, double factor, const Tensor& g, const Tensor& x,
                     const Tensor& t) {
  if (is_recorded(g, x, t)) return gradient_by_ops(loss, loss.slope, factor, g, x, t);
  Tensor dx = empty_for(loss.name, x, t, x.dtype());
  kernels::loss_backward(loss.op, loss.p, factor, x.dtype(), dx.shape(), operand(g, dx.shape()),
                         operand(x, dx.shape()), operand(t, dx.shape()),
                         {dx.raw_data(), dx.strides()});
  return dx;
}

// x and t have one dtype.
Tensor recorded_losses(const PairLoss& loss, const Tensor& x, const Tensor& t,
                       Reduction reduction) {
  const profile_scope scope(loss.name);
  Tensor y = empty_for(loss.name, x, t, x.dtype());
  kernels::loss(loss.op, loss.p, x.dtype(), y.shape(), operand(x, y.shape()), operand(t, y.shape()),
                {y.raw_data(), y.strides()});
  const double divisor = reduction == Reduction::mean ? static_cast<double>(y.numel()) : 1;
  if (reduction != Reduction::none)
    y = fold(kernels::Fold::sum, y, reduced_dims(loss.name, y, {}, false), divisor);
  return record(loss.name, y, {x, t},
                [loss, divisor, x = save(x), t = save(t)](const Tensor& g, Needs needs) -> Grads {
                  const Tensor at = x.get(), target = t.get();
                  Tensor dx, dt;
                  if (needs[0] || !loss.target_slope)
                    dx = loss_gradient(loss, 1 / divisor, g, at, target);
                  if (needs[1] && loss.target_slope)
                    dt = gradient_by_ops(loss, loss.target_slope, 1 / divisor, g, at, target);
                  else if (needs[1])
                    dt = -dx;
                  return {std::move(dx), std::move(dt)};
                });
}

}  // namespace

Tensor losses_of(const PairLoss& loss, const Tensor& x, const Tensor& t, Reduction reduction) {
  const DType dtype = result_type(x, t);
  return recorded_losses(loss, x.to(dtype), t.to(dtype), reduction);
}

}  // namespace rw::detail
