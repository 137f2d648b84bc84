#include <rewind/kernels/random/dropout_kernel.h>

#include <algorithm>
#include <type_traits>

#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/random/dropout_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/random/philox-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
void dropout_blocks(const DropoutMask& mask, double scale, const T* x, T* y, int64_t n,
                    int64_t begin, int64_t end) {
  using C = std::conditional_t<std::is_same_v<T, double>, double, float>;
  constexpr int64_t blocks = 128;  // a multiple of the lanes of any vector
  HWY_ALIGN uint32_t numbers[4 * blocks];
  const auto factor = static_cast<C>(scale);
  const uint32_t threshold = mask.threshold;
  for (int64_t b = begin; b < end; b += blocks) {
    philox_numbers(mask.seed, mask.first + static_cast<uint64_t>(b), std::min(blocks, end - b),
                   numbers);
    const int64_t count = std::min({4 * blocks, 4 * (end - b), n - 4 * b});
    const T* in = x + 4 * b;
    T* out = y + 4 * b;
    for (int64_t i = 0; i < count; ++i)
      out[i] = static_cast<T>(numbers[i] >= threshold ? static_cast<C>(in[i]) * factor : C(0));
  }
}

void Dropout(DType dtype, const DropoutMask& mask, double scale, const void* x, void* y,
             int64_t n) {
  dispatch_floating(dtype, [&]<class T>() {
    parallel_for(0, (n + 3) / 4, 1 << 11, [&](int64_t begin, int64_t end) {
      dropout_blocks(mask, scale, static_cast<const T*>(x), static_cast<T*>(y), n, begin, end);
    });
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(Dropout);

void dropout(DType dtype, const DropoutMask& mask, double scale, const void* x, void* y,
             int64_t n) {
  HWY_DYNAMIC_DISPATCH(Dropout)(dtype, mask, scale, x, y, n);
}

}  // namespace rw::kernels
#endif
