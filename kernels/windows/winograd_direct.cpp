#include <rewind/kernels/windows/winograd_direct.h>

#include <algorithm>
#include <type_traits>
#include <vector>

#include <rewind/kernels/matmul/gemm_block.h>
#include <rewind/kernels/pointwise/convert.h>
#include <rewind/tensor/allocator.h>

namespace rw::kernels {
namespace {

constexpr int64_t side = 3, taps = side * side, results = winograd_tile * winograd_tile;
// Tiles that are gathered for one product.
constexpr int64_t at_once = 8;

template <class T, class U>
void copy(const T* from, U* to, int64_t n) {
  if constexpr (std::is_same_v<T, U>)
    std::copy_n(from, n, to);
  else
    convert(from, to, n);
}

// The pixel (i, j) of a tile, null beyond the border.
template <class T>
T* pixel(const TiledImages<T>& x, int64_t tile, int64_t i, int64_t j) {
  const int64_t row = tile / x.columns % x.rows * winograd_tile - x.offset.h() + i;
  const int64_t column = tile % x.columns * winograd_tile - x.offset.w() + j;
  if (row < 0 || row >= x.h || column < 0 || column >= x.w) return nullptr;
  return x.data + ((tile / (x.rows * x.columns) * x.h + row) * x.w + column) * x.pixel;
}

template <class T>
void gather_pixel(const TiledImages<const T>& x, int64_t tile, int64_t i, int64_t j, float* to) {
  if (const T* p = pixel(x, tile, i, j))
    copy(p, to, x.channels);
  else
    std::fill_n(to, x.channels, 0.0f);
}

// The pixels of the window that result r of a tile depends on.
template <class T>
void gather_window(const TiledImages<const T>& x, int64_t tile, int64_t r, float* to) {
  for (int64_t t = 0; t < taps; ++t)
    gather_pixel(x, tile, r / winograd_tile + t / side, r % winograd_tile + t % side,
                 to + t * x.channels);
}

// f(tiles, count) for up to `at_once` of the marked tiles after the other.
template <class F>
void for_each_group(int64_t first, int64_t count, const uint8_t* marked, F&& f) {
  int64_t group[at_once], size = 0;
  for (int64_t t = 0; t < count; ++t) {
    if (marked[t]) group[size++] = first + t;
    if (size == at_once || (size > 0 && t == count - 1)) {
      f(group, size);
      size = 0;
    }
  }
}

using Floats = detail::CachedVector<float>;

}  // namespace

template <class T>
void direct_results(const TiledImages<const T>& x, const Filters& w, const float* bias,
                    int64_t first, int64_t count, const uint8_t* marked, const TiledImages<T>& y) {
  if (std::none_of(marked, marked + count, [](uint8_t m) { return m; })) return;
  const int64_t window = taps * x.channels;
  Floats windows(static_cast<size_t>(at_once * results * window));
  Floats sums(static_cast<size_t>(at_once * results * w.out));
  for_each_group(first, count, marked, [&](const int64_t* tiles, int64_t size) {
    for (int64_t i = 0; i < size * results; ++i)
      gather_window(x, tiles[i / results], i % results, windows.data() + i * window);
    for (int64_t t = 0; t < taps; ++t)
      gemm_block({.m = size * results,
                  .n = w.out,
                  .k = x.channels,
                  .a = {windows.data() + t * x.channels, window, 1},
                  .b = {w.data + t / side * w.stride.h() + t % side * w.stride.w(), w.in_stride,
                        w.out_stride},
                  .bias = t == 0 ? bias : nullptr,
                  .c = sums.data(),
                  .c_row = w.out},
                 t > 0);
    for (int64_t i = 0; i < size * results; ++i) {
      T* const to = pixel(y, tiles[i / results], i % results / winograd_tile, i % winograd_tile);
      if (!to) continue;
      float* const sum = sums.data() + i * w.out;
      if (y.add)
        for (int64_t k = 0; k < w.out; ++k) sum[k] += static_cast<float>(y.add[to - y.data + k]);
      if (y.relu)
        for (int64_t k = 0; k < w.out; ++k) sum[k] = sum[k] < 0 ? 0 : sum[k];
      copy(sum, to, w.out);
    }
  });
}

template <class T>
void add_direct_filter_gradient(const TiledImages<const T>& x, const TiledImages<const T>& g,
                                int64_t tiles, const uint8_t* marked, float* dw, int64_t filter) {
  if (std::none_of(marked, marked + tiles, [](uint8_t m) { return m; })) return;
  const int64_t window = taps * x.channels;
  Floats windows(static_cast<size_t>(at_once * results * window));
  Floats gradients(static_cast<size_t>(at_once * results * g.channels));
  Floats sums(static_cast<size_t>(g.channels * window));
  std::fill(sums.begin(), sums.end(), 0.0f);
  for_each_group(0, tiles, marked, [&](const int64_t* group, int64_t size) {
    int64_t rows = 0;
    for (int64_t i = 0; i < size * results; ++i) {
      const int64_t tile = group[i / results], r = i % results;
      const T* const gradient = pixel(g, tile, r / winograd_tile, r % winograd_tile);
      if (!gradient) continue;
      gather_window(x, tile, r, windows.data() + rows * window);
      copy(gradient, gradients.data() + rows * g.channels, g.channels);
      ++rows;
    }
    gemm_block({.m = g.channels,
                .n = window,
                .k = rows,
                .a = {gradients.data(), 1, g.channels},
                .b = {windows.data(), window, 1},
                .bias = nullptr,
                .c = sums.data(),
                .c_row = window},
               true);
  });
  for (int64_t k = 0; k < g.channels; ++k)
    for (int64_t c = 0; c < x.channels; ++c)
      for (int64_t t = 0; t < taps; ++t)
        dw[k * filter + c * taps + t] += sums[static_cast<size_t>(k * window + t * x.channels + c)];
}

#define REWIND_DIRECT(T)                                                                           \
  template void direct_results(const TiledImages<const T>&, const Filters&, const float*, int64_t, \
                               int64_t, const uint8_t*, const TiledImages<T>&);                    \
  template void add_direct_filter_gradient(const TiledImages<const T>&,                            \
                                           const TiledImages<const T>&, int64_t, const uint8_t*,   \
                                           float*, int64_t);
REWIND_DIRECT(float)
REWIND_DIRECT(BFloat16)
#undef REWIND_DIRECT

}  // namespace rw::kernels
