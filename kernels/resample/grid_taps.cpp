#include <rewind/kernels/resample/grid_taps.h>

#include <algorithm>
#include <cmath>

namespace rw::kernels {
namespace {

// Along one axis: elements, or -1, and for each the derivatives of its weight by the coordinate.
struct AxisTaps {
  int count = 1;
  int64_t place[4] = {0, 0, 0, 0};
  double weights[4][4] = {};  // by order, by tap
};
constexpr int orders = 4;

// A coordinate in elements, and how fast it changes with the grid's.
struct Coordinate {
  double at, rate;
};

Coordinate unnormalized(double g, int64_t size, bool align_corners) {
  if (std::isnan(g)) g = -1;  // as in PyTorch
  const auto n = static_cast<double>(size);
  if (align_corners) return {(g + 1) / 2 * (n - 1), (n - 1) / 2};
  return {((g + 1) * n - 1) / 2, n / 2};
}

Coordinate clipped(Coordinate c, int64_t size) {
  const auto last = static_cast<double>(size - 1);
  if (c.at <= 0) return {0, 0};
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

int64_t inside(double at, int64_t size) {
  return at >= 0 && at < static_cast<double>(size) ? static_cast<int64_t>(at) : -1;
}

// Weights of the cubic convolution, a = -0.75, and its derivatives by the place of the point.
void set_cubic(double share, AxisTaps& taps) {
  constexpr double a = -0.75;
  for (int k = 0; k < 4; ++k) {
    const double d = share + 1 - k, x = std::abs(d), sign = d < 0 ? -1 : 1;
    const bool near = k == 1 || k == 2;
    taps.weights[0][k] =
        near ? ((a + 2) * x - (a + 3)) * x * x + 1 : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
    taps.weights[1][k] =
        sign * (near ? (3 * (a + 2) * x - 2 * (a + 3)) * x : (3 * a * x - 10 * a) * x + 8 * a);
    taps.weights[2][k] = near ? 6 * (a + 2) * x - 2 * (a + 3) : 6 * a * x - 10 * a;
    taps.weights[3][k] = sign * (near ? 6 * (a + 2) : 6 * a);
  }
}

AxisTaps taps_along(const GridSamples& s, double g, int64_t size) {
  AxisTaps taps;
  Coordinate c = unnormalized(g, size, s.align_corners);
  if (s.mode != GridMode::bicubic) c = placed(s, c, size);
  const double below = std::floor(c.at);
  switch (s.mode) {
    case GridMode::nearest:
      taps.place[0] = inside(std::nearbyint(c.at), size);
      taps.weights[0][0] = 1;
      break;
    case GridMode::bilinear:
      taps.count = 2;
      for (int k = 0; k < 2; ++k) {
        taps.place[k] = inside(below + k, size);
        taps.weights[0][k] = k == 0 ? below + 1 - c.at : c.at - below;
        taps.weights[1][k] = k == 0 ? -1 : 1;
      }
      break;
    case GridMode::bicubic:
      taps.count = 4;
      for (int k = 0; k < 4; ++k)
        taps.place[k] = inside(placed(s, {below + k - 1, 1}, size).at, size);
      if (std::isfinite(c.at)) set_cubic(c.at - below, taps);
      break;
  }
  double rate = 1;
  for (int order = 1; order < orders; ++order) {
    rate *= c.rate;
    for (int k = 0; k < taps.count; ++k) taps.weights[order][k] *= rate;
  }
  return taps;
}

}  // namespace

template <class P>
void find_taps(const GridSamples& s, const P* grid, int64_t n, bool gradient, GridTaps<P>& taps) {
  constexpr int64_t block = GridTaps<P>::block;
  const int sets = gradient ? s.axes : 1;
  for (int64_t p = 0; p < n; ++p, grid += s.axes) {
    AxisTaps along[3];  // in the order of the grid's coordinates, the last axis first
    for (int a = 0; a < s.axes; ++a)
      along[a] = taps_along(s, static_cast<double>(grid[a]), s.sizes[static_cast<size_t>(2 - a)]);
    if (s.axes < 3) along[2].weights[0][0] = 1;
    int t = 0;
    for (int i = 0; i < along[2].count; ++i)
      for (int j = 0; j < along[1].count; ++j)
        for (int k = 0; k < along[0].count; ++k, ++t) {
          const int64_t z = along[2].place[i], y = along[1].place[j], x = along[0].place[k];
          const int64_t at = t * block + p;
          const bool outside = z < 0 || y < 0 || x < 0;
          taps.place[at] =
              outside ? -1 : static_cast<int32_t>((z * s.sizes[1] + y) * s.sizes[2] + x);
          for (int set = 0; set < sets; ++set) {
            const auto order = [&](int a) {
              const int o = s.order[static_cast<size_t>(a)] + (gradient && a == set);
              return std::min(o, orders);
            };
            const auto weight = [&](int a, int tap) {
              return order(a) < orders ? along[a].weights[order(a)][tap] : 0;
            };
            taps.weights[set][at] = static_cast<P>(weight(2, i) * weight(1, j) * weight(0, k));
          }
        }
    taps.count = t;
  }
}

template void find_taps(const GridSamples&, const float*, int64_t, bool, GridTaps<float>&);
template void find_taps(const GridSamples&, const double*, int64_t, bool, GridTaps<double>&);

}  // namespace rw::kernels
