#pragma once
// Private to the library's sources: arithmetic on sizes that a user chose, and memory for as many.

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <new>
#include <stdexcept>
#include <vector>

#include <rewind/tensor/check.h>
#include <rewind/tensor/dtype.h>
#include <rewind/tensor/shape.h>

namespace rw::detail {

/// Any request for as much memory or more is refused.
constexpr size_t most_bytes = size_t{1} << 46;

/// Holds sums of products of two sizes, whatever these are.
using Wide = __int128;

/// `n` as a size, which it must be; `what` says of what.
inline int64_t to_size(const char* op, Wide n, const char* what) {
  check<ShapeError>(n >= 0 && n <= std::numeric_limits<int64_t>::max(),
                    "{}: {} can't have {} elements", op, what, n);
  return static_cast<int64_t>(n);
}

/// Whether the product of the factors, and of any of them, is at most 2^60: code that weighs what
/// an op costs multiplies them by small numbers.
inline bool countable(std::initializer_list<int64_t> factors) {
  Wide product = 1;
  for (const int64_t n : factors) {
    product *= std::max<int64_t>(n, 1);
    if (product > Wide{1} << 60) return false;
  }
  return true;
}

/// Throws Error for a result that no memory can hold, before anything is prepared for it.
inline void check_allocatable(const char* op, const Shape& shape, DType dtype) {
  Wide bytes = static_cast<Wide>(itemsize(dtype));
  for (const int64_t n : shape) {
    bytes *= n;
    check<ShapeError>(bytes < most_bytes, "{}: out of memory: a result of shape {}", op, shape);
  }
}

/// Makes room for `n` more elements, or throws Error where that is more than there can be.
template <class T>
void reserve(const char* op, std::vector<T>& v, int64_t n) {
  try {
    v.reserve(v.size() + static_cast<size_t>(n));
  } catch (const std::length_error&) {
    fail("{}: there is no memory for {} elements", op, n);
  } catch (const std::bad_alloc&) {
    fail("{}: there is no memory for {} elements", op, n);
  }
}

}  // namespace rw::detail
