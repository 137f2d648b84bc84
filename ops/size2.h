#pragma once

#include <cstdint>

#pragma GCC visibility push(default)

namespace rw {

/// A height and a width, or one number for both: `.stride = 2`, `.padding = {1, 0}`.
struct Size2 {
  int64_t h = 0;
  int64_t w = 0;

  constexpr Size2() = default;
  constexpr Size2(int64_t both) : h(both), w(both) {}
  constexpr Size2(int both) : Size2(static_cast<int64_t>(both)) {}
  constexpr Size2(int64_t height, int64_t width) : h(height), w(width) {}

  friend bool operator==(const Size2&, const Size2&) = default;
};

}  // namespace rw

#pragma GCC visibility pop
