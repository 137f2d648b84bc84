#include <rewind/kernels/pointwise/convert.h>

#include <rewind/kernels/simd/targets.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/pointwise/convert.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

template <class From, class To>
void convert_all(const From* x, To* y, int64_t n) {
  const hn::ScalableTag<float> d;
  for_each_vector(d, n, [&](auto load, auto store) HWY_ATTR { store(load(x, 0.0f), y); });
}

void from_bf16(const BFloat16* x, float* y, int64_t n) { convert_all(x, y, n); }
void to_bf16(const float* x, BFloat16* y, int64_t n) { convert_all(x, y, n); }

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(from_bf16);
HWY_EXPORT(to_bf16);

void convert(const BFloat16* x, float* y, int64_t n) { HWY_DYNAMIC_DISPATCH(from_bf16)(x, y, n); }
void convert(const float* x, BFloat16* y, int64_t n) { HWY_DYNAMIC_DISPATCH(to_bf16)(x, y, n); }

}  // namespace rw::kernels
#endif
