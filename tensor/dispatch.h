#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

namespace rw {

/// Calls `f.template operator()<T>()` with the C++ type of `dtype`.
template <class F>
decltype(auto) dispatch(DType dtype, F&& f) {
  switch (dtype) {
    case DType::boolean:
      return f.template operator()<bool>();
    case DType::uint8:
      return f.template operator()<uint8_t>();
    case DType::int64:
      return f.template operator()<int64_t>();
    case DType::bfloat16:
      return f.template operator()<BFloat16>();
    case DType::float32:
      return f.template operator()<float>();
    case DType::float64:
      break;
  }
  return f.template operator()<double>();
}

/// The same over the floating types only; anything else counts as float64, so check first.
template <class F>
decltype(auto) dispatch_floating(DType dtype, F&& f) {
  if (dtype == DType::float32) return f.template operator()<float>();
  if (dtype == DType::bfloat16) return f.template operator()<BFloat16>();
  return f.template operator()<double>();
}

}  // namespace rw
