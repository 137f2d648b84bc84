#pragma once

#include <optional>
#include <vector>

#include <rewind/tensor/tensor.h>

// Elements in another order, repeated, or seen in another way. Any dtype; results have that of the
// input. Differentiable to any order. Members of Tensor are listed in tensor.h.

#pragma GCC visibility push(default)

namespace rw {

// --- Other order --------------------------------------------------------------------------------

/// A copy whose elements run backwards along these dimensions, in the memory order of x.
Tensor flip(const Tensor& x, const Dims& dims);
///@{
/// flip along dimension 1 (left and right, of at least two dimensions), or 0 (up and down).
Tensor fliplr(const Tensor& x);
Tensor flipud(const Tensor& x);
///@}
/// A copy whose elements are moved on by `shifts[i]` places along dimension `dims[i]`; those that
/// leave at one end come in at the other. Without dimensions there is one shift, of the elements
/// in row-major order. A dimension that is named twice is moved by both shifts.
Tensor roll(const Tensor& x, const Shape& shifts, const Dims& dims = {});
/// Turned by `k` quarters in the plane of two dimensions, from the first towards the second.
Tensor rot90(const Tensor& x, int64_t k = 1, const Dims& dims = {0, 1});
///@{
/// A view with dimension `source[i]` at place `destination[i]`, the others in their order.
Tensor movedim(const Tensor& x, const Dims& source, const Dims& destination);
Tensor moveaxis(const Tensor& x, const Dims& source, const Dims& destination);
///@}
///@{
/// Tensor::transpose by its other names.
Tensor swapaxes(const Tensor& x, int64_t dim0, int64_t dim1);
Tensor swapdims(const Tensor& x, int64_t dim0, int64_t dim1);
///@}

// --- Repeated -----------------------------------------------------------------------------------

/// The whole of x, `repeats[d]` times along each dimension; further repeats in front make new
/// dimensions.
Tensor repeat(const Tensor& x, const Shape& repeats);
/// repeat, with ones put in front of `reps` where x has more dimensions.
Tensor tile(const Tensor& x, const Shape& reps);
///@{
/// Each slice along `dim` as many times in a row: the same number for all, or one for each, of
/// int32 or int64 (a single one counts for all). Without a dimension x is flattened first.
Tensor repeat_interleave(const Tensor& x, int64_t repeats, std::optional<int64_t> dim = {});
Tensor repeat_interleave(const Tensor& x, const Tensor& repeats, std::optional<int64_t> dim = {});
///@}
/// 0 `repeats[0]` times, 1 `repeats[1]` times and so on, in the dtype of `repeats`.
Tensor repeat_interleave(const Tensor& repeats);

// --- Other sizes --------------------------------------------------------------------------------

/// All elements as a vector in row-major order; a view where the memory allows it.
Tensor ravel(const Tensor& x);
/// Without those of these dimensions that have size 1.
Tensor squeeze(const Tensor& x, const Dims& dims);
/// Tensor::expand by its other name.
Tensor broadcast_to(const Tensor& x, const Shape& shape);
/// All expanded to the shape that they broadcast to together.
std::vector<Tensor> broadcast_tensors(const std::vector<Tensor>& tensors);
///@{
/// A view with at least so many dimensions. A number becomes a vector of one, a vector a row of a
/// matrix, and a matrix a stack of depth one.
Tensor atleast_1d(const Tensor& x);
Tensor atleast_2d(const Tensor& x);
Tensor atleast_3d(const Tensor& x);
std::vector<Tensor> atleast_1d(const std::vector<Tensor>& tensors);
std::vector<Tensor> atleast_2d(const std::vector<Tensor>& tensors);
std::vector<Tensor> atleast_3d(const std::vector<Tensor>& tensors);
///@}

// --- Windows and strides ------------------------------------------------------------------------

/// A view of the windows of `size` elements along a dimension that start every `step` elements; the
/// elements of a window are the last dimension of the result. Where windows overlap the result
/// can't be changed in place.
Tensor unfold(const Tensor& x, int64_t dim, int64_t size, int64_t step);
/// A view of the memory that x lies in by any sizes and strides (not negative), from its element
/// `storage_offset` on, or where x starts. Throws where it leaves that memory. Gradients of
/// elements that are there several times add up; where it shows memory that is not x's, they are
/// lost.
Tensor as_strided(const Tensor& x, const Shape& size, const Strides& stride,
                  std::optional<int64_t> storage_offset = {});

// --- A part replaced ----------------------------------------------------------------------------

///@{
/// A copy of x with src, of its dtype, in place of what the view of this name shows.
Tensor select_scatter(const Tensor& x, const Tensor& src, int64_t dim, int64_t index);
Tensor slice_scatter(const Tensor& x, const Tensor& src, int64_t dim = 0, int64_t start = 0,
                     int64_t stop = Slice::none, int64_t step = 1);
Tensor diagonal_scatter(const Tensor& x, const Tensor& src, int64_t offset = 0, int64_t dim1 = 0,
                        int64_t dim2 = 1);
Tensor as_strided_scatter(const Tensor& x, const Tensor& src, const Shape& size,
                          const Strides& stride, std::optional<int64_t> storage_offset = {});
///@}

}  // namespace rw

#pragma GCC visibility pop
