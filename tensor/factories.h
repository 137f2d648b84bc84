#pragma once

#include <span>
#include <type_traits>

#include <rewind/tensor/random.h>
#include <rewind/tensor/tensor.h>

namespace rw {

/// Uninitialised memory.
Tensor empty(const Shape& shape, DType dtype = float32,
             MemoryFormat format = MemoryFormat::contiguous);
Tensor zeros(const Shape& shape, DType dtype = float32);
Tensor ones(const Shape& shape, DType dtype = float32);
Tensor full(const Shape& shape, Scalar value, DType dtype = float32);
/// A tensor of rank 0; its dtype is the value's category (float32, int64 or bool).
Tensor scalar_tensor(Scalar value);
Tensor scalar_tensor(Scalar value, DType dtype);
/// [start, start + step, …) up to `end`, exclusive.
Tensor arange(Scalar end, DType dtype = int64);
Tensor arange(Scalar start, Scalar end, Scalar step = 1, DType dtype = int64);
/// `steps` values from `start` to `end`, both included.
Tensor linspace(double start, double end, int64_t steps, DType dtype = float32);
/// Ones on the diagonal of an n x m matrix (m defaults to n).
Tensor eye(int64_t n, int64_t m = -1, DType dtype = float32);

/// Same shape, memory order and (unless given) dtype.
Tensor empty_like(const Tensor& t);
Tensor empty_like(const Tensor& t, DType dtype);
Tensor zeros_like(const Tensor& t);
Tensor ones_like(const Tensor& t);
Tensor full_like(const Tensor& t, Scalar value);
Tensor rand_like(const Tensor& t);
Tensor randn_like(const Tensor& t);

/// Uniform over [0, 1).
Tensor rand(const Shape& shape, DType dtype = float32, Generator& gen = default_generator());
/// Standard normal (Box-Muller).
Tensor randn(const Shape& shape, DType dtype = float32, Generator& gen = default_generator());
/// Integers in [low, high).
Tensor randint(int64_t low, int64_t high, const Shape& shape, DType dtype = int64,
               Generator& gen = default_generator());
/// A random order of 0 … n-1 (int64).
Tensor randperm(int64_t n, Generator& gen = default_generator());

namespace detail {
/// Fill a dense floating tensor with random numbers.
void fill_uniform(const Tensor& t, double low, double high, Generator& gen);
void fill_normal(const Tensor& t, double mean, double std, Generator& gen);
Tensor from_data(const void* data, size_t count, const Shape& shape, DType dtype);
}  // namespace detail

/// A copy of `values`: one dimension, or `shape` (which must hold as many).
template <class T>
Tensor from(std::span<const T> values, const Shape& shape) {
  return detail::from_data(values.data(), values.size(), shape, dtype_of<T>);
}
template <class T>
Tensor from(const std::vector<T>& values, const Shape& shape) {
  return from(std::span<const T>(values), shape);
}
template <class T>
Tensor from(const std::vector<T>& values) {
  return from(values, Shape{static_cast<int64_t>(values.size())});
}
/// `from({1.5, 2.5})` is float32; `from<double>({…})`, `from<int64_t>({…})` choose.
template <class T = float>
Tensor from(std::initializer_list<std::type_identity_t<T>> values) {
  return detail::from_data(values.begin(), values.size(),
                           Shape{static_cast<int64_t>(values.size())}, dtype_of<T>);
}
/// A matrix by rows, which must be of equal length.
template <class T = float>
Tensor from(std::initializer_list<std::initializer_list<std::type_identity_t<T>>> rows) {
  const auto n = static_cast<int64_t>(rows.size());
  Tensor t = empty({n, n ? static_cast<int64_t>(rows.begin()->size()) : 0}, dtype_of<T>);
  T* to = static_cast<T*>(t.raw_data());
  for (const auto& row : rows) {
    if (row.size() != rows.begin()->size()) throw ShapeError("from: rows differ in length");
    for (const T value : row) *to++ = value;
  }
  return t;
}
/// A tensor over memory that you own; it must outlive every tensor made of it.
Tensor from_blob(void* data, const Shape& shape, DType dtype);

}  // namespace rw
