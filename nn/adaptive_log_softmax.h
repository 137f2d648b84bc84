#pragma once

#include <vector>

#include <rewind/nn/containers.h>
#include <rewind/nn/layers.h>

#pragma GCC visibility push(default)

namespace rw::nn {

/// What AdaptiveLogSoftmaxWithLoss takes by name.
struct AdaptiveLogSoftmaxOptions {
  double div_value = 4;    ///< by which the width shrinks from cluster to cluster
  bool head_bias = false;  ///< add one in the head
};

/// What a call of AdaptiveLogSoftmaxWithLoss gives.
struct AdaptiveLogSoftmaxResult {
  Tensor output;  ///< log-probability of each target
  Tensor loss;    ///< minus their mean
};

/// A softmax over many classes, sorted by how frequent they are: frequent ones have a score each in
/// the head, others one for their cluster there and one of their own in its tail, which is narrower
/// (Grave et al., "Efficient softmax approximation for GPUs", 2017).
class AdaptiveLogSoftmaxWithLoss : public ModuleOf<AdaptiveLogSoftmaxWithLoss> {
 public:
  /// Of vectors of `in_features` numbers; cluster i begins at class `cutoffs[i]`, which grow from 1
  /// to n_classes - 1 at most.
  AdaptiveLogSoftmaxWithLoss(int64_t in_features, int64_t n_classes, std::vector<int64_t> cutoffs,
                             const AdaptiveLogSoftmaxOptions& options = {});
  /// x is [N, in_features] and targets are [N], or both without N.
  AdaptiveLogSoftmaxResult forward(const Tensor& x, const Tensor& target);
  /// Log-probabilities of all classes: [N, n_classes] of [N, in_features].
  Tensor log_prob(const Tensor& x);
  /// The most probable class: [N] of [N, in_features].
  Tensor predict(const Tensor& x);

  Linear head;                  ///< scores of the frequent classes and of clusters
  ModuleList<Sequential> tail;  ///< scores within each cluster, in two steps

 private:
  Tensor full_log_prob(const Tensor& x, const Tensor& scores);

  int64_t in_features_;
  std::vector<int64_t> cutoffs_;  // and the number of classes
};

}  // namespace rw::nn

#pragma GCC visibility pop
