#pragma once

#include <cstdint>
#include <vector>

namespace rw::kernels {

/// What each target along one axis is made of: `count[t]` neighbouring sources from `first[t]` on,
/// each with a weight. From one target to the next, neither the first source nor the last ever
/// moves back.
struct AxisWeights {
  int64_t sources = 0;
  int64_t most = 0;  // the greatest count
  std::vector<int32_t> first, count;
  std::vector<double> weights;  // those of target t from t * most on

  int64_t targets() const { return static_cast<int64_t>(first.size()); }
  const double* of(int64_t target) const { return weights.data() + target * most; }
  /// Whether each target is the source in its place.
  bool is_identity() const;
  /// What each source gives, and to which targets: the adjoint.
  AxisWeights transposed() const;

  /// Every target is the source in its place.
  static AxisWeights identity(int64_t size);
};

/// How targets are placed among sources.
struct AxisScale {
  int64_t sources, targets;
  double step;         // sources from one target to the next
  bool align_corners;  // the first and the last ones of both lie at the same places
};

/// Between two neighbours.
AxisWeights linear_weights(const AxisScale& s);
/// By cubic convolution over four neighbours, with a = -0.75 (Keys, "Cubic convolution
/// interpolation for digital image processing", 1981). Beyond the border its element is repeated.
AxisWeights cubic_weights(const AxisScale& s);
/// Averages over the bins of adaptive pooling.
AxisWeights area_weights(int64_t sources, int64_t targets);
/// The source nearest to each target: below it, or to its middle where `exact`.
AxisWeights nearest_weights(const AxisScale& s, bool exact);

/// A filter that is made as wide as a step where that is more than one source.
enum class WideFilter : uint8_t {
  linear,  // a triangle
  cubic,   // as above, with a = -0.5
  lanczos  // sinc(x) sinc(x / 3)
};
/// By such a filter: what lies between targets counts as well.
AxisWeights filter_weights(const AxisScale& s, WideFilter filter);

}  // namespace rw::kernels
