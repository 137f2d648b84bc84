#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#pragma GCC visibility push(default)

namespace rw {

/// A height and a width, or one number for both: `.stride = 2`, `.padding = {1, 0}`.
struct Size2 {
  int64_t h = 0;
  int64_t w = 0;

  constexpr Size2() = default;
  template <std::integral T>
  requires(!std::same_as<T, bool>) constexpr Size2(T both) : Size2(both, both) {}
  template <std::integral H, std::integral W>
  constexpr Size2(H height, W width)
      : h(static_cast<int64_t>(height)), w(static_cast<int64_t>(width)) {}
  /// `{{2, 1}}`, as where a value that may be missing is given.
  template <std::size_t n>
  requires(n == 2) constexpr Size2(const int64_t (&both)[n]) : h(both[0]), w(both[1]) {}

  /// One that an option has until it is given another.
  static constexpr Size2 unset() { return Size2(std::numeric_limits<int64_t>::min()); }
  constexpr Size2 value_or(Size2 other) const { return *this == unset() ? other : *this; }

  friend constexpr bool operator==(const Size2&, const Size2&) = default;
};

}  // namespace rw

#pragma GCC visibility pop
