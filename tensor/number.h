#pragma once
// Private to the library's sources: numbers on their way into elements.

#include <cmath>
#include <limits>
#include <type_traits>

#include <rewind/tensor/dtype.h>

namespace rw::detail {

/// A number as an element. T need not hold it.
template <class T>
T element(Scalar value) {
  if constexpr (std::is_same_v<T, bool>)
    return value.to_double() != 0;
  else if constexpr (std::is_integral_v<T>)
    return static_cast<T>(value.to_int64());
  else
    return static_cast<T>(value.to_double());
}

/// Whether `value` is within the range of T: no NaN or infinity in an integer, no number that
/// overflows to infinity. Rounding and the loss of a fraction do not count; any number makes a
/// bool.
template <class T>
bool holds(Scalar value) {
  const double d = value.to_double();
  if constexpr (std::is_same_v<T, bool>)
    return true;
  else if constexpr (!std::is_integral_v<T>)
    return !std::isfinite(d) || std::isfinite(static_cast<T>(d));
  else if (value.is_floating())  // 2^63 - 1 rounds to 2^63
    return d >= static_cast<double>(std::numeric_limits<T>::min()) &&
           (sizeof(T) == 8 ? d < 0x1p63 : d <= static_cast<double>(std::numeric_limits<T>::max()));
  else
    return value.to_int64() >= std::numeric_limits<T>::min() &&
           value.to_int64() <= std::numeric_limits<T>::max();
}

/// Whether T takes `value` as an element: where it holds it, or, as in PyTorch, for -255 to -1 in
/// uint8, which count down from 256.
template <class T>
bool takes(Scalar value) {
  if (holds<T>(value)) return true;
  return std::is_same_v<T, uint8_t> && !value.is_floating() && value.to_int64() < 0 &&
         value.to_int64() >= -255;
}

/// `holds` for the type of a dtype.
bool is_held(Scalar value, DType dtype);
/// Throws where the type does not take it.
void check_held(const char* op, Scalar value, DType dtype);
[[noreturn]] void fail_not_held(const char* op, Scalar value, DType dtype);

/// The greatest finite number of a floating dtype.
double greatest_number(DType dtype);

/// A number as an element of a type that has to take it.
template <class T>
T checked_element(const char* op, Scalar value) {
  if (!takes<T>(value)) [[unlikely]]
    fail_not_held(op, value, dtype_of<T>);
  return element<T>(value);
}

}  // namespace rw::detail
