#pragma once

#include <rewind/tensor/tensor.h>

// Selecting and scattering by indices, of any integer dtype, and bool masks. Indices are checked:
// one out of range throws IndexError that says which. Differentiable to any order in the values.

#pragma GCC visibility push(default)

namespace rw {

/// out[i][j] = x[index[i][j]][j] for dim 0, and so on: `index` has the rank of x and is no larger
/// than x but along `dim`. Negative indices are refused, as in PyTorch.
Tensor gather(const Tensor& x, int64_t dim, const Tensor& index);
/// gather's counterpart: a copy of x with src added at the positions that `index` names.
Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);
/// Slices of x along `dim` in the order of a vector of indices.
Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index);
/// index_select's counterpart: a copy of x with the slices of src, times alpha, added at `index`.
Tensor index_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src,
                 Scalar alpha = 1);
/// x with `value` where the mask is true; the two broadcast.
Tensor masked_fill(const Tensor& x, const Tensor& mask, Scalar value);
/// The elements of x where the mask is true, as a vector in row-major order.
Tensor masked_select(const Tensor& x, const Tensor& mask);
/// Positions of the elements that differ from zero: [count, rank], int64.
Tensor nonzero(const Tensor& x);
/// A row of `classes` values per index, one at the index and zero elsewhere; int64. With -1 there
/// is one class more than the greatest index.
Tensor one_hot(const Tensor& index, int64_t classes = -1);
///@{
/// The lower triangle of the last two dims, up to the diagonal that lies `diagonal` above the main
/// one (below it, where negative), or the upper triangle from that diagonal on; the rest is zero.
Tensor tril(const Tensor& x, int64_t diagonal = 0);
Tensor triu(const Tensor& x, int64_t diagonal = 0);
///@}

}  // namespace rw

#pragma GCC visibility pop
