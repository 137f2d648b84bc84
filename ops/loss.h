#pragma once

#include <rewind/tensor/tensor.h>

// Losses. `mean` averages over what counts (weighed and not ignored targets), `none` keeps an
// element per target.

#pragma GCC visibility push(default)

namespace rw {

/// What becomes of the losses of all targets. `{}` is `mean`.
enum class Reduction : uint8_t {
  mean,  ///< their mean, over what counts
  sum,   ///< their sum
  none   ///< they are the result
};

/// What nll_loss takes by name.
struct NllLossOptions {
  Tensor weight = {};                     ///< by class; undefined for equal weights
  int64_t ignore_index = -100;            ///< targets of this class do not count
  Reduction reduction = Reduction::mean;  ///< a mean is divided by the sum of the targets' weights
};
/// -weight[y] * log_probs[y]. log_probs is [N, C], [C] or [N, C, d1, …], floating; targets
/// are [N], [] or [N, d1, …], of any integer dtype, in [0, C): IndexError for others.
Tensor nll_loss(const Tensor& log_probs, const Tensor& target, const NllLossOptions& options = {});

/// What cross_entropy takes by name.
struct CrossEntropyOptions {
  Tensor weight = {};                     ///< by class; undefined for equal weights
  int64_t ignore_index = -100;            ///< targets of this class do not count
  Reduction reduction = Reduction::mean;  ///< as for nll_loss; of probabilities, by target
  double label_smoothing = 0;  ///< this share of the target spread evenly over all classes
};
/// log_softmax over the classes followed by nll_loss. logits and target are as for nll_loss; a
/// floating target of the logits' shape is taken as probabilities per class.
Tensor cross_entropy(const Tensor& logits, const Tensor& target,
                     const CrossEntropyOptions& options = {});

/// (x - target)^2; shapes must agree.
Tensor mse_loss(const Tensor& x, const Tensor& target, Reduction reduction = Reduction::mean);
/// |x - target|
Tensor l1_loss(const Tensor& x, const Tensor& target, Reduction reduction = Reduction::mean);
/// Binary cross entropy of sigmoid(x), computed without overflow.
Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& target,
                                        Reduction reduction = Reduction::mean);

}  // namespace rw

#pragma GCC visibility pop
