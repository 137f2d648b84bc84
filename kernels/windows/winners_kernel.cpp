#include <rewind/kernels/simd/targets.h>
#include <rewind/kernels/windows/pool_kernel.h>
#include <rewind/tensor/dispatch.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/windows/winners_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/windows/pool_walk-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// y = the sum of x over the windows that each place won, or x at each window's winner.
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

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(max_backward_rows);
HWY_EXPORT(max_gather_rows);

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

}  // namespace rw::kernels
#endif
