#include <rewind/kernels/images/image_kernel.h>

#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/images/image_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

template <class T>
void normalize_plane(const T* x, T mean, T factor, T* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - mean) * factor;
}

void Normalize(DType dtype, int64_t planes, int64_t channels, int64_t pixels, const void* x,
               const double* means, const double* factors, void* y) {
  dispatch_among<float, double>(dtype, [&]<class T>() {
    for (int64_t p = 0; p < planes; ++p)
      normalize_plane(static_cast<const T*>(x) + p * pixels, static_cast<T>(means[p % channels]),
                      static_cast<T>(factors[p % channels]), static_cast<T*>(y) + p * pixels,
                      pixels);
  });
}

void ScaleBytes(DType dtype, int64_t n, const uint8_t* x, void* y) {
  dispatch_among<float, double>(dtype, [&]<class T>() {
    constexpr auto factor = static_cast<T>(1.0 / 255);
    T* to = static_cast<T*>(y);
    for (int64_t i = 0; i < n; ++i) to[i] = static_cast<T>(x[i]) * factor;
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(Normalize);
HWY_EXPORT(ScaleBytes);

void normalize_planes(DType dtype, int64_t planes, int64_t channels, int64_t pixels, const void* x,
                      const double* means, const double* factors, void* y) {
  HWY_DYNAMIC_DISPATCH(Normalize)(dtype, planes, channels, pixels, x, means, factors, y);
}

void scale_bytes(DType dtype, int64_t n, const uint8_t* x, void* y) {
  HWY_DYNAMIC_DISPATCH(ScaleBytes)(dtype, n, x, y);
}

void look_up(int64_t n, const uint8_t* x, const uint8_t* table, uint8_t* y) {
  for (int64_t i = 0; i < n; ++i) y[i] = table[x[i]];
}

}  // namespace rw::kernels
#endif
