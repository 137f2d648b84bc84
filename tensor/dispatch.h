#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

namespace rw {

namespace detail {
[[noreturn]] void fail_undispatched(DType dtype);
}

/// Calls `f.template operator()<T>()` with the one of these C++ types that `dtype` has. What is
/// none of them has to be refused before: it throws, without a word of the op.
template <class T, class... Others, class F>
decltype(auto) dispatch_among(DType dtype, F&& f) {
  if (dtype == dtype_of<T>) return f.template operator()<T>();
  if constexpr (sizeof...(Others) > 0)
    return dispatch_among<Others...>(dtype, f);
  else
    detail::fail_undispatched(dtype);
}

/// The same for any dtype.
template <class F>
decltype(auto) dispatch(DType dtype, F&& f) {
  switch (dtype) {
#define REWIND_DTYPE(dtype, T, name) \
  case DType::dtype:                 \
    return f.template operator()<T>();
    REWIND_DTYPES(REWIND_DTYPE)
#undef REWIND_DTYPE
  }
  detail::fail_undispatched(dtype);
}

/// The same over the floating types only.
template <class F>
decltype(auto) dispatch_floating(DType dtype, F&& f) {
  return dispatch_among<float, BFloat16, Float16, double>(dtype, f);
}

}  // namespace rw
