#pragma once

#include <rewind/nn/module.h>
#include <rewind/ops/ctc_loss.h>
#include <rewind/ops/ranking_loss.h>

// Losses of scores, distances and sequences as modules.

#pragma GCC visibility push(default)

namespace rw::nn {

/// rw::soft_margin_loss of scores and targets.
class SoftMarginLoss : public ModuleOf<SoftMarginLoss> {
 public:
  /// With the mean of all losses, unless given.
  explicit SoftMarginLoss(Reduction reduction = Reduction::mean) : reduction_(reduction) {}
  /// The loss.
  Tensor forward(const Tensor& x, const Tensor& target) const {
    return soft_margin_loss(x, target, reduction_);
  }

 private:
  Reduction reduction_;
};

/// rw::hinge_embedding_loss of distances and targets.
class HingeEmbeddingLoss : public ModuleOf<HingeEmbeddingLoss> {
 public:
  /// With options as rw::hinge_embedding_loss takes them.
  explicit HingeEmbeddingLoss(HingeEmbeddingLossOptions options = {})
      : options_(std::move(options)) {}
  /// The loss.
  Tensor forward(const Tensor& x, const Tensor& target) const {
    return hinge_embedding_loss(x, target, options_);
  }

 private:
  HingeEmbeddingLossOptions options_;
};

/// rw::margin_ranking_loss of two scores and targets.
class MarginRankingLoss : public ModuleOf<MarginRankingLoss> {
 public:
  /// With options as rw::margin_ranking_loss takes them.
  explicit MarginRankingLoss(MarginLossOptions options = {}) : options_(std::move(options)) {}
  /// The loss.
  Tensor forward(const Tensor& x1, const Tensor& x2, const Tensor& target) const {
    return margin_ranking_loss(x1, x2, target, options_);
  }

 private:
  MarginLossOptions options_;
};

/// rw::cosine_embedding_loss of two vectors and targets.
class CosineEmbeddingLoss : public ModuleOf<CosineEmbeddingLoss> {
 public:
  /// With options as rw::cosine_embedding_loss takes them.
  explicit CosineEmbeddingLoss(MarginLossOptions options = {}) : options_(std::move(options)) {}
  /// The loss.
  Tensor forward(const Tensor& x1, const Tensor& x2, const Tensor& target) const {
    return cosine_embedding_loss(x1, x2, target, options_);
  }

 private:
  MarginLossOptions options_;
};

/// rw::multi_margin_loss of scores and targets.
class MultiMarginLoss : public ModuleOf<MultiMarginLoss> {
 public:
  /// With options as rw::multi_margin_loss takes them.
  explicit MultiMarginLoss(MultiMarginLossOptions options = {})
      : weight(buffer("weight", options.weight)), options_(std::move(options)) {}
  /// The loss.
  Tensor forward(const Tensor& x, const Tensor& target) const {
    MultiMarginLossOptions options = options_;
    options.weight = weight;
    return multi_margin_loss(x, target, options);
  }

  /// As given; undefined where it was not.
  Buffer weight;

 private:
  MultiMarginLossOptions options_;
};

/// rw::multilabel_margin_loss of scores and targets.
class MultiLabelMarginLoss : public ModuleOf<MultiLabelMarginLoss> {
 public:
  /// With the mean of all losses, unless given.
  explicit MultiLabelMarginLoss(Reduction reduction = Reduction::mean) : reduction_(reduction) {}
  /// The loss.
  Tensor forward(const Tensor& x, const Tensor& target) const {
    return multilabel_margin_loss(x, target, reduction_);
  }

 private:
  Reduction reduction_;
};

/// rw::multilabel_soft_margin_loss of scores and targets.
class MultiLabelSoftMarginLoss : public ModuleOf<MultiLabelSoftMarginLoss> {
 public:
  /// With options as rw::multilabel_soft_margin_loss takes them.
  explicit MultiLabelSoftMarginLoss(MultilabelSoftMarginLossOptions options = {})
      : weight(buffer("weight", options.weight)), options_(std::move(options)) {}
  /// The loss.
  Tensor forward(const Tensor& x, const Tensor& target) const {
    MultilabelSoftMarginLossOptions options = options_;
    options.weight = weight;
    return multilabel_soft_margin_loss(x, target, options);
  }

  /// As given; undefined where it was not.
  Buffer weight;

 private:
  MultilabelSoftMarginLossOptions options_;
};

/// rw::triplet_margin_loss of embeddings.
class TripletMarginLoss : public ModuleOf<TripletMarginLoss> {
 public:
  /// With options as rw::triplet_margin_loss takes them.
  explicit TripletMarginLoss(TripletMarginLossOptions options = {})
      : options_(std::move(options)) {}
  /// The loss.
  Tensor forward(const Tensor& anchor, const Tensor& positive, const Tensor& negative) const {
    return triplet_margin_loss(anchor, positive, negative, options_);
  }

 private:
  TripletMarginLossOptions options_;
};

/// rw::triplet_margin_with_distance_loss of embeddings.
class TripletMarginWithDistanceLoss : public ModuleOf<TripletMarginWithDistanceLoss> {
 public:
  /// With options as rw::triplet_margin_with_distance_loss takes them.
  explicit TripletMarginWithDistanceLoss(TripletMarginWithDistanceLossOptions options = {})
      : options_(std::move(options)) {}
  /// The loss.
  Tensor forward(const Tensor& anchor, const Tensor& positive, const Tensor& negative) const {
    return triplet_margin_with_distance_loss(anchor, positive, negative, options_);
  }

 private:
  TripletMarginWithDistanceLossOptions options_;
};

/// rw::ctc_loss of log-probabilities and labels.
class CTCLoss : public ModuleOf<CTCLoss> {
 public:
  /// With options as rw::ctc_loss takes them.
  explicit CTCLoss(CtcLossOptions options = {}) : options_(std::move(options)) {}
  /// The loss.
  Tensor forward(const Tensor& log_probs, const Tensor& targets, const Tensor& input_lengths,
                 const Tensor& target_lengths) const {
    return ctc_loss(log_probs, targets, input_lengths, target_lengths, options_);
  }

 private:
  CtcLossOptions options_;
};

}  // namespace rw::nn

#pragma GCC visibility pop
