#include <rewind/kernels/matmul/dots.h>

#include <type_traits>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/matmul/dots.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

constexpr int64_t together = 4;  // sums at a time, which do not wait for each other

// Integers wrap around.
template <class T>
using Total = std::conditional_t<std::is_integral_v<T>, uint64_t, Compute<T>>;

template <class T>
Total<T> strided_dot(const T* a, int64_t a_step, const T* b, int64_t b_step, int64_t n) {
  using S = Total<T>;
  S sums[together] = {};
  int64_t k = 0;
  for (; k + together <= n; k += together)
    for (int64_t j = 0; j < together; ++j)
      sums[j] += static_cast<S>(a[(k + j) * a_step]) * static_cast<S>(b[(k + j) * b_step]);
  for (; k < n; ++k) sums[0] += static_cast<S>(a[k * a_step]) * static_cast<S>(b[k * b_step]);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

template <class T>
Total<T> adjacent_dot(const T* a, const T* b, int64_t n) {
  if constexpr (std::is_integral_v<T>) {
    return strided_dot(a, 1, b, 1, n);
  } else {
    const hn::ScalableTag<Compute<T>> d;
    const auto lanes = static_cast<int64_t>(hn::Lanes(d));
    auto s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
    int64_t k = 0;
    for (; k + together * lanes <= n; k += together * lanes) {
      s0 = hn::MulAdd(load(d, a + k), load(d, b + k), s0);
      s1 = hn::MulAdd(load(d, a + k + lanes), load(d, b + k + lanes), s1);
      s2 = hn::MulAdd(load(d, a + k + 2 * lanes), load(d, b + k + 2 * lanes), s2);
      s3 = hn::MulAdd(load(d, a + k + 3 * lanes), load(d, b + k + 3 * lanes), s3);
    }
    for (; k + lanes <= n; k += lanes) s0 = hn::MulAdd(load(d, a + k), load(d, b + k), s0);
    const auto sum = hn::Add(hn::Add(s0, s1), hn::Add(s2, s3));
    return hn::GetLane(hn::SumOfLanes(d, sum)) + strided_dot(a + k, 1, b + k, 1, n - k);
  }
}

void Dots(DType dtype, int64_t begin, int64_t end, int64_t n, const void* a, const int64_t* a_steps,
          const void* b, const int64_t* b_steps, void* c) {
  dispatch_among<float, BFloat16, Float16, double, int64_t>(dtype, [&]<class T>() {
    const bool adjacent = a_steps[1] == 1 && b_steps[1] == 1;
    for (int64_t i = begin; i < end; ++i) {
      const T* x = static_cast<const T*>(a) + i * a_steps[0];
      const T* y = static_cast<const T*>(b) + i * b_steps[0];
      static_cast<T*>(c)[i] = static_cast<T>(
          adjacent ? adjacent_dot(x, y, n) : strided_dot(x, a_steps[1], y, b_steps[1], n));
    }
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(Dots);

template <class T>
void dots(int64_t count, int64_t n, const Matrix<T>& a, const Matrix<T>& b, T* c) {
  constexpr int64_t grain = 1 << 15;
  const int64_t a_steps[] = {a.row, a.column}, b_steps[] = {b.row, b.column};
  parallel_for(0, count, grain / (n + 1) + 1, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(Dots)(dtype_of<T>, begin, end, n, a.data, a_steps, b.data, b_steps, c);
  });
}

template void dots(int64_t, int64_t, const Matrix<float>&, const Matrix<float>&, float*);
template void dots(int64_t, int64_t, const Matrix<double>&, const Matrix<double>&, double*);
template void dots(int64_t, int64_t, const Matrix<BFloat16>&, const Matrix<BFloat16>&, BFloat16*);
template void dots(int64_t, int64_t, const Matrix<Float16>&, const Matrix<Float16>&, Float16*);
template void dots(int64_t, int64_t, const Matrix<int64_t>&, const Matrix<int64_t>&, int64_t*);

}  // namespace rw::kernels
#endif
