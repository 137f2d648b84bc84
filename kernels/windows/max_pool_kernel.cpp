#include <algorithm>
#include <limits>
#include <vector>

#include <rewind/kernels/simd/targets.h>
#include <rewind/kernels/windows/pool_kernel.h>
#include <rewind/tensor/dispatch.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/windows/max_pool_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/windows/pool_walk-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

template <class T>
void max_of(const Pool& pool, const void* x, void* y, const Winners& w, int64_t begin,
            int64_t end) {
  const auto* px = static_cast<const T*>(x);
  auto* py = static_cast<T*>(y);
  if (!w.data)
    run(pool, begin, end, Max<T, void>{px, py, nullptr});
  else if (w.bytes == 1)
    run(pool, begin, end, Max<T, uint8_t>{px, py, static_cast<uint8_t*>(w.data)});
  else
    run(pool, begin, end, Max<T, uint32_t>{px, py, static_cast<uint32_t*>(w.data)});
}

void max_rows(const Pool& pool, const void* x, void* y, const Winners& w, int64_t begin,
              int64_t end) {
  dispatch_among<float, BFloat16, Float16, double, int32_t, int64_t>(
      pool.dtype, [&]<class T>() { max_of<T>(pool, x, y, w, begin, end); });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(max_rows);

void max_pool(const Pool& pool, const void* x, void* y, const Winners& winners) {
  for_rows(pool, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(max_rows)(pool, x, y, winners, begin, end);
  });
}

namespace {

constexpr int64_t no_window = std::numeric_limits<int64_t>::min();

// Where a window has its position 0, perhaps outside.
int64_t start_of(const Taps& taps, std::span<const Tap> window) {
  if (window.empty()) return no_window;
  int64_t position = window[0].position;
  return window[0].source - taps.offset(position);
}

int64_t greatest_position(const Taps& taps) {
  int64_t greatest = 0;
  for (int64_t t = 0; t < taps.targets(); ++t)
    if (const auto window = taps.of(t); !window.empty())
      greatest = std::max<int64_t>(greatest, window.back().position);
  return greatest;
}

// By winner, how far from the start of its window it lies.
class WinnerOffsets {
 public:
  WinnerOffsets(const Pool& pool, const Winners& winners) : pool_(pool) {
    if (winners.bytes != 1) return;
    const int64_t greatest = greatest_position(pool.rows) + greatest_position(pool.cols);
    for (int64_t k = 0; k <= greatest; ++k) table_[k] = computed_for(k);
  }
  int64_t of(uint8_t winner) const { return table_[winner]; }
  int64_t of(uint32_t winner) const { return computed_for(winner); }

 private:
  int64_t computed_for(int64_t winner) const {
    const int64_t down = pool_.rows.offset(winner) * pool_.cols.sources();
    return down + pool_.cols.offset(winner);
  }

  const Pool& pool_;
  int64_t table_[256];  // of winners of one byte
};

template <class W>
void write_indices(const Pool& pool, const W* winners, const WinnerOffsets& offsets,
                   int64_t* indices) {
  const int64_t height = pool.rows.targets(), width = pool.cols.targets();
  std::vector<int64_t> starts(static_cast<size_t>(width));  // of the windows along a row
  for (int64_t j = 0; int64_t & start : starts) start = start_of(pool.cols, pool.cols.of(j++));
  for_rows(pool, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t top = start_of(pool.rows, pool.rows.of(row % height));
      int64_t at = row * width * pool.channels;
      for (const int64_t left : starts) {
        const bool is_empty = top == no_window || left == no_window;
        const int64_t start = is_empty ? 0 : top * pool.cols.sources() + left;
        for (const int64_t last = at + pool.channels; at < last; ++at)
          indices[at] = is_empty ? -1 : start + offsets.of(winners[at]);
      }
    }
  });
}

}  // namespace

void max_pool_indices(const Pool& pool, const Winners& winners, int64_t* indices) {
  const WinnerOffsets offsets(pool, winners);
  if (winners.bytes == 1)
    write_indices(pool, static_cast<const uint8_t*>(winners.data), offsets, indices);
  else
    write_indices(pool, static_cast<const uint32_t*>(winners.data), offsets, indices);
}

}  // namespace rw::kernels
#endif
