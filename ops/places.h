#pragma once

#include <vector>

#include <rewind/tensor/options.h>
#include <rewind/tensor/tensor.h>

// Rarer ways to make tensors, to fill them and to name places in them.

#pragma GCC visibility push(default)

namespace rw {

/// Uninitialised, with these strides, none of which is negative.
Tensor empty_strided(const Shape& size, const Strides& stride, const TensorOptions& options = {});
/// Uninitialised and dense, with dimensions in memory in the order of `physical_layout`, from the
/// outermost to the innermost.
Tensor empty_permuted(const Shape& size, const Dims& physical_layout,
                      const TensorOptions& options = {});
/// empty_strided, of the dtype of x unless another is given.
Tensor new_empty_strided(const Tensor& x, const Shape& size, const Strides& stride,
                         const TensorOptions& options = {});

///@{
/// A tensor like x with this number everywhere, whose gradient by x is 0.
Tensor fill(const Tensor& x, Scalar value);
Tensor fill(const Tensor& x, const Tensor& value);
///@}

/// The first `size` rows of nonzero(x), followed by rows of `fill_value` where these are fewer.
Tensor nonzero_static(const Tensor& x, int64_t size, int64_t fill_value = -1);
/// For row-major positions in a tensor of this shape, an integer tensor, their indices along each
/// of its dimensions.
std::vector<Tensor> unravel_index(const Tensor& indices, const Shape& shape);

///@{
/// What these are of real numbers: x itself.
Tensor real(const Tensor& x);
Tensor conj(const Tensor& x);
Tensor conj_physical(const Tensor& x);
Tensor resolve_conj(const Tensor& x);
Tensor resolve_neg(const Tensor& x);
///@}
/// True everywhere: bool.
Tensor isreal(const Tensor& x);
/// pi where x is negative, NaN where it is NaN, 0 elsewhere; of integers in the default dtype.
Tensor angle(const Tensor& x);

}  // namespace rw

#pragma GCC visibility pop
