#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>

#pragma GCC visibility push(default)

namespace rw {

/// One number for each of N axes, or one for all: `.stride = 2`, `.padding = {1, 0}`.
template <std::size_t N>
class Size {
 public:
  /// Zeros.
  constexpr Size() = default;
  /// The same number for all axes.
  template <std::integral T>
  requires(!std::same_as<T, bool>) constexpr Size(T all) {
    for (int64_t& v : v_) v = static_cast<int64_t>(all);
  }
  /// One number each.
  template <std::integral... T>
  requires(sizeof...(T) == N && N > 1) constexpr Size(T... each)
      : v_{static_cast<int64_t>(each)...} {}
  /// `{{2, 1}}`, as where a value that may be missing is given.
  template <std::size_t n>
  requires(n == N && N > 1) constexpr Size(const int64_t (&each)[n]) {
    for (std::size_t d = 0; d < N; ++d) v_[d] = each[d];
  }

  ///@{
  /// The number of axis d, which is not checked.
  constexpr int64_t& operator[](int d) { return v_[d]; }
  constexpr int64_t operator[](int d) const { return v_[d]; }
  ///@}
  ///@{
  /// Of images: the last axis is their width, the one before it their height.
  constexpr int64_t h() const requires(N >= 2) { return v_[N - 2]; }
  constexpr int64_t w() const { return v_[N - 1]; }
  ///@}

  /// One that an option has until it is given another.
  static constexpr Size unset() { return Size(std::numeric_limits<int64_t>::min()); }
  /// This, or `other` where it is unset().
  constexpr Size value_or(const Size& other) const { return *this == unset() ? other : *this; }

  /// Whether all numbers are the same.
  friend constexpr bool operator==(const Size&, const Size&) = default;

 private:
  int64_t v_[N] = {};
};

/// A number for the height and one for the width of images.
using Size2 = Size<2>;

}  // namespace rw

#pragma GCC visibility pop
