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

void max_pool_indices(const Pool& pool, const Winners& winners, int64_t* indices) {
  const int64_t height = pool.rows.targets(), width = pool.cols.targets();
  const auto winner = [&](int64_t at) -> int64_t {
    return winners.bytes == 1 ? static_cast<const uint8_t*>(winners.data)[at]
                              : static_cast<const uint32_t*>(winners.data)[at];
  };
  for_rows(pool, [&](int64_t begin, int64_t end) {
    std::fill(indices + begin * width * pool.channels, indices + end * width * pool.channels, -1);
    for (int64_t pixel = begin * width; pixel < end * width; ++pixel)
      for (const Tap& row : pool.rows.of(pixel / width % height))
        for (const Tap& col : pool.cols.of(pixel % width))
          for (int64_t at = pixel * pool.channels; at < (pixel + 1) * pool.channels; ++at)
            if (winner(at) == row.position + col.position)
              indices[at] = row.source * pool.cols.sources() + col.source;
  });
}

}  // namespace rw::kernels
#endif
