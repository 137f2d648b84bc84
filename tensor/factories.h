#pragma once

#include <concepts>
#include <span>
#include <type_traits>
#include <vector>

#include <rewind/tensor/from.h>
#include <rewind/tensor/options.h>
#include <rewind/tensor/tensor.h>

// Factories make leaves of the default dtype (set_default_dtype), unless said otherwise here or by
// the options. Numbers that the dtype can't hold, such as 300 in uint8 or NaN in int64, throw
// Error.

#pragma GCC visibility push(default)

namespace rw {

/// Uninitialised memory.
Tensor empty(const Shape& shape, const TensorOptions& options = {},
             MemoryFormat format = MemoryFormat::contiguous);
/// All elements are 0.
Tensor zeros(const Shape& shape, const TensorOptions& options = {});
/// All elements are 1.
Tensor ones(const Shape& shape, const TensorOptions& options = {});
/// All elements are `value`. The dtype is that of the value's kind: bool, int64 or the default
/// dtype.
Tensor full(const Shape& shape, Scalar value, const TensorOptions& options = {});
/// A tensor of rank 0.
Tensor scalar_tensor(Scalar value, const TensorOptions& options = {});
///@{
/// [start, start + step, …) up to `end`, exclusive, from 0 by 1 unless given. int64 if all three
/// are integers, and then exact; for an integer dtype fractions of the start and the step are cut
/// off.
Tensor arange(Scalar end, const TensorOptions& options = {});
Tensor arange(Scalar start, Scalar end, const TensorOptions& options = {});
Tensor arange(Scalar start, Scalar end, Scalar step, const TensorOptions& options = {});
///@}
/// `steps` values from `start` to `end`, both included, and of an integer dtype both without
/// fraction.
Tensor linspace(double start, double end, int64_t steps, const TensorOptions& options = {});
///@{
/// Ones on the diagonal of an n x m matrix (a square one for m = -1).
Tensor eye(int64_t n, const TensorOptions& options = {});
Tensor eye(int64_t n, int64_t m, const TensorOptions& options = {});
///@}

///@{
/// The factory of this name for the shape, memory order and (unless given) dtype of t.
Tensor empty_like(const Tensor& t, const TensorOptions& options = {});
Tensor zeros_like(const Tensor& t, const TensorOptions& options = {});
Tensor ones_like(const Tensor& t, const TensorOptions& options = {});
Tensor full_like(const Tensor& t, Scalar value, const TensorOptions& options = {});
///@}

/// A tensor over memory that you own, row-major; it must outlive every tensor made of it. Throws
/// for a null pointer, unless there are no elements.
Tensor from_blob(void* data, const Shape& shape, const TensorOptions& options = {});

///@{
/// The same with the dtype alone, which is not made of {}: that stands for no options.
inline Tensor empty(const Shape& shape, std::same_as<DType> auto dtype,
                    MemoryFormat format = MemoryFormat::contiguous) {
  return empty(shape, {.dtype = dtype}, format);
}
inline Tensor zeros(const Shape& shape, std::same_as<DType> auto dtype) {
  return zeros(shape, {.dtype = dtype});
}
inline Tensor ones(const Shape& shape, std::same_as<DType> auto dtype) {
  return ones(shape, {.dtype = dtype});
}
inline Tensor full(const Shape& shape, Scalar value, std::same_as<DType> auto dtype) {
  return full(shape, value, {.dtype = dtype});
}
inline Tensor scalar_tensor(Scalar value, std::same_as<DType> auto dtype) {
  return scalar_tensor(value, {.dtype = dtype});
}
inline Tensor arange(Scalar end, std::same_as<DType> auto dtype) {
  return arange(end, {.dtype = dtype});
}
inline Tensor arange(Scalar start, Scalar end, std::same_as<DType> auto dtype) {
  return arange(start, end, {.dtype = dtype});
}
inline Tensor arange(Scalar start, Scalar end, Scalar step, std::same_as<DType> auto dtype) {
  return arange(start, end, step, {.dtype = dtype});
}
inline Tensor linspace(double start, double end, int64_t steps, std::same_as<DType> auto dtype) {
  return linspace(start, end, steps, {.dtype = dtype});
}
inline Tensor eye(int64_t n, std::same_as<DType> auto dtype) { return eye(n, {.dtype = dtype}); }
inline Tensor eye(int64_t n, int64_t m, std::same_as<DType> auto dtype) {
  return eye(n, m, {.dtype = dtype});
}
inline Tensor empty_like(const Tensor& t, std::same_as<DType> auto dtype) {
  return empty_like(t, {.dtype = dtype});
}
inline Tensor zeros_like(const Tensor& t, std::same_as<DType> auto dtype) {
  return zeros_like(t, {.dtype = dtype});
}
inline Tensor ones_like(const Tensor& t, std::same_as<DType> auto dtype) {
  return ones_like(t, {.dtype = dtype});
}
inline Tensor full_like(const Tensor& t, Scalar value, std::same_as<DType> auto dtype) {
  return full_like(t, value, {.dtype = dtype});
}
inline Tensor from_blob(void* data, const Shape& shape, std::same_as<DType> auto dtype) {
  return from_blob(data, shape, {.dtype = dtype});
}
///@}

namespace detail {
/// A tensor of rank 0 for `op`, which an error names.
Tensor number(const char* op, Scalar value, DType dtype);
}  // namespace detail

}  // namespace rw

#pragma GCC visibility pop
