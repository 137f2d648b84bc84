#pragma once
// What kernels share that move elements rather than compute with them.

#include <algorithm>
#include <cstring>

#include <rewind/kernels/operand.h>
#include <rewind/tensor/number.h>

namespace rw::kernels {

/// y = x, both of one type whose elements take `itemsize` bytes.
void copy_bytes(size_t itemsize, const Shape& shape, const Operand& x, const Operand& y);

/// Calls `f.template operator()<T>()` with the unsigned integer T of so many bytes.
template <class F>
void by_itemsize(size_t itemsize, F&& f) {
  switch (itemsize) {
    case 1:
      return f.template operator()<uint8_t>();
    case 2:
      return f.template operator()<uint16_t>();
    case 4:
      return f.template operator()<uint32_t>();
    default:
      return f.template operator()<uint64_t>();
  }
}

/// One run of a walk: n elements by steps.
template <class T>
void copy_run(const T* x, int64_t x_step, T* y, int64_t y_step, int64_t n) {
  if (x_step == 1 && y_step == 1)
    std::memcpy(y, x, static_cast<size_t>(n) * sizeof(T));
  else if (x_step == 0 && y_step == 1)
    std::fill_n(y, n, T{*x});  // of a copy, as `x` might lie in `y` for all that is known
  else
    for (int64_t i = 0; i < n; ++i) y[i * y_step] = x[i * x_step];
}

using detail::element;

}  // namespace rw::kernels
