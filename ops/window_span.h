#pragma once
// Private to ops: which windows sliding along an axis meet an element at one place of theirs.

#include <algorithm>
#include <cstdint>

namespace rw::detail {

/// Windows [first, last), the first of which meets `element`, and each further one the element that
/// lies a stride further on.
struct WindowSpan {
  int64_t first, last, element;
  int64_t count() const { return last - first; }
};

/// Of `windows` over n elements: those whose place is an element, where that of window i would be
/// `start` + i stride, start being negative in a border.
inline WindowSpan windows_meeting(int64_t n, int64_t windows, int64_t start, int64_t stride) {
  const int64_t first = std::min(start >= 0 ? 0 : (-start - 1) / stride + 1, windows);
  const int64_t end = start >= n ? 0 : (n - 1 - start) / stride + 1;
  const int64_t last = std::clamp(end, first, windows);
  return {first, last, first < last ? start + first * stride : 0};
}

}  // namespace rw::detail
