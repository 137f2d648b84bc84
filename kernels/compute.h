#pragma once

#include <type_traits>

#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// The element types of the reduced floating dtypes.
template <class T>
inline constexpr bool is_reduced = std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>;

/// What the numbers of a type are computed in: the C++ type of its compute_dtype.
template <class T>
using Compute = std::conditional_t<is_reduced<T>, float, T>;

}  // namespace rw::kernels
