#include <rewind/kernels/reduce/scan_kernel.h>

#include <type_traits>

#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/reduce/scan_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/scan-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

template <class T>
struct Sum {
  using Total = std::conditional_t<std::is_integral_v<T>, uint64_t, double>;
  static constexpr Total none = 0;
  template <class V>
  static HWY_INLINE V next(V total, V x) {
    if constexpr (std::is_arithmetic_v<V>)
      return total + x;
    else
      return hn::Add(total, x);
  }
};

void CumulativeSum(DType dtype, Groups groups, bool from_end, const void* x, void* y) {
  dispatch_among<int64_t, Float16, BFloat16, float, double>(dtype, [&]<class T>() {
    Scanner<Sum<T>, T>::run(groups, from_end, static_cast<const T*>(x), static_cast<T*>(y));
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(CumulativeSum);

void cumulative_sum(DType dtype, Groups groups, bool from_end, const void* x, void* y) {
  HWY_DYNAMIC_DISPATCH(CumulativeSum)(dtype, groups, from_end, x, y);
}

}  // namespace rw::kernels
#endif
