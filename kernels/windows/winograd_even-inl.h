// Included once per target by winograd_tiles.cpp: which tiles may be transformed.
#if defined(REWIND_KERNELS_WINOGRAD_EVEN_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_WINOGRAD_EVEN_INL_H_
#undef REWIND_KERNELS_WINOGRAD_EVEN_INL_H_
#else
#define REWIND_KERNELS_WINOGRAD_EVEN_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include <rewind/kernels/simd/lanes-inl.h>
#include <rewind/kernels/windows/winograd_tiles.h>
#include <rewind/tensor/allocator.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
constexpr int64_t lanes = static_cast<int64_t>(hn::MaxLanes(D()));

// The transforms mix the pixels of a tile, and what rounding takes from the largest of them is
// missing in all results: those, too, whose window holds small ones only. So a tile is transformed
// if it is even: what counts in each window is no less than a share of what the tile holds. A tile
// with a number that is not finite is uneven, one of zeros is even. This looks at pixels summed
// over their channels; filters are taken for dense.

// What is compared within a tile of side x side pixels: windows of extent x extent pixels, one at
// every `step`. The largest value may count `terms` times as much as the least window.
struct Windows {
  static constexpr int64_t side = winograd_window, extent = 3, step = 1;
  static constexpr double terms = 3;
};
struct Gradients {
  static constexpr int64_t side = winograd_tile, extent = 2, step = 2;
  static constexpr double terms = 1;
};

// Of |x|: the least sum over a window, the sum over the tile and the largest value. Fewer than a
// few terms may all meet small weights. The error is that of a sum of squares, which are at most
// the largest value times the total. Far from 1 transforms overflow or round to denormal numbers
// where results don't.
template <class Kind>
bool is_even(double least, double total, double largest) {
  if (total == 0) return true;
  return total > 0x1p-100 && total < 0x1p80 && least >= Kind::terms * largest &&
         32 * least * least >= largest * total;
}

// Calls f(c, load, store) for one vector of `channels` after the other, from c on.
template <class F>
HWY_INLINE void for_each_lanes(int64_t channels, F&& f) {
  int64_t c = 0;
  for (; c + lanes <= channels; c += lanes)
    f(
        c, [=](const auto* p) HWY_ATTR { return load(D(), p + c); },
        [=](V v, auto* p) HWY_ATTR { store(D(), v, p + c); });
  const int64_t rest = channels - c;
  if (rest > 0)
    f(
        c, [=](const auto* p) HWY_ATTR { return load_part(D(), p + c, rest, 0); },
        [=](V v, auto* p) HWY_ATTR { store_part(D(), v, p + c, rest); });
}

// Not Max: NaN has to come through.
HWY_INLINE V positive_part(V v) {
  const V zero = hn::Zero(D());
  return hn::IfThenElse(hn::Lt(v, zero), zero, v);
}

// Adds the pixels at p: one sum of |x| for each lane, and their maximum. What the maximum is where
// there are NaN does not matter: the sum is NaN.
template <size_t count, class T>
HWY_INLINE void add_pixels(const T* const (&p)[count], int64_t channels, V& sum, V& largest) {
  for_each_lanes(channels, [&](int64_t, auto load, auto) HWY_ATTR {
    // In pairs, so that few have to wait for each other.
    V sums[count], most[count];
    for (size_t i = 0; i < count; ++i) sums[i] = most[i] = hn::Abs(load(p[i]));
    for (size_t n = count / 2; n > 0; n /= 2)
      for (size_t i = 0; i < n; ++i) {
        sums[i] = hn::Add(sums[i], sums[i + n]);
        most[i] = hn::Max(most[i], most[i + n]);
      }
    sum = hn::Add(sum, sums[0]);
    largest = hn::Max(largest, most[0]);
  });
}

float sum_of(V v) { return hn::GetLane(hn::SumOfLanes(D(), v)); }
float largest_of(V v) { return hn::GetLane(hn::MaxOfLanes(D(), v)); }

// Most tiles are seen to be even by their cells of 2 x 2 pixels: each window holds a whole one, and
// tiles that overlap share them.
template <class Kind, class T>
class Finder {
 public:
  explicit Finder(const TiledImages<const T>& x)
      : x_(x),
        h_(x.h + 2 * x.offset.h() + winograd_tile - Kind::side),
        w_(x.w + 2 * x.offset.w() + winograd_tile - Kind::side),
        memory_(static_cast<size_t>(cells * (step * x.columns + cells))) {
    for (int64_t i = 0; i < cells; ++i) sums_[i] = memory_.data() + i * (step * x.columns + cells);
  }

