#pragma once

#include <rewind/nn/module.h>
#include <rewind/ops/distance.h>

// Distances as modules.

#pragma GCC visibility push(default)

namespace rw::nn {

/// rw::cosine_similarity of two tensors.
class CosineSimilarity : public ModuleOf<CosineSimilarity> {
 public:
  /// With options as rw::cosine_similarity takes them.
  explicit CosineSimilarity(CosineSimilarityOptions options = {}) : options_(std::move(options)) {}
  /// One for each pair of vectors.
  Tensor forward(const Tensor& x1, const Tensor& x2) const {
    return cosine_similarity(x1, x2, options_);
  }

 private:
  CosineSimilarityOptions options_;
};

/// rw::pairwise_distance of two tensors.
class PairwiseDistance : public ModuleOf<PairwiseDistance> {
 public:
  /// With options as rw::pairwise_distance takes them.
  explicit PairwiseDistance(PairwiseDistanceOptions options = {}) : options_(std::move(options)) {}
  /// One for each pair of vectors.
  Tensor forward(const Tensor& x1, const Tensor& x2) const {
    return pairwise_distance(x1, x2, options_);
  }

 private:
  PairwiseDistanceOptions options_;
};

}  // namespace rw::nn

#pragma GCC visibility pop
