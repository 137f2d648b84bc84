#pragma once

#include <functional>

#include <rewind/ops/loss.h>

// Losses that hold scores or distances apart by a margin. Inputs are floating; `none` keeps an
// element per sample.

#pragma GCC visibility push(default)

namespace rw {

/// What margin_ranking_loss and cosine_embedding_loss take by name.
struct MarginLossOptions {
  double margin = 0;                      ///< what has to lie between
  Reduction reduction = Reduction::mean;  ///< of the losses
};
/// max(margin - target (x1 - x2), 0): the target is 1 where x1 should be the greater one, -1 where
/// x2 should. All three have one rank and broadcast; integers give the default dtype.
Tensor margin_ranking_loss(const Tensor& x1, const Tensor& x2, const Tensor& target,
                           const MarginLossOptions& options = {});
/// 1 - cos where the target is 1, max(cos - margin, 0) where it is -1, 0 for others, cos being that
/// of the angle between the vectors x1 and x2: [N, D] with targets [N], or [D] with [].
Tensor cosine_embedding_loss(const Tensor& x1, const Tensor& x2, const Tensor& target,
                             const MarginLossOptions& options = {});

/// What multi_margin_loss takes by name.
struct MultiMarginLossOptions {
  int64_t p = 1;                          ///< power of what is missing; 1 or 2
  double margin = 1;                      ///< between the target's score and others
  Tensor weight = {};                     ///< by class; undefined for equal weights
  Reduction reduction = Reduction::mean;  ///< a mean is divided by the number of samples
};
/// The mean over all classes i other than the target y, counting y, of
/// weight[y] max(margin - x[y] + x[i], 0)^p. x is [N, C] or [C]; targets are [N] or [], of any
/// integer dtype, in [0, C): IndexError for others.
Tensor multi_margin_loss(const Tensor& x, const Tensor& target,
                         const MultiMarginLossOptions& options = {});

/// The sum of max(1 - x[y] + x[i], 0) over all targets y and classes i that are none, divided by
/// the number of classes. x and target are [N, C] or [C]; the targets, of any integer dtype, end at
/// the first -1.
Tensor multilabel_margin_loss(const Tensor& x, const Tensor& target,
                              Reduction reduction = Reduction::mean);

/// What multilabel_soft_margin_loss takes by name.
struct MultilabelSoftMarginLossOptions {
  Tensor weight = {};                     ///< by class, or element
  Reduction reduction = Reduction::mean;  ///< a mean is divided by the number of samples
};
/// The binary cross entropy of sigmoid(x) and target, averaged over the last dimension. x is
/// [..., C]; the target broadcasts, and may be of integers.
Tensor multilabel_soft_margin_loss(const Tensor& x, const Tensor& target,
                                   const MultilabelSoftMarginLossOptions& options = {});

/// What triplet_margin_loss takes by name.
struct TripletMarginLossOptions {
  double margin = 1;                      ///< between both distances; positive
  double p = 2;                           ///< power of the norm
  double eps = 1e-6;                      ///< added to each difference
  bool swap = false;                      ///< take the nearer of anchor and positive to negative
  Reduction reduction = Reduction::mean;  ///< of the losses
};
/// max(d(anchor, positive) - d(anchor, negative) + margin, 0), d being pairwise_distance (Balntas
/// et al., "Learning local feature descriptors with triplets and shallow convolutional neural
/// networks", 2016). All three are [N, D] or [D], and broadcast.
Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           const TripletMarginLossOptions& options = {});

/// What triplet_margin_with_distance_loss takes by name.
struct TripletMarginWithDistanceLossOptions {
  /// d(x1, x2); pairwise_distance unless given.
  std::function<Tensor(const Tensor&, const Tensor&)> distance_function = {};
  double margin = 1;                      ///< between both distances; positive
  bool swap = false;                      ///< take the nearer of anchor and positive to negative
  Reduction reduction = Reduction::mean;  ///< of the losses
};
/// The same with any distance.
Tensor triplet_margin_with_distance_loss(const Tensor& anchor, const Tensor& positive,
                                         const Tensor& negative,
                                         const TripletMarginWithDistanceLossOptions& options = {});

}  // namespace rw

#pragma GCC visibility pop
