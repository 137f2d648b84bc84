#include <rewind/kernels/simd/targets.h>
#include <rewind/kernels/windows/pool_kernel.h>
#include <rewind/tensor/dispatch.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/windows/avg_pool_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/windows/pool_walk-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

void avg_rows(const Pool& pool, const void* x, const double* row_share, const double* col_share,
              void* y, int64_t begin, int64_t end) {
  dispatch_among<float, BFloat16, Float16, double, int64_t>(pool.dtype, [&]<class T>() {
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

HWY_EXPORT(avg_rows);
HWY_EXPORT(avg_backward_rows);

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

}  // namespace rw::kernels
#endif
