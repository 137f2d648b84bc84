#include <algorithm>

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
  dispatch_among<float, BFloat16, double>(pool.dtype,
                                          [&]<class T>() { max_of<T>(pool, x, y, w, begin, end); });
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

// Where a window has its position 0, perhaps outside.
int64_t start_of(const Taps& taps, std::span<const Tap> window) {
  const Tap step = taps.step_within();
  return window[0].source - int64_t{window[0].position} / step.position * step.source;
}

}  // namespace

void max_pool_indices(const Pool& pool, const Winners& winners, int64_t* indices) {
  const int64_t height = pool.rows.targets(), width = pool.cols.targets();
  const int64_t row = pool.cols.sources();
  const Tap down = pool.rows.step_within(), right = pool.cols.step_within();
  const auto offset = [&](int64_t winner) {
    return winner / down.position * down.source * row + winner % down.position * right.source;
  };
  int64_t offsets[256];  // of winners of one byte, where there are enough of them
  const bool by_table = winners.bytes == 1 && pool.planes * height * width * pool.channels > 1024;
  for (int64_t k = 0; by_table && k < 256; ++k) offsets[k] = offset(k);
  const auto* bytes = static_cast<const uint8_t*>(winners.data);
  const auto* words = static_cast<const uint32_t*>(winners.data);
  for_rows(pool, [&](int64_t begin, int64_t end) {
    for (int64_t pixel = begin * width; pixel < end * width; ++pixel) {
      const auto down_window = pool.rows.of(pixel / width % height),
                 right_window = pool.cols.of(pixel % width);
      const int64_t first = pixel * pool.channels, last = first + pool.channels;
      if (down_window.empty() || right_window.empty()) {
        std::fill(indices + first, indices + last, -1);
        continue;
      }
      const int64_t start =
          start_of(pool.rows, down_window) * row + start_of(pool.cols, right_window);
      for (int64_t at = first; at < last; ++at)
        indices[at] = start + (by_table             ? offsets[bytes[at]]
                               : winners.bytes == 1 ? offset(bytes[at])
                                                    : offset(words[at]));
    }
  });
}

}  // namespace rw::kernels
#endif
