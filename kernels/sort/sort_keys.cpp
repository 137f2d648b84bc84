#include <rewind/kernels/sort/sort_keys.h>

#include <algorithm>

#include <rewind/kernels/simd/targets.h>
#include <rewind/kernels/sort/sort_entry.h>
#include <rewind/tensor/dispatch.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/sort/sort_keys.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

template <class T>
KeyRange keys_of(const T* x, int64_t n, SortKey<T>* keys) {
  constexpr int64_t block = 1024;  // two loops, which the compiler makes vectors of
  SortKey<T> least = sort_key(x[0]), most = least;
  for (int64_t begin = 0; begin < n; begin += block) {
    const int64_t end = std::min(n, begin + block);
    for (int64_t i = begin; i < end; ++i) keys[i] = sort_key(x[i]);
    for (int64_t i = begin; i < end; ++i) {
      least = std::min(least, keys[i]);
      most = std::max(most, keys[i]);
    }
  }
  return {least, most};
}

KeyRange TakeKeys(DType dtype, const void* x, int64_t n, void* keys) {
  KeyRange range{};
  dispatch(dtype, [&]<class T>() {
    range = keys_of(static_cast<const T*>(x), n, static_cast<SortKey<T>*>(keys));
  });
  return range;
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(TakeKeys);

KeyRange take_keys(DType dtype, const void* x, int64_t n, void* keys) {
  return HWY_DYNAMIC_DISPATCH(TakeKeys)(dtype, x, n, keys);
}

}  // namespace rw::kernels
#endif
