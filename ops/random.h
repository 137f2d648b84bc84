#pragma once
// Tensors of random numbers. The same seed gives the same numbers on every machine, whatever the
// number of threads. Options given by a dtype alone work as in factories.h.

#include <concepts>

#include <rewind/tensor/factories.h>
#include <rewind/tensor/generator.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// Uniform over [0, 1).
Tensor rand(const Shape& shape, const TensorOptions& options = {},
            Generator& gen = default_generator());
/// Standard normal (Box-Muller).
Tensor randn(const Shape& shape, const TensorOptions& options = {},
             Generator& gen = default_generator());
///@{
/// Integers in [low, high), from 0 unless given; int64 unless given. A floating dtype that does not
/// hold all of them gets the next lower one that it holds.
Tensor randint(int64_t low, int64_t high, const Shape& shape, const TensorOptions& options = {},
               Generator& gen = default_generator());
inline Tensor randint(int64_t high, const Shape& shape, const TensorOptions& options = {},
                      Generator& gen = default_generator()) {
  return randint(0, high, shape, options, gen);
}
///@}
/// A random order of 0 … n-1 (int64).
Tensor randperm(int64_t n, Generator& gen = default_generator());
///@{
/// rand or randn for the shape, memory order and (unless given) dtype of t, by this thread's
/// generator.
Tensor rand_like(const Tensor& t, const TensorOptions& options = {});
Tensor randn_like(const Tensor& t, const TensorOptions& options = {});
///@}

///@{
/// The same with the dtype alone.
inline Tensor rand_like(const Tensor& t, std::same_as<DType> auto dtype) {
  return rand_like(t, {.dtype = dtype});
}
inline Tensor randn_like(const Tensor& t, std::same_as<DType> auto dtype) {
  return randn_like(t, {.dtype = dtype});
}
inline Tensor rand(const Shape& shape, std::same_as<DType> auto dtype,
                   Generator& gen = default_generator()) {
  return rand(shape, {.dtype = dtype}, gen);
}
inline Tensor randn(const Shape& shape, std::same_as<DType> auto dtype,
                    Generator& gen = default_generator()) {
  return randn(shape, {.dtype = dtype}, gen);
}
inline Tensor randint(int64_t low, int64_t high, const Shape& shape, std::same_as<DType> auto dtype,
                      Generator& gen = default_generator()) {
  return randint(low, high, shape, {.dtype = dtype}, gen);
}
inline Tensor randint(int64_t high, const Shape& shape, std::same_as<DType> auto dtype,
                      Generator& gen = default_generator()) {
  return randint(0, high, shape, {.dtype = dtype}, gen);
}
///@}
///@{
/// By this generator.
inline Tensor rand(const Shape& shape, Generator& gen) { return rand(shape, {}, gen); }
inline Tensor randn(const Shape& shape, Generator& gen) { return randn(shape, {}, gen); }
inline Tensor randint(int64_t low, int64_t high, const Shape& shape, Generator& gen) {
  return randint(low, high, shape, {}, gen);
}
///@}

namespace detail {
/// Fill a dense floating tensor with random numbers, for `op`.
void fill_uniform(const char* op, const Tensor& t, double low, double high, Generator& gen);
void fill_normal(const char* op, const Tensor& t, double mean, double std, Generator& gen);
}  // namespace detail

}  // namespace rw

#pragma GCC visibility pop
