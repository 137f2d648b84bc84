#pragma once
// Private to the library's sources.

#include <rewind/tensor/shape.h>

namespace rw::detail {

/// The index of an element by its number in row-major order.
inline Shape unravel(int64_t flat, const Shape& shape) {
  Shape index = shape;
  for (int d = shape.rank() - 1; d >= 0; --d) {
    index[d] = flat % shape[d];
    flat /= shape[d];
  }
  return index;
}

}  // namespace rw::detail
