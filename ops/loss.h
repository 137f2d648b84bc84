#pragma once

#include <rewind/tensor/tensor.h>

// Losses. `mean` averages over what counts (weighed and not ignored targets), `none` keeps an
// element per target.

#pragma GCC visibility push(default)

namespace rw {

/// What becomes of the losses of all targets. `{}` is `mean`.
enum class Reduction : uint8_t {
  mean,      ///< their mean, over what counts
  sum,       ///< their sum
  none,      ///< they are the result
  batchmean  ///< their sum, divided by the size of the first dimension: of kl_div alone
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

// --- Element by element ------------------------------------------------------------------------
//
// Of floating numbers. `none` gives a loss for each element. Where an element has a weight, the
// weights broadcast to the losses, unless it is said that they have the shape of x.

/// What mse_loss and l1_loss take by name.
struct RegressionLossOptions {
  Tensor weight = {};                     ///< by element, of the shape of x
  Reduction reduction = Reduction::mean;  ///< a mean is divided by the sum of the weights
};
///@{
/// (x - target)^2; shapes must agree.
Tensor mse_loss(const Tensor& x, const Tensor& target, Reduction reduction = Reduction::mean);
Tensor mse_loss(const Tensor& x, const Tensor& target, const RegressionLossOptions& options);
///@}
///@{
/// |x - target|; shapes must agree.
Tensor l1_loss(const Tensor& x, const Tensor& target, Reduction reduction = Reduction::mean);
Tensor l1_loss(const Tensor& x, const Tensor& target, const RegressionLossOptions& options);
///@}

/// What smooth_l1_loss takes by name.
struct SmoothL1LossOptions {
  double beta = 1;                        ///< where the square ends; not negative
  Reduction reduction = Reduction::mean;  ///< of the losses
};
/// (x - target)^2 / (2 beta) where |x - target| < beta, |x - target| - beta / 2 elsewhere
/// (Girshick, "Fast R-CNN", 2015); shapes must agree. l1_loss where beta is 0.
Tensor smooth_l1_loss(const Tensor& x, const Tensor& target,
                      const SmoothL1LossOptions& options = {});

/// What huber_loss takes by name.
struct HuberLossOptions {
  double delta = 1;                       ///< where the square ends; positive
  Tensor weight = {};                     ///< by element, of the shape of x
  Reduction reduction = Reduction::mean;  ///< a mean is divided by the number of elements
};
/// (x - target)^2 / 2 where |x - target| <= delta, delta (|x - target| - delta / 2) elsewhere
/// (Huber, "Robust estimation of a location parameter", 1964); shapes must agree.
Tensor huber_loss(const Tensor& x, const Tensor& target, const HuberLossOptions& options = {});

/// What binary_cross_entropy takes by name.
struct BinaryCrossEntropyOptions {
  Tensor weight = {};                     ///< by element
  Reduction reduction = Reduction::mean;  ///< a mean is divided by the number of elements
};
///@{
/// -target log(x) - (1 - target) log(1 - x), logarithms being -100 at least; shapes must agree.
/// Throws where x is not in [0, 1].
Tensor binary_cross_entropy(const Tensor& x, const Tensor& target,
                            Reduction reduction = Reduction::mean);
Tensor binary_cross_entropy(const Tensor& x, const Tensor& target,
                            const BinaryCrossEntropyOptions& options);
///@}

/// What binary_cross_entropy_with_logits takes by name.
struct BinaryCrossEntropyWithLogitsOptions {
  Tensor weight = {};                     ///< by element
  Tensor pos_weight = {};                 ///< factor of `target` in the loss, by element
  Reduction reduction = Reduction::mean;  ///< a mean is divided by the number of elements
};
///@{
/// Binary cross entropy of sigmoid(x), computed without overflow; shapes must agree.
Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& target,
                                        Reduction reduction = Reduction::mean);
Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& target,
                                        const BinaryCrossEntropyWithLogitsOptions& options);
///@}

/// What kl_div takes by name.
struct KlDivOptions {
  bool log_target = false;                ///< the target is given as logarithms as well
  Reduction reduction = Reduction::mean;  ///< batchmean gives the divergence of distributions
};
/// target (log(target) - x), the divergence of Kullback and Leibler ("On information and
/// sufficiency", 1951) by element, of log-probabilities x; 0 where the target is. Both broadcast.
Tensor kl_div(const Tensor& x, const Tensor& target, const KlDivOptions& options = {});

/// What poisson_nll_loss takes by name.
struct PoissonNllLossOptions {
  bool log_input = true;                  ///< x is the logarithm of the rate
  bool full = false;                      ///< add Stirling's approximation of log(target!)
  double eps = 1e-8;                      ///< added to a rate before its logarithm is taken
  Reduction reduction = Reduction::mean;  ///< of the losses
};
/// exp(x) - target x, or x - target log(x + eps): the negative log-likelihood of counts that are
/// Poisson-distributed. Both broadcast; the counts may be integers.
Tensor poisson_nll_loss(const Tensor& x, const Tensor& target,
                        const PoissonNllLossOptions& options = {});

/// What gaussian_nll_loss takes by name.
struct GaussianNllLossOptions {
  bool full = false;                      ///< add log(2 pi) / 2
  double eps = 1e-6;                      ///< variances are no less; any number, as in PyTorch
  Reduction reduction = Reduction::mean;  ///< of the losses
};
///@{
/// (log(var) + (x - target)^2 / var) / 2: the negative log-likelihood of normally distributed
/// numbers (Nix and Weigend, "Estimating the mean and variance of the target probability
/// distribution", 1994). var has the shape of x, lacks its last dimension, or has size 1 in one
/// dimension, or is one number; negative ones throw. The gradient passes through the limit eps.
Tensor gaussian_nll_loss(const Tensor& x, const Tensor& target, const Tensor& var,
                         const GaussianNllLossOptions& options = {});
Tensor gaussian_nll_loss(const Tensor& x, const Tensor& target, double var,
                         const GaussianNllLossOptions& options = {});
///@}

/// log(1 + exp(-target x)) for targets of 1 and -1, computed without overflow. Both broadcast;
/// targets may be integers.
Tensor soft_margin_loss(const Tensor& x, const Tensor& target,
                        Reduction reduction = Reduction::mean);

/// What hinge_embedding_loss takes by name.
struct HingeEmbeddingLossOptions {
  double margin = 1;                      ///< distance that costs nothing
  Reduction reduction = Reduction::mean;  ///< of the losses
};
/// x where the target is 1, max(margin - x, 0) where it is -1, and the sum of both for others. Both
/// broadcast; targets may be integers.
Tensor hinge_embedding_loss(const Tensor& x, const Tensor& target,
                            const HingeEmbeddingLossOptions& options = {});

}  // namespace rw

#pragma GCC visibility pop