  // Cheaper for tiles one after the other.
  bool is_even_tile(int64_t tile) {
    const int64_t column = tile % x_.columns, row = tile / x_.columns;
    const Place t = {.image = row / x_.rows,
                     .top = row % x_.rows * winograd_tile - x_.offset.h(),
                     .left = column * winograd_tile - x_.offset.w(),
                     .rows = std::min(winograd_tile, h_ - row % x_.rows * winograd_tile),
                     .columns = std::min(winograd_tile, w_ - column * winograd_tile)};
    sum_cells(t, row, step * column);
    return even_by_cells(t, step * column) || even_by_pixels(t);
  }

 private:
  // Where a tile begins, and how many of its results there are.
  struct Place {
    int64_t image, top, left, rows, columns;
  };

  // Each way in a tile, and from one tile to the next.
  static constexpr int64_t cells = Kind::side / 2, step = winograd_tile / 2;

  // Cells from `first` on of a row of tiles.
  void sum_cells(const Place& t, int64_t row, int64_t first) {
    if (row != row_) {
      // The last row of cells is the first one of the tiles below.
      const bool below = cells > step && row == row_ + 1 && row % x_.rows > 0;
      if (below) std::swap(sums_[0], sums_[cells - 1]);
      above_begin_ = below ? begin_ : 0;
      above_end_ = below ? end_ : 0;
      begin_ = end_ = first;
      row_ = row;
    }
    if (first > end_ || first < begin_) begin_ = end_ = first;
    for (int64_t j = end_; j < first + cells; ++j) {
      const bool known = j >= above_begin_ && j < above_end_;
      for (int64_t i = known; i < cells; ++i)
        sums_[i][j] = sum_cell(t.image, t.top + 2 * i, t.left + 2 * (j - first));
    }
    end_ = first + cells;
  }

  float sum_cell(int64_t image, int64_t i, int64_t j) {
    V sum = hn::Zero(D());
    if (inside(i, j) && inside(i + 1, j + 1)) {
      const T* const p = at(image, i, j);
      const T* const below = p + x_.w * x_.pixel;
      add_pixels({p, p + x_.pixel, below, below + x_.pixel}, x_.channels, sum, largest_);
    } else {
      for (int64_t k = 0; k < 4; ++k) add_pixel(image, i + k / 2, j + k % 2, sum, largest_);
    }
    return sum_of(sum);
  }

  bool even_by_cells(const Place& t, int64_t first) const {
    const int64_t in_rows = (t.rows + Kind::extent - 1) / 2;
    const int64_t in_columns = (t.columns + Kind::extent - 1) / 2;
    double total = 0, least = std::numeric_limits<double>::infinity();
    for (int64_t i = 0; i < cells; ++i)
      for (int64_t j = 0; j < cells; ++j) {
        const double sum = sums_[i][first + j];
        total += sum;
        if (i < in_rows && j < in_columns) least = std::min(least, sum);
      }
    // Less by more than rounding: what passes here has to pass by pixels as well, whatever was
    // looked at before.
    return is_even<Kind>(0.99 * least, total, largest_of(largest_));
  }

  bool even_by_pixels(const Place& t) const {
    float pixels[Kind::side][Kind::side];
    V largest = hn::Zero(D());
    double total = 0, least = std::numeric_limits<double>::infinity();
    for (int64_t i = 0; i < Kind::side; ++i)
      for (int64_t j = 0; j < Kind::side; ++j) {
        V sum = hn::Zero(D());
        add_pixel(t.image, t.top + i, t.left + j, sum, largest);
        total += pixels[i][j] = sum_of(sum);
      }
    for (int64_t i = 0; i < t.rows; i += Kind::step)
      for (int64_t j = 0; j < t.columns; j += Kind::step) {
        double window = 0;
        for (int64_t k = 0; k < Kind::extent * Kind::extent; ++k)
          window += pixels[i + k / Kind::extent][j + k % Kind::extent];
        least = std::min(least, window);
      }
    return is_even<Kind>(least, total, largest_of(largest));
  }

  bool inside(int64_t i, int64_t j) const { return i >= 0 && i < x_.h && j >= 0 && j < x_.w; }
  const T* at(int64_t image, int64_t i, int64_t j) const {
    return x_.data + ((image * x_.h + i) * x_.w + j) * x_.pixel;
  }
  void add_pixel(int64_t image, int64_t i, int64_t j, V& sum, V& largest) const {
    if (inside(i, j)) add_pixels({at(image, i, j)}, x_.channels, sum, largest);
  }

  const TiledImages<const T>& x_;
  int64_t h_, w_;  // of the results
  detail::CachedVector<float> memory_;
  float* sums_[size_t{cells}];
  // Which row of tiles the sums belong to, the cells that are known, and those of the row above.
  int64_t row_ = -2, begin_ = 0, end_ = 0, above_begin_ = 0, above_end_ = 0;
  V largest_ = hn::Zero(D());  // of all pixels so far: no less than that of the tile
};

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
