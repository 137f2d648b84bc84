#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rw::kernels {

/// An element that a window takes: where it lies along the axis, and at which place of the window.
struct Tap {
  int32_t source;
  int32_t position;
};

/// What each target along one axis takes: for a window its elements, and, transposed, for an
/// element the windows that it lies in.
class Taps {
 public:
  /// Output i of `out` takes the elements i * stride - padding + k * dilation, k < kernel, that lie
  /// in [0, in), each at position k * position_step.
  static Taps sliding(int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t padding,
                      int64_t dilation, int64_t position_step);
  /// Output i of `out` takes the elements from floor(i * in / out) to ceil((i + 1) * in / out), the
  /// k-th of them at position k * position_step.
  static Taps adaptive(int64_t in, int64_t out, int64_t position_step);
  Taps transposed() const;
  /// Two axes as one, `inner` the faster: a target takes what both take. Positions are added.
  Taps times(const Taps& inner) const;

  /// Targets [begin, end) that take the same as their neighbours, but further on: what target t
  /// takes is, for t + period, `step` further. end - begin is a multiple of the period.
  struct Regular {
    int64_t begin = 0, end = 0, period = 1, step = 1;
  };
  /// The longest such piece, empty where there is none. Where shares are given, by target or by
  /// source, these are the same all along as well.
  Regular regular(const double* by_target = nullptr, const double* by_source = nullptr) const;

  /// Whether target t takes the sources 2 t and 2 t + 1 and nothing else, all targets from the same
  /// two places of their windows. They all have the same share of an average then.
  bool takes_pairs() const;
  /// The transpose: whether target t of an even number takes the source t / 2 and nothing else, all
  /// even ones at one place of the window and all odd ones at another.
  bool gives_pairs() const;

  /// How far the element at `position` lies from where its window has position 0; takes from the
  /// position what belongs to this axis.
  int64_t offset(int64_t& position) const {
    int64_t offset = 0;
    for (size_t axis = 0; axis < axes_; ++axis) {
      const Tap step = steps_within_[axis];
      offset += position / step.position * step.source;
      position %= step.position;
    }
    return offset;
  }
  /// How many elements a target takes at most.
  int64_t widest() const;
  /// How many elements all targets take together.
  int64_t taken() const { return static_cast<int64_t>(taps_.size()); }

  int64_t sources() const { return sources_; }
  int64_t targets() const { return static_cast<int64_t>(first_.size()) - 1; }
  std::span<const Tap> of(int64_t target) const {
    const auto t = static_cast<size_t>(target);
    return {taps_.data() + first_[t], taps_.data() + first_[t + 1]};
  }

 private:
  int64_t sources_ = 0;
  int64_t period_ = 0, step_ = 0;  // 0 where windows do not slide
  size_t axes_ = 0;                // one or two
  Tap steps_within_[2] = {};  // from one element of a window to the next along each, slowest first
  std::vector<size_t> first_ = {0};
  std::vector<Tap> taps_;
};

}  // namespace rw::kernels
