#pragma once

#include <concepts>
#include <initializer_list>
#include <span>
#include <type_traits>
#include <vector>

#include <rewind/tensor/options.h>
#include <rewind/tensor/tensor.h>

// Tensors of given values, which are copied. bool, uint8_t, int8_t, int16_t and the floating types
// give their own type (long double float64), other integers int64, and doubles in a list,
// `from({1.5, 2.5})`, the default dtype. A dtype in the options wins; Error where it, or int64,
// can't hold a number.

#pragma GCC visibility push(default)

namespace rw {

namespace detail {
/// A copy of `count` elements of type `given`; the dtype is `given` as well, unless in the options.
Tensor from_data(const void* data, size_t count, const Shape& shape, DType given,
                 const TensorOptions& options);
/// The default dtype where one number is floating, int64 where one is an integer, bool otherwise.
Tensor from_numbers(std::span<const Scalar> values, const Shape& shape,
                    const TensorOptions& options);
[[noreturn]] void fail_ragged();

inline Shape length(size_t n) { return Shape{static_cast<int64_t>(n)}; }

template <class T>
Tensor from_values(std::span<const T> values, const Shape& shape, const TensorOptions& options) {
  using Element = ElementOf<T>;
  if constexpr (std::is_same_v<Element, T>) {
    return from_data(values.data(), values.size(), shape, dtype_of<T>, options);
  } else {
    std::vector<Element> elements;
    elements.reserve(values.size());
    for (const T v : values)
      if constexpr (std::is_integral_v<T>)
        elements.push_back(as_int64(v));
      else
        elements.push_back(static_cast<Element>(v));
    return from_data(elements.data(), elements.size(), shape, dtype_of<Element>, options);
  }
}

template <class T>
Tensor from_vector(const std::vector<T>& values, const Shape& shape, const TensorOptions& options) {
  if constexpr (std::is_same_v<T, bool>) {  // whose elements are bits
    const std::vector<uint8_t> bytes(values.begin(), values.end());
    return from_data(bytes.data(), bytes.size(), shape, DType::boolean, options);
  } else {
    return from_values(std::span<const T>(values), shape, options);
  }
}

/// A list names no type: doubles in it count as numbers without one.
template <class T>
TensorOptions list_options(TensorOptions options) {
  if (std::is_same_v<T, double> && !options.dtype) options.dtype = get_default_dtype();
  return options;
}

/// A number in a list whose type is named. That it takes a conversion lets `{{1}, {2}}` be rows of
/// one number, and not two numbers in braces.
template <class T>
struct ListNumber {
  T value;
  template <std::convertible_to<T> U>
  requires(!(std::is_floating_point_v<U> && std::is_integral_v<T>)) constexpr ListNumber(U u)
      : value(static_cast<T>(u)) {}
};

/// A matrix by rows, made by `make(values, shape)` of all its values. No rows are no matrix: `{}`.
template <class T, class Make>
Tensor from_rows(std::initializer_list<std::initializer_list<T>> rows, Make make) {
  if (rows.size() == 0) return make(std::vector<T>(), Shape{0});
  std::vector<T> all;
  for (const auto& row : rows) {
    if (row.size() != rows.begin()->size()) fail_ragged();
    all.insert(all.end(), row.begin(), row.end());
  }
  return make(all,
              Shape{static_cast<int64_t>(rows.size()), static_cast<int64_t>(rows.begin()->size())});
}
}  // namespace detail

///@{
/// The values in one dimension, or in row-major order in `shape`, which must hold as many; throws
/// ShapeError otherwise. `{}` is a shape, that of one number, and not options.
template <class T>
Tensor from(std::span<const T> values, const TensorOptions& options = {}) {
  return detail::from_values(values, detail::length(values.size()), options);
}
template <class T, std::convertible_to<Shape> S>
Tensor from(std::span<const T> values, const S& shape, const TensorOptions& options = {}) {
  return detail::from_values(values, shape, options);
}
template <class T>
Tensor from(const std::vector<T>& values, const TensorOptions& options = {}) {
  return detail::from_vector(values, detail::length(values.size()), options);
}
template <class T, std::convertible_to<Shape> S>
Tensor from(const std::vector<T>& values, const S& shape, const TensorOptions& options = {}) {
  return detail::from_vector(values, shape, options);
}
template <class T>
Tensor from(const std::vector<T>& values, std::initializer_list<int64_t> shape,
            const TensorOptions& options = {}) {
  return detail::from_vector(values, Shape(shape), options);
}
template <class T>
Tensor from(std::span<const T> values, std::initializer_list<int64_t> shape,
            const TensorOptions& options = {}) {
  return detail::from_values(values, Shape(shape), options);
}

///@}

///@{
/// A list of numbers: `from<float>({1, 2})` chooses their type, `from({1, 2})` takes it as it is.
template <class T>
Tensor from(std::initializer_list<detail::ListNumber<std::type_identity_t<T>>> values,
            const TensorOptions& options = {}) {
  std::vector<T> all;
  for (const auto& number : values) all.push_back(number.value);
  return detail::from_vector(all, detail::length(all.size()), options);
}
template <class T, std::same_as<std::initializer_list<T>> List>  // an object that holds a list
Tensor from(const List& values, const TensorOptions& options = {}) {
  return detail::from_values(std::span<const T>(values), detail::length(values.size()), options);
}
template <class T = void, class U>
requires std::is_void_v<T> Tensor from(std::initializer_list<U> values,
                                       const TensorOptions& options = {}) {
  return detail::from_values(std::span<const U>(values), detail::length(values.size()),
                             detail::list_options<U>(options));
}
///@}
/// A list of several kinds, as in `from({1, 2.5})`: of the default dtype where one is a floating
/// number, of int64 where one is an integer.
template <class T = void>
requires std::is_void_v<T> Tensor from(std::initializer_list<Scalar> values,
                                       const TensorOptions& options = {}) {
  return detail::from_numbers(values, detail::length(values.size()), options);
}

///@{
/// A matrix by rows, `from({{1, 2}, {3, 4}})`, with the types of such lists. Throws ShapeError for
/// rows that differ in length.
template <class T>
Tensor from(std::initializer_list<std::initializer_list<std::type_identity_t<T>>> rows,
            const TensorOptions& options = {}) {
  return detail::from_rows(rows, [&](const std::vector<T>& values, const Shape& shape) {
    return detail::from_vector(values, shape, options);
  });
}
template <class T = void, class U>
requires std::is_void_v<T> Tensor from(std::initializer_list<std::initializer_list<U>> rows,
                                       const TensorOptions& options = {}) {
  return detail::from_rows(rows, [&](const std::vector<U>& values, const Shape& shape) {
    return detail::from_vector(values, shape, detail::list_options<U>(options));
  });
}
inline Tensor from(std::initializer_list<std::initializer_list<Scalar>> rows,
                   const TensorOptions& options = {}) {
  return detail::from_rows(rows, [&](const std::vector<Scalar>& values, const Shape& shape) {
    return detail::from_numbers(values, shape, options);
  });
}
///@}

///@{
/// `from` by PyTorch's name: of lists, of the values of a vector, and of one number, which gives a
/// tensor of rank 0. Options may be a dtype alone.
template <class U>
Tensor tensor(std::initializer_list<U> values, const TensorOptions& options = {}) {
  return from(values, options);
}
inline Tensor tensor(std::initializer_list<Scalar> values, const TensorOptions& options = {}) {
  return from(values, options);
}
template <class U>
Tensor tensor(std::initializer_list<std::initializer_list<U>> rows,
              const TensorOptions& options = {}) {
  return from(rows, options);
}
template <class T>
Tensor tensor(const std::vector<T>& values, const TensorOptions& options = {}) {
  return from(values, options);
}
template <class T>
requires std::is_arithmetic_v<T> Tensor tensor(T value, const TensorOptions& options = {}) {
  return from({value}, options).view({});
}
template <class U>
Tensor tensor(std::initializer_list<U> values, std::same_as<DType> auto dtype) {
  return from(values, {.dtype = dtype});
}
template <class U>
Tensor tensor(std::initializer_list<std::initializer_list<U>> rows,
              std::same_as<DType> auto dtype) {
  return from(rows, {.dtype = dtype});
}
template <class T>
Tensor tensor(const std::vector<T>& values, std::same_as<DType> auto dtype) {
  return from(values, {.dtype = dtype});
}
template <class T>
requires std::is_arithmetic_v<T> Tensor tensor(T value, std::same_as<DType> auto dtype) {
  return tensor(value, TensorOptions{.dtype = dtype});
}
///@}

}  // namespace rw

#pragma GCC visibility pop
