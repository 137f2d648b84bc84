#pragma once
// Private to ops: what reading and writing by index is made of. An index is int64 here.

#include <rewind/tensor/check.h>
#include <rewind/tensor/tensor.h>

namespace rw::detail {

// --- Checks -------------------------------------------------------------------------------------

/// An index as the kernels take it.
Tensor index_argument(const char* op, const Tensor& index);
/// Throws where an index is not in [0, size).
void check_index(const char* op, const Tensor& index, int64_t size);
/// The same for [-size, size); those below 0 count from the end.
Tensor wrapped_index(const char* op, const Tensor& index, int64_t size);
/// Whether `index` is no larger than `x` but along `d`.
bool covers(const Tensor& x, const Tensor& index, int d);

// --- Shapes -------------------------------------------------------------------------------------

/// A vector of indices along `d`, repeated over the other dimensions of `shape`.
Tensor repeated(const Tensor& index, Shape shape, int d);
/// A tensor of rank 0 counts as one of a single dimension.
Tensor with_dimension(const Tensor& t);

// --- On the tape: of what has been checked, index and values being of one shape -----------------

Tensor gather_checked(const char* op, const Tensor& x, int d, const Tensor& index);
/// Its adjoint: zeros of `shape` with g added where the index points. In a pullback it may be what
/// the input of this shape has gathered, to which g is added then: it is to be returned as it is.
Tensor scatter_back(const char* op, const Tensor& g, const Shape& shape, int d,
                    const Tensor& index);
/// x + src at the index, with x's and src's gradients.
Tensor scatter_checked(const char* op, const Tensor& x, int d, const Tensor& index,
                       const Tensor& src);
/// x with zeros where the index points, in its memory where nobody else sees it.
Tensor cleared(Tensor x, int d, const Tensor& index);

// --- Off the tape -------------------------------------------------------------------------------

/// y[…index…] += src, y being a fresh tensor. Those of reduced types are kept in float32, those of
/// many float32 numbers in float64. The sum may be another tensor than y.
Tensor add_at(const Tensor& y, int d, const Tensor& index, const Tensor& src);
/// y[…index…] = src, which broadcasts.
void put_at(const Tensor& y, int d, const Tensor& index, const Tensor& src);

}  // namespace rw::detail
