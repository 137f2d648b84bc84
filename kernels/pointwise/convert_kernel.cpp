#include <algorithm>
#include <type_traits>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/index/copy.h>
#include <rewind/kernels/map.h>
#include <rewind/kernels/pointwise/convert.h>
#include <rewind/kernels/pointwise/pointwise_kernel.h>
#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/pointwise/convert_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/lanes-inl.h>

#ifndef REWIND_CONVERT_RUN
#define REWIND_CONVERT_RUN
namespace rw::kernels {
using ConvertRun = void (*)(const char* x, int64_t step, char* y, int64_t n);
}  // namespace rw::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

template <class To, class From>
HWY_INLINE To converted(From v) {
  if constexpr (std::is_same_v<To, bool>)
    return v != From{};
  else if constexpr (std::is_integral_v<From>)
    return static_cast<To>(v);
  else
    return number_cast<To>(static_cast<double>(v));
}

// A loop that the compiler makes vectors of.
template <class From, class To>
void convert_plain(const char* xs, char* ys, int64_t n) {
  const auto* x = reinterpret_cast<const From*>(xs);
  auto* y = reinterpret_cast<To*>(ys);
  for (int64_t i = 0; i < n; ++i) y[i] = converted<To>(x[i]);
}

template <class From, class To>
void convert_row(const char* x, char* y, int64_t n);

// Through a few numbers of float32.
template <class From, class To>
void convert_in_pieces(const char* x, char* y, int64_t n) {
  constexpr int64_t piece = 256;
  float numbers[piece];
  auto* p = reinterpret_cast<char*>(numbers);
  for (int64_t i = 0; i < n; i += piece) {
    const int64_t m = std::min(piece, n - i);
    convert_row<From, float>(x + i * static_cast<int64_t>(sizeof(From)), p, m);
    convert_row<float, To>(p, y + i * static_cast<int64_t>(sizeof(To)), m);
  }
}

template <class From, class To>
void convert_row(const char* x, char* y, int64_t n) {
  if constexpr (std::is_same_v<Compute<From>, float> && std::is_same_v<Compute<To>, float>) {
    convert_floats(reinterpret_cast<const From*>(x), reinterpret_cast<To*>(y), n);
  } else if constexpr (is_reduced<From> || is_reduced<To>) {
    convert_in_pieces<From, To>(x, y, n);
  } else {
    convert_plain<From, To>(x, y, n);
  }
}

template <class From, class To>
void convert_run(const char* x, int64_t step, char* y, int64_t n) {
  if (step != 0) return convert_row<From, To>(x, y, n);
  convert_row<From, To>(x, y, 1);
  auto* to = reinterpret_cast<To*>(y);
  std::fill_n(to, n, To(*to));
}

ConvertRun FindConvert(DType from, DType to) {
  return dispatch(from, [&]<class From>() {
    // The compiler makes no vectors of truth values.
    using Stored = std::conditional_t<std::is_same_v<From, bool>, uint8_t, From>;
    return dispatch(to, []<class To>() -> ConvertRun { return convert_run<Stored, To>; });
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(FindConvert);

void copy(DType from, DType to, const Shape& shape, const Operand& x, const Operand& y) {
  if (from == to) return copy_bytes(itemsize(from), shape, x, y);
  const ConvertRun run = HWY_DYNAMIC_DISPATCH(FindConvert)(from, to);
  Map<2>(shape, {{&x, &y}}, {{itemsize(from), itemsize(to)}})
      .run([&](const auto& at, int64_t n, const auto& step) { run(at[0], step[0], at[1], n); });
}

void convert(const BFloat16* x, float* y, int64_t n) {
  HWY_DYNAMIC_DISPATCH(FindConvert)
  (bfloat16, float32)(reinterpret_cast<const char*>(x), 1, reinterpret_cast<char*>(y), n);
}
void convert(const float* x, BFloat16* y, int64_t n) {
  HWY_DYNAMIC_DISPATCH(FindConvert)
  (float32, bfloat16)(reinterpret_cast<const char*>(x), 1, reinterpret_cast<char*>(y), n);
}

}  // namespace rw::kernels
#endif
