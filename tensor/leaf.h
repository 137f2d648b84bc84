#pragma once
// Private to the library's sources: what makes tensors.

#include <rewind/tensor/options.h>
#include <rewind/tensor/tensor.h>

namespace rw::detail {

/// The dtype in the options, or else `otherwise`. Throws where a gradient of integers is asked for.
DType chosen_dtype(const char* op, const TensorOptions& options, DType otherwise);
/// Uninitialised, of that dtype.
Tensor make_leaf(const char* op, const Shape& shape, const Strides& strides,
                 const TensorOptions& options, DType otherwise);
Tensor make_leaf(const char* op, const Shape& shape, const TensorOptions& options,
                 DType otherwise = get_default_dtype());
/// Of the shape and memory order of `t`, and of its dtype unless given.
Tensor make_leaf_like(const char* op, const Tensor& t, const TensorOptions& options);
/// A tensor, off the tape, in memory that has to hold all of it.
Tensor make_tensor(Ref<Storage> storage, DType dtype, const Shape& shape, const Strides& strides,
                   int64_t offset = 0);

}  // namespace rw::detail
