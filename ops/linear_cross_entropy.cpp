#include <rewind/ops/linear_cross_entropy.h>

#include <rewind/ops/argument_checks.h>
#include <rewind/ops/matmul.h>
#include <rewind/tensor/profile_scope.h>

namespace rw {

Tensor linear_cross_entropy(const Tensor& x, const Tensor& linear_weight, const Tensor& target,
                            const LinearCrossEntropyOptions& options) {
  const char* const op = "linear_cross_entropy";
  const profile_scope scope(op);
  detail::check_defined(op, x, linear_weight, "linear_weight");
  detail::check_defined(op, x, target, "target");
  check<ShapeError>(x.dim() == 1 || x.dim() == 2, "{}: expected an input [N, in] or [in], got {}",
                    op, x.shape());
  check<ShapeError>(linear_weight.dim() >= 2 && linear_weight.size(-1) == x.size(-1),
                    "{}: expected a linear_weight [C, ..., {}] for an input {}, got {}", op,
                    x.size(-1), x.shape(), linear_weight.shape());
  Shape outputs = linear_weight.shape();
  outputs.erase(outputs.rank() - 1);
  check<ShapeError>(outputs.rank() == 1 || x.dim() == 2,
                    "{}: a linear_weight {} takes inputs [N, {}], got {}", op,
                    linear_weight.shape(), x.size(-1), x.shape());
  const Tensor& bias = options.linear_bias;
  check<ShapeError>(!bias.defined() || bias.shape() == outputs,
                    "{}: expected a linear_bias of shape {}, got {}", op, outputs,
                    bias.defined() ? bias.shape() : Shape());
  Tensor logits = linear(x, linear_weight.flatten(0, -2), bias.defined() ? bias.flatten() : bias);
  if (outputs.rank() > 1) logits = logits.unflatten(-1, outputs);
  check<ShapeError>(!options.ignore_index || target.shape() != logits.shape(),
                    "{}: probabilities take no ignore_index", op);
  return cross_entropy(logits, target,
                       {.weight = options.weight,
                        .ignore_index = options.ignore_index.value_or(-100),
                        .reduction = options.reduction,
                        .label_smoothing = options.label_smoothing});
}

}  // namespace rw
