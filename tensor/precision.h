#pragma once
// Private to the library's sources: which numbers a type holds exactly.

#include <cstdint>
#include <limits>
#include <type_traits>

#include <rewind/tensor/dtype.h>

namespace rw::detail {

/// The distance from 1 to the next number of the type in which numbers of a floating dtype are
/// computed.
constexpr double epsilon(DType dtype) { return dtype == DType::float64 ? 0x1p-52 : 0x1p-23; }

/// Up to this size T holds all integers.
template <class T>
constexpr int64_t whole_up_to() {
  if constexpr (std::is_integral_v<T>) return std::numeric_limits<T>::max();
  if constexpr (std::is_same_v<T, BFloat16>) return 1 << 8;
  if constexpr (std::is_same_v<T, Float16>) return 1 << 11;
  return int64_t{1} << (sizeof(T) == 4 ? 24 : 53);
}

}  // namespace rw::detail
