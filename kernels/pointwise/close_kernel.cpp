#include <rewind/kernels/pointwise/close_kernel.h>

#include <cmath>
#include <limits>
#include <type_traits>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/map.h>
#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/pointwise/close_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#ifndef REWIND_CLOSE_RUN
#define REWIND_CLOSE_RUN
namespace rw::kernels {
using CloseRun = void (*)(Tolerance t, const char* x, int64_t x_step, const char* y, int64_t y_step,
                          char* z, int64_t n);
}  // namespace rw::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// Of integers it is exact, which it would not be in float64.
template <class T>
HWY_INLINE double distance(T x, T y) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<double>(x < y ? static_cast<uint64_t>(y) - static_cast<uint64_t>(x)
                                     : static_cast<uint64_t>(x) - static_cast<uint64_t>(y));
  else
    return std::abs(static_cast<double>(x) - static_cast<double>(y));
}

// A loop that the compiler makes vectors of.
template <class T>
void close_run(Tolerance t, const char* xs, int64_t x_step, const char* ys, int64_t y_step,
               char* zs, int64_t n) {
  using C = Compute<T>;
  const auto *x = reinterpret_cast<const T*>(xs), *y = reinterpret_cast<const T*>(ys);
  auto* z = reinterpret_cast<uint8_t*>(zs);
  for (int64_t i = 0; i < n; ++i) {
    const C u = static_cast<C>(x[i * x_step]), v = static_cast<C>(y[i * y_step]);
    const double d = distance(u, v);
    const double bound = t.absolute + t.relative * std::abs(static_cast<double>(v));
    const bool is_finite = d <= std::numeric_limits<double>::max();
    z[i] = (u == v) | (is_finite & (d <= bound)) | (t.equal_nan & (u != u) & (v != v));
  }
}

CloseRun FindClose(DType dtype) {
  return dispatch(dtype, []<class T>() -> CloseRun {
    return close_run<std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>>;
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(FindClose);

void close(Tolerance tolerance, DType dtype, const Shape& shape, const Operand& a, const Operand& b,
           const Operand& y) {
  const CloseRun run = HWY_DYNAMIC_DISPATCH(FindClose)(dtype);
  const size_t bytes = itemsize(dtype);
  Map<3>(shape, {{&a, &b, &y}}, {{bytes, bytes, 1}})
      .run([&](const auto& at, int64_t n, const auto& step) {
        run(tolerance, at[0], step[0], at[1], step[1], at[2], n);
      });
}

}  // namespace rw::kernels
#endif
