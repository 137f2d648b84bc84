#pragma once

#include <initializer_list>
#include <optional>
#include <vector>

#include <rewind/tensor/index.h>
#include <rewind/tensor/tensor.h>

// Copies with elements replaced, or joined with others, where an index or a mask says; and what
// takes elements by index beyond indexing.h. Sources have the dtype of x. Indices, of any integer
// dtype, are checked: one out of range throws IndexError. Differentiable to any order in the
// values, but for the products of several zeros.

#pragma GCC visibility push(default)

namespace rw {

/// How several values for one place are joined.
enum class Reduce : uint8_t {
  sum,   ///< added up
  prod,  ///< multiplied
  mean,  ///< their mean, cut off towards minus infinity for integers
  amax,  ///< the greatest, NaN if there is one; equal ones share the gradient
  amin   ///< the least, NaN if there is one; equal ones share the gradient
};

///@{
/// out[index[i][j]][j] = src[i][j] for dim 0, and so on: `index` has the rank of x and src, and is
/// no larger than src, nor than x but along `dim`. Which of several values for one place stays is
/// not defined, and each gets that place's gradient.
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, Scalar value);
///@}
///@{
/// The same with x and the values joined: Reduce::sum or Reduce::prod, "add" and "multiply" of
/// PyTorch.
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src, Reduce reduce);
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, Scalar value, Reduce reduce);
///@}
/// scatter with all values for a place joined, and with that of x unless include_self is false;
/// places that the index does not name keep what x has.
Tensor scatter_reduce(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src,
                      Reduce reduce, bool include_self = true);
///@{
/// A copy of x whose slices along `dim` at a vector of indices are filled with a number, or a
/// tensor of rank 0. A negative index counts from the end.
Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, Scalar value);
Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& value);
///@}
/// A copy of x with the slices of source along `dim` at a vector of indices.
Tensor index_copy(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source);
/// The same joined as by scatter_reduce, but not by sum: that is index_add.
Tensor index_reduce(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source,
                    Reduce reduce, bool include_self = true);

/// The elements of x, as a vector in row-major order, at an index of any shape. A negative one
/// counts from the end.
Tensor take(const Tensor& x, const Tensor& index);
/// gather with x and the indices broadcast to each other but along `dim`, where negative ones count
/// from the end; without a dimension both are vectors in row-major order, and none is negative.
Tensor take_along_dim(const Tensor& x, const Tensor& indices, std::optional<int64_t> dim = {});
/// A copy of x with the elements of source where take reads from, or added there.
Tensor put(const Tensor& x, const Tensor& index, const Tensor& source, bool accumulate = false);
/// A copy of x changed by Tensor::index_put_: values, of its dtype, at what x.index(indices) picks.
Tensor index_put(const Tensor& x, std::initializer_list<Index> indices, const Tensor& values,
                 bool accumulate = false);
/// A copy of x with the first elements of source where the mask is true, in row-major order; x and
/// the mask broadcast.
Tensor masked_scatter(const Tensor& x, const Tensor& mask, const Tensor& source);
/// masked_fill with a tensor of rank 0.
Tensor masked_fill(const Tensor& x, const Tensor& mask, const Tensor& value);

/// nonzero by NumPy's name.
Tensor argwhere(const Tensor& x);
/// The columns of nonzero: a vector of indices for each dimension, for `x.index`.
std::vector<Tensor> where(const Tensor& condition);

namespace detail {
///@{
/// The members of Tensor that write into it: scatter_, scatter_reduce_ and so on.
void scatter_in_place(Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);
void scatter_in_place(Tensor& x, int64_t dim, const Tensor& index, Scalar value);
void scatter_add_in_place(Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);
void scatter_reduce_in_place(Tensor& x, int64_t dim, const Tensor& index, const Tensor& src,
                             Reduce reduce, bool include_self);
void index_fill_in_place(Tensor& x, int64_t dim, const Tensor& index, Scalar value);
void index_fill_in_place(Tensor& x, int64_t dim, const Tensor& index, const Tensor& value);
void index_copy_in_place(Tensor& x, int64_t dim, const Tensor& index, const Tensor& source);
void index_add_in_place(Tensor& x, int64_t dim, const Tensor& index, const Tensor& source,
                        Scalar alpha);
void index_reduce_in_place(Tensor& x, int64_t dim, const Tensor& index, const Tensor& source,
                           Reduce reduce, bool include_self);
void put_in_place(Tensor& x, const Tensor& index, const Tensor& source, bool accumulate);
void masked_scatter_in_place(Tensor& x, const Tensor& mask, const Tensor& source);
void masked_fill_in_place(Tensor& x, const Tensor& mask, const Tensor& value);
///@}
}  // namespace detail

}  // namespace rw

#pragma GCC visibility pop
