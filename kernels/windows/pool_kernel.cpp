#include <rewind/kernels/windows/pool_kernel.h>

#include <algorithm>

#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/windows/pool_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/windows/pool_ops-inl.h>
#include <rewind/kernels/windows/pool_pairs-inl.h>
#include <rewind/kernels/windows/pool_rows-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// Rows [begin, end) of all planes' targets, with vectors of channels.
template <class D, class Op>
void walk(D d, const Pool& pool, int64_t begin, int64_t end, const Op& op) {
  const int64_t height = pool.rows.targets(), width = pool.cols.targets();
  Site site;
  site.channels = pool.channels;
  site.source_row = pool.cols.sources() * pool.channels;
  site.target = begin * width * pool.channels;
  for (int64_t line = begin; line < end; ++line) {
    site.i = line % height;
    site.plane = line / height * pool.rows.sources() * site.source_row;
    const std::span<const Tap> rows = pool.rows.of(site.i);
    for (site.j = 0; site.j < width; ++site.j, site.target += pool.channels)
      across(d, op, rows, pool.cols.of(site.j), site, pool.channels);
  }
}

template <class Op>
void run(const Pool& pool, int64_t begin, int64_t end, const Op& op) {
  if constexpr (!std::is_same_v<typename Op::Value, BFloat16>)
    if (goes_by_pairs<Op>(pool)) return walk_pairs(pool, begin, end, op);
  using P = Compute<typename Op::Value>;
  // From measurements: with few channels to a pixel, the way through its taps costs more than to
  // bring together what vectors along a row need. That is less for targets than for sources.
  const int64_t few = op.regular(pool.cols).step > 1 ? 3 : 16;
  if (pool.channels <= few) return RowWalk<Op>(pool, op)(begin, end);
  with_vectors_for<P>(pool.channels, [&](auto d) { walk(d, pool, begin, end, op); });
}

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
template <class T, bool at_source>
void sum_winners_of(const Pool& pool, const void* x, const Winners& w, void* y, int64_t begin,
                    int64_t end) {
  const auto* px = static_cast<const T*>(x);
  auto* py = static_cast<T*>(y);
  if (w.bytes == 1)
    run(pool, begin, end,
        SumWinners<T, uint8_t, at_source>{px, py, static_cast<const uint8_t*>(w.data)});
  else
    run(pool, begin, end,
        SumWinners<T, uint32_t, at_source>{px, py, static_cast<const uint32_t*>(w.data)});
}

void max_rows(const Pool& pool, const void* x, void* y, const Winners& w, int64_t begin,
              int64_t end) {
  dispatch_floating(pool.dtype, [&]<class T>() { max_of<T>(pool, x, y, w, begin, end); });
}
void max_backward_rows(const Pool& pool, const void* g, const Winners& w, void* dx, int64_t begin,
                       int64_t end) {
  dispatch_floating(pool.dtype,
                    [&]<class T>() { sum_winners_of<T, true>(pool, g, w, dx, begin, end); });
}
void max_gather_rows(const Pool& pool, const void* x, const Winners& w, void* y, int64_t begin,
                     int64_t end) {
  dispatch_floating(pool.dtype,
                    [&]<class T>() { sum_winners_of<T, false>(pool, x, w, y, begin, end); });
}
void avg_rows(const Pool& pool, const void* x, const double* row_share, const double* col_share,
              void* y, int64_t begin, int64_t end) {
  dispatch_floating(pool.dtype, [&]<class T>() {
    run(pool, begin, end,
        Average<T>{static_cast<const T*>(x), static_cast<T*>(y), row_share, col_share});
  });
}
void avg_backward_rows(const Pool& pool, const void* g, const double* row_share,
                       const double* col_share, void* dx, int64_t begin, int64_t end) {
  dispatch_floating(pool.dtype, [&]<class T>() {
    run(pool, begin, end,
        AverageBackward<T>{static_cast<const T*>(g), static_cast<T*>(dx), row_share, col_share});
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(max_rows);
HWY_EXPORT(max_backward_rows);
HWY_EXPORT(max_gather_rows);
HWY_EXPORT(avg_rows);
HWY_EXPORT(avg_backward_rows);

namespace {

// f(begin, end) over the rows of all planes' targets, some thousand elements at least.
template <class F>
void for_rows(const Pool& pool, F&& f) {
  const int64_t larger = std::max(pool.cols.targets(), pool.cols.sources());
  const int64_t grain = (1 << 14) / std::max<int64_t>(larger * pool.channels, 1) + 1;
  parallel_for(0, pool.planes * pool.rows.targets(), grain, f);
}

}  // namespace

void max_pool(const Pool& pool, const void* x, void* y, const Winners& winners) {
  for_rows(pool, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(max_rows)(pool, x, y, winners, begin, end);
  });
}
void max_pool_backward(const Pool& pool, const void* g, const Winners& winners, void* dx) {
  for_rows(pool, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(max_backward_rows)(pool, g, winners, dx, begin, end);
  });
}
void max_pool_gather(const Pool& pool, const void* x, const Winners& winners, void* y) {
  for_rows(pool, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(max_gather_rows)(pool, x, winners, y, begin, end);
  });
}
void avg_pool(const Pool& pool, const void* x, const std::vector<double>& row_share,
              const std::vector<double>& col_share, void* y) {
  for_rows(pool, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(avg_rows)(pool, x, row_share.data(), col_share.data(), y, begin, end);
  });
}
void avg_pool_backward(const Pool& pool, const void* g, const std::vector<double>& row_share,
                       const std::vector<double>& col_share, void* dx) {
  for_rows(pool, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(avg_backward_rows)
    (pool, g, row_share.data(), col_share.data(), dx, begin, end);
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
