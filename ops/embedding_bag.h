#pragma once

#include <optional>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// What a bag's rows become.
enum class BagMode : uint8_t {
  sum,   ///< their sum
  mean,  ///< their mean
  max    ///< the greatest number of each column
};

/// Options of embedding_bag.
struct EmbeddingBagFuncOptions {
  /// Rows that are looked up and longer are shortened to this length, in place.
  std::optional<double> max_norm = {};
  double norm_type = 2;  ///< which norm that is
  /// Divide a row's gradient by how often it is looked up; not with BagMode::max.
  bool scale_grad_by_freq = false;
  BagMode mode = BagMode::mean;  ///< how rows are joined
  /// Give the weight, which has to be a leaf then, a gradient of rows, in Tensor::sparse_grad; once
  /// differentiable, and not by frequency, nor with BagMode::max.
  bool sparse = false;
  bool include_last_offset = false;  ///< whether the offsets end with the number of indices
  /// A row that bags leave out; from the end, where negative.
  std::optional<int64_t> padding_idx = {};
};

/// The rows of `weight`, a matrix, at int32 or int64 indices, joined by bags: [bags, columns], and
/// zeros for an empty bag. Bags are the rows of `input`, or begin at `offsets` in a vector of
/// indices: a vector of the same dtype, from 0 on, not descending. With per_sample_weights, of the
/// input's shape and the weight's dtype, each row is multiplied by its own number first; for
/// BagMode::sum alone. Differentiable to any order in the weight and in per_sample_weights. Cost
/// and memory are those of the rows that are looked up, and no tensor of all of them is made.
Tensor embedding_bag(const Tensor& input, const Tensor& weight, const Tensor& offsets = {},
                     const EmbeddingBagFuncOptions& options = {},
                     const Tensor& per_sample_weights = {});

}  // namespace rw

#pragma GCC visibility pop
