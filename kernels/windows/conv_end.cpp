#include <rewind/kernels/windows/conv_end.h>

#include <rewind/kernels/simd/targets.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/windows/conv_end.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/lanes-inl.h>
#include <rewind/kernels/windows/winograd_even-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

template <class T>
void finish(const T* add, int64_t count, T* y) {
  for_each_lanes(count, [&](int64_t, auto load, auto store) HWY_ATTR {
    const V sum = add ? hn::Add(load(y), load(add)) : load(y);
    store(positive_part(sum), y);
  });
}
void FinishFloat(const float* add, int64_t count, float* y) { finish(add, count, y); }
void FinishBFloat16(const BFloat16* add, int64_t count, BFloat16* y) { finish(add, count, y); }

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(FinishFloat);
HWY_EXPORT(FinishBFloat16);
void add_and_relu(const float* add, int64_t count, float* y) {
  HWY_DYNAMIC_DISPATCH(FinishFloat)(add, count, y);
}
void add_and_relu(const BFloat16* add, int64_t count, BFloat16* y) {
  HWY_DYNAMIC_DISPATCH(FinishBFloat16)(add, count, y);
}

}  // namespace rw::kernels
#endif
