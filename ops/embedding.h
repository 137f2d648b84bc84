#pragma once

#include <optional>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// Options of embedding.
struct EmbeddingFuncOptions {
  /// A row whose gradient is zero; from the end, where negative.
  std::optional<int64_t> padding_idx = {};
  /// Rows that are looked up and longer are shortened to this length, in place.
  std::optional<double> max_norm = {};
  double norm_type = 2;             ///< which norm that is
  bool scale_grad_by_freq = false;  ///< divide a row's gradient by how often it is looked up
  /// Give the weight, which has to be a leaf then, a gradient of the rows that are looked up, in
  /// Tensor::sparse_grad, in place of a dense one; once differentiable, and not by frequency.
  bool sparse = false;
};
/// The rows of `weight`, a matrix, at int32 or int64 indices: of the shape of `input` with that of
/// a row behind. Differentiable to any order in the weight.
Tensor embedding(const Tensor& input, const Tensor& weight,
                 const EmbeddingFuncOptions& options = {});

}  // namespace rw

#pragma GCC visibility pop
