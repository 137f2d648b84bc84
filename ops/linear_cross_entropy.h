#pragma once

#include <optional>

#include <rewind/ops/loss.h>

#pragma GCC visibility push(default)

namespace rw {

/// What linear_cross_entropy takes by name.
struct LinearCrossEntropyOptions {
  Tensor linear_bias = {};                   ///< [C] or [C, d1, …, dK]
  Tensor weight = {};                        ///< by class; undefined for equal weights
  Reduction reduction = Reduction::mean;     ///< as for cross_entropy
  std::optional<int64_t> ignore_index = {};  ///< -100 unless given; not for probabilities
  double label_smoothing = 0;                ///< as for cross_entropy
};
/// cross_entropy of linear(x, linear_weight, linear_bias): x is [N, in] or [in], and linear_weight
/// [C, in], or [C, d1, …, dK, in] for logits [N, C, d1, …, dK].
Tensor linear_cross_entropy(const Tensor& x, const Tensor& linear_weight, const Tensor& target,
                            const LinearCrossEntropyOptions& options = {});

}  // namespace rw

#pragma GCC visibility pop
