#include <rewind/kernels/resample/grid_taps.h>

#include <algorithm>
#include <cmath>

namespace rw::kernels {
namespace {

// Along one axis, for a block of points: elements, or -1, and their weights, or those that these
// have once differentiated by the coordinate.
template <class P>
struct AxisTaps {
  static constexpr size_t block = GridTaps<P>::block;
  int count = 1;
  int32_t place[4][block];
  P weights[2][4][block];
};

// A coordinate in elements, and how fast it changes with the grid's.
struct Coordinate {
  double at, rate;
};

Coordinate unnormalized(double g, int64_t size, bool align_corners) {
  const auto n = static_cast<double>(size);
  if (align_corners) return {(g + 1) / 2 * (n - 1), (n - 1) / 2};
  return {((g + 1) * n - 1) / 2, n / 2};
}

Coordinate clipped(Coordinate c, int64_t size) {
  const auto last = static_cast<double>(size - 1);
  if (!(c.at > 0)) return {0, 0};  // NaN as well
  return c.at >= last ? Coordinate{last, 0} : c;
}

// Mirrored at the middles of the outermost elements, or at their edges, as often as it takes.
Coordinate reflected(Coordinate c, int64_t size, bool align_corners) {
  const auto n = static_cast<double>(size);
  const double low = align_corners ? 0 : -0.5, span = align_corners ? n - 1 : n;
  if (span <= 0) return {0, 0};
  const bool below = c.at < low;
  const double distance = std::abs(c.at - low), rest = std::fmod(distance, span);
  const bool back = std::fmod(std::floor(distance / span), 2) != 0;
  const double rate = below != back ? -c.rate : c.rate;
  return {std::isfinite(rest) ? (back ? span - rest : rest) + low : low, rate};
}

Coordinate placed(const GridSamples& s, Coordinate c, int64_t size) {
  switch (s.padding) {
    case GridPadding::zeros:
      return c;
    case GridPadding::border:
      return clipped(c, size);
    case GridPadding::reflection:
      break;
  }
  return clipped(reflected(c, size, s.align_corners), size);
}

int32_t inside(double at, int64_t size) {
  return at >= 0 && at < static_cast<double>(size) ? static_cast<int32_t>(at) : -1;
}

// Weights of the cubic convolution, a = -0.75, or their derivatives by the place of the point.
void cubic_weights(double share, int order, double* weights) {
  constexpr double a = -0.75;
  for (int k = 0; k < 4; ++k) {
    const double d = share + 1 - k, x = std::abs(d), sign = d < 0 ? -1 : 1;
    const bool near = k == 1 || k == 2;
    switch (order) {
      case 0:
        weights[k] =
            near ? ((a + 2) * x - (a + 3)) * x * x + 1 : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
        break;
      case 1:
        weights[k] =
            sign * (near ? (3 * (a + 2) * x - 2 * (a + 3)) * x : (3 * a * x - 10 * a) * x + 8 * a);
        break;
      case 2:
        weights[k] = near ? 6 * (a + 2) * x - 2 * (a + 3) : 6 * a * x - 10 * a;
        break;
      case 3:
        weights[k] = sign * (near ? 6 * (a + 2) : 6 * a);
        break;
      default:
        weights[k] = 0;
    }
  }
}

// The weights of all taps, or a derivative of them by the place of the point.
template <GridMode mode>
void weights_at(double at, double below, int order, double* weights) {
  if constexpr (mode == GridMode::nearest) {
    weights[0] = order == 0 ? 1 : 0;
  } else if constexpr (mode == GridMode::bilinear) {
    weights[0] = order == 0 ? below + 1 - at : order == 1 ? -1 : 0;
    weights[1] = order == 0 ? at - below : order == 1 ? 1 : 0;
  } else {
    cubic_weights(at - below, order, weights);
  }
}

template <GridMode mode, class P>
void find_along(const GridSamples& s, int axis, const P* grid, int64_t n, bool gradient,
                AxisTaps<P>& taps) {
  constexpr int count = mode == GridMode::nearest ? 1 : mode == GridMode::bilinear ? 2 : 4;
  const int64_t size = s.sizes[static_cast<size_t>(2 - axis)];
  const int lowest = s.order[static_cast<size_t>(axis)];
  taps.count = count;
  for (int64_t p = 0; p < n; ++p) {
    Coordinate c =
        unnormalized(static_cast<double>(grid[p * s.axes + axis]), size, s.align_corners);
    if (mode != GridMode::bicubic) c = placed(s, c, size);
    const double below = std::floor(c.at);
    const bool counts = mode == GridMode::nearest || std::isfinite(c.at);
    for (int k = 0; k < count; ++k) {
      double at = mode == GridMode::nearest ? std::nearbyint(c.at) : below + k;
      if (mode == GridMode::bicubic) at = placed(s, {below + k - 1, 1}, size).at;
      taps.place[k][p] = counts ? inside(at, size) : 0;  // for the weights, NaN, to count
    }
    for (int set = 0; set < 1 + gradient; ++set) {
      double weights[4], rate = 1;
      weights_at<mode>(c.at, below, lowest + set, weights);
      for (int i = 0; i < lowest + set; ++i) rate *= c.rate;
      for (int k = 0; k < count; ++k) taps.weights[set][k][p] = static_cast<P>(weights[k] * rate);
    }
  }
}

// One that all points have, of an axis that is not there.
template <class P>
void find_none(int64_t n, AxisTaps<P>& taps) {
  std::fill_n(taps.place[0], n, 0);
  for (auto& weights : taps.weights) std::fill_n(weights[0], n, P(1));
}

}  // namespace

template <class P>
void find_taps(const GridSamples& s, const P* grid, int64_t n, bool gradient, GridTaps<P>& taps) {
  constexpr int64_t block = GridTaps<P>::block;
  AxisTaps<P> axes[3];  // in the order of the grid's coordinates, the last axis first
  for (int a = 0; a < s.axes; ++a) {
    const auto find = s.mode == GridMode::bilinear  ? find_along<GridMode::bilinear, P>
                      : s.mode == GridMode::nearest ? find_along<GridMode::nearest, P>
                                                    : find_along<GridMode::bicubic, P>;
    find(s, a, grid, n, gradient, axes[a]);
  }
  if (s.axes < 3) find_none(n, axes[2]);
  const auto height = static_cast<int32_t>(s.sizes[1]), width = static_cast<int32_t>(s.sizes[2]);
  taps.count = 0;
  for (int i = 0; i < axes[2].count; ++i)
    for (int j = 0; j < axes[1].count; ++j)
      for (int k = 0; k < axes[0].count; ++k) {
        const int64_t at = taps.count++ * block;
        const int32_t *z = axes[2].place[i], *y = axes[1].place[j], *x = axes[0].place[k];
        for (int64_t p = 0; p < n; ++p)
          taps.place[at + p] =
              (x[p] | y[p] | z[p]) < 0 ? -1 : (z[p] * height + y[p]) * width + x[p];
        for (int set = 0; set < (gradient ? s.axes : 1); ++set) {
          const auto weights = [&](int a, int tap) {
            return axes[a].weights[gradient && a == set][tap];
          };
          const P *wz = weights(2, i), *wy = weights(1, j), *wx = weights(0, k);
          for (int64_t p = 0; p < n; ++p) taps.weights[set][at + p] = wz[p] * wy[p] * wx[p];
        }
      }
}

template void find_taps(const GridSamples&, const float*, int64_t, bool, GridTaps<float>&);
template void find_taps(const GridSamples&, const double*, int64_t, bool, GridTaps<double>&);

}  // namespace rw::kernels
