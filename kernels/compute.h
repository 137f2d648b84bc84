#pragma once

#include <type_traits>

#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// What a floating type is computed in.
template <class T>
using Compute = std::conditional_t<std::is_same_v<T, BFloat16>, float, T>;

}  // namespace rw::kernels
