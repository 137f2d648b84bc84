#pragma once

#include <rewind/tensor/dtype.h>
#include <rewind/tensor/shape.h>

namespace rw::onednn {

/// The sizes of c [batch…, m, n] = a [batch…, m, k] b [batch…, k, n]. None is zero.
struct MatmulSizes {
  Shape batch;  ///< empty for a single product
  int64_t m, n, k;
};

/// A matrix, or a batch of them, in memory: element strides of the batch's dimensions, the rows and
/// the columns. A stride of 0 in the batch repeats the matrix (in a and b). `takes_matrix` says
/// which strides of rows and columns will do.
struct Matrices {
  void* data;
  Strides strides;
};

struct MatmulOptions {
  const void* bias = nullptr;  ///< n adjacent values, added to every row
  bool accumulate = false;     ///< add to what is in c
};

/// Whether a matrix may be handed over as it lies: rows or columns adjacent, and no overlap.
/// Transposed matrices are. Others have to be copied first.
bool takes_matrix(int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride);

/// Whether there is a primitive for batches of these strides: it repeats the matrices of one side
/// only.
bool takes_batch(const Shape& batch, const Strides& a, const Strides& b);

/// c = a b + bias, or added to c. All are of `dtype`, which is float32 or bfloat16 (see supports).
void matmul(DType dtype, const MatmulSizes& sizes, const Matrices& a, const Matrices& b,
            const Matrices& c, const MatmulOptions& options = {});

}  // namespace rw::onednn
