#pragma once

#include <optional>
#include <vector>

#include <rewind/tensor/factories.h>
#include <rewind/tensor/tensor.h>

// Diagonals of matrices, and what is built along them. Tensor::diagonal is the view. Any dtype
// unless said otherwise; differentiable to any order.

#pragma GCC visibility push(default)

namespace rw {

/// A matrix with this vector on its diagonal that lies `diagonal` above the main one, zero
/// elsewhere; of a matrix a copy of that diagonal.
Tensor diag(const Tensor& x, int64_t diagonal = 0);
/// Matrices with the last dimension of x on the diagonal `offset` above the main one, zero
/// elsewhere; their rows and columns are dimensions dim1 and dim2 of the result.
Tensor diag_embed(const Tensor& x, int64_t offset = 0, int64_t dim1 = -2, int64_t dim2 = -1);
/// A matrix with all elements of x, in row-major order, on its diagonal.
Tensor diagflat(const Tensor& x, int64_t offset = 0);
/// The sum of the diagonal of a matrix; that of integers and bool is int64.
Tensor trace(const Tensor& x);
/// The matrices (or numbers and vectors, as rows) along the diagonal of one, zero elsewhere; dtypes
/// are promoted.
Tensor block_diag(const std::vector<Tensor>& tensors);
///@{
/// Row and column numbers, int64 unless given, of the triangle of a row x col matrix that tril and
/// triu keep, in row-major order: [2, count].
Tensor tril_indices(int64_t row, int64_t col, int64_t offset = 0,
                    const TensorOptions& options = {});
Tensor triu_indices(int64_t row, int64_t col, int64_t offset = 0,
                    const TensorOptions& options = {});
///@}
/// The powers 0 … n - 1 of each element of a vector as a row, falling unless `increasing`; n is the
/// number of elements unless given.
Tensor vander(const Tensor& x, std::optional<int64_t> n = {}, bool increasing = false);

namespace detail {
/// Tensor::fill_diagonal_: all elements whose indices are equal become `value`; in a tall matrix
/// `wrap` starts the diagonal anew below its end. Tensors of more than two dimensions have to have
/// equal sizes.
void fill_diagonal_in_place(Tensor& x, Scalar value, bool wrap);
}  // namespace detail

}  // namespace rw

#pragma GCC visibility pop
