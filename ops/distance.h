#pragma once

#include <rewind/tensor/tensor.h>

// Distances of points and vectors of length one. Of floating tensors, but where it is said
// otherwise; inputs meet in one dtype. A norm of power p is (sum |x|^p)^(1/p), the number of
// elements other than zero for p = 0, the greatest (least) magnitude for p = infinity (-infinity).
// Differentiable to any order; the gradient of a norm is 0 where the norm is, and shared by the
// greatest elements.

#pragma GCC visibility push(default)

namespace rw {

/// What cosine_similarity takes by name.
struct CosineSimilarityOptions {
  int64_t dim = 1;    ///< along which the vectors lie
  double eps = 1e-8;  ///< lengths are no less
};
/// x1 . x2 / (|x1| |x2|) along one dimension, which goes away; the inputs broadcast.
Tensor cosine_similarity(const Tensor& x1, const Tensor& x2,
                         const CosineSimilarityOptions& options = {});

/// What pairwise_distance takes by name.
struct PairwiseDistanceOptions {
  double p = 2;          ///< power of the norm
  double eps = 1e-6;     ///< added to each difference
  bool keepdim = false;  ///< leave the last dimension with size 1
};
/// The norm of x1 - x2 + eps along the last dimension, which goes away; the inputs broadcast.
/// Integers give the default dtype.
Tensor pairwise_distance(const Tensor& x1, const Tensor& x2,
                         const PairwiseDistanceOptions& options = {});

/// Distances of all pairs of points: those of x1 [B, P, M] and x2 [B, R, M], whose leading
/// dimensions broadcast, give [B, P, R]. p is not negative. The gradient of p = infinity goes in
/// full to each of the greatest differences. Reduced types are computed in float32.
Tensor cdist(const Tensor& x1, const Tensor& x2, double p = 2);
/// Distances of each of the points x [N, M] and those after it: [N (N - 1) / 2], the upper triangle
/// of cdist(x, x, p) row by row.
Tensor pdist(const Tensor& x, double p = 2);

/// What normalize takes by name.
struct NormalizeOptions {
  double p = 2;        ///< power of the norm
  int64_t dim = 1;     ///< along which the vectors lie
  double eps = 1e-12;  ///< norms are no less
};
/// x / max(|x|, eps) for the vectors along one dimension.
Tensor normalize(const Tensor& x, const NormalizeOptions& options = {});

}  // namespace rw

#pragma GCC visibility pop
