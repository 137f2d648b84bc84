#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

#pragma GCC visibility push(default)

namespace rw::data::transforms {

/// How what lies beyond an image is filled.
enum class BorderMode : uint8_t {
  constant,   ///< with a number
  edge,       ///< with the outermost pixels, repeated
  reflect,    ///< mirrored about the outermost pixels, which are not repeated
  symmetric,  ///< mirrored about the edge: the outermost pixels are repeated
  circular    ///< from the opposite side
};

/// Numbers of pixels at the sides of an image: one for all, `{across, down}` for left and right,
/// and top and bottom, or `{left, top, right, bottom}`.
struct Borders {
  int64_t left = 0;    ///< before the first column
  int64_t top = 0;     ///< above the first row
  int64_t right = 0;   ///< behind the last column
  int64_t bottom = 0;  ///< below the last row

  /// None.
  constexpr Borders() = default;
  ///@{
  /// One, two or four numbers.
  template <std::integral T>
  constexpr Borders(T all) : Borders(all, all, all, all) {}
  template <std::integral T>
  constexpr Borders(T across, T down) : Borders(across, down, across, down) {}
  constexpr Borders(int64_t l, int64_t t, int64_t r, int64_t b)
      : left(l), top(t), right(r), bottom(b) {}
  ///@}
  /// Whether all numbers are the same.
  friend constexpr bool operator==(const Borders&, const Borders&) = default;
};

/// What pixels are filled with: one number, or one for each channel.
struct Fill {
  std::vector<double> values;  ///< one, or as many as there are channels

  /// One for all channels.
  Fill(double value) : values{value} {}
  /// One for each.
  Fill(std::vector<double> each) : values(std::move(each)) {}
  /// One for each, `{124, 116, 104}`.
  Fill(std::initializer_list<double> each) : values(each) {}
};

/// The numbers from `first` to `second`, of which one is drawn.
using Range = std::pair<double, double>;

/// Numbers around another: within a distance of it, or between two ends.
class Spread {
 public:
  /// Within `distance` of 0, or of what is changed by a factor: of 1.
  Spread(double distance) : low_(-distance), high_(distance) {}
  /// From `low` to `high`.
  Spread(double low, double high) : low_(low), high_(high), has_ends_(true) {}

  /// Whether it is a distance, rather than two ends.
  bool is_distance() const { return !has_ends_; }
  /// The ends, for numbers around `center`.
  Range around(double center) const {
    return has_ends_ ? Range{low_, high_} : Range{center + low_, center + high_};
  }

 private:
  double low_, high_;
  bool has_ends_ = false;
};

}  // namespace rw::data::transforms

#pragma GCC visibility pop
