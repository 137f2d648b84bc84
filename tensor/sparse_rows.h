#pragma once

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// A gradient of which only some rows differ from zero, as an embedding has it with sparse = true:
/// row indices[i] of a tensor of `rows` rows has values[i], and where it is named several times
/// their sum. See Tensor::sparse_grad.
struct SparseRows {
  Tensor indices;             ///< int64 [n], in [0, rows)
  Tensor values;              ///< [n, …], the rest as of the tensor
  int64_t rows = 0;           ///< how many there are, those of zeros included
  bool is_coalesced = false;  ///< whether the indices are ascending, each once

  /// Whether there is a gradient; of no rows, perhaps.
  bool defined() const { return values.defined(); }
  /// Of the tensor: [rows, …].
  Shape shape() const;
  /// The same with each row once, in ascending order; itself where it is so.
  SparseRows coalesce() const;
  /// The tensor with all of its rows.
  Tensor to_dense() const;
};

}  // namespace rw

#pragma GCC visibility pop
