#include <string>
#include <type_traits>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/map.h>
#include <rewind/kernels/pointwise/pointwise_kernel.h>
#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/error.h>
#include <rewind/tensor/number.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/pointwise/ternary_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/pointwise/functions-inl.h>
#include <rewind/kernels/simd/lanes-inl.h>

#ifndef REWIND_TERNARY_RUN
#define REWIND_TERNARY_RUN
namespace rw::kernels {
// n elements of the result from those of x, y and z, each step 1, or 0 for one element for all.
using TernaryRun = void (*)(Parameters p, const char* x, int64_t x_step, const char* y,
                            int64_t y_step, const char* z, int64_t z_step, char* to, int64_t n);
}  // namespace rw::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// NaN where a bound is.
template <class D, class V>
HWY_INLINE V clamp_between(D d, V x, V least, V most) {
  const V y = clamp_of(d, x, least, most);
  return hn::IfThenElse(hn::IsNaN(least), least, hn::IfThenElse(hn::IsNaN(most), most, y));
}

template <TernaryOp op>
struct Function;
template <TernaryOp op>
struct IntegerFunction {
  static constexpr bool exists = false;
};

#define REWIND_OP(name, ...)                                                                     \
  template <>                                                                                    \
  struct Function<TernaryOp::name> {                                                             \
    template <class D, class V>                                                                  \
    static HWY_INLINE V of([[maybe_unused]] D d, V x, V y, V z, [[maybe_unused]] Parameters p) { \
      using T = hn::TFromD<D>;                                                                   \
      [[maybe_unused]] const V zero = hn::Zero(d);                                               \
      [[maybe_unused]] const V a = hn::Set(d, static_cast<T>(p.a));                              \
      return __VA_ARGS__;                                                                        \
    }                                                                                            \
  };
#define REWIND_OP_OF_INTEGERS(name, ...)                          \
  template <>                                                     \
  struct IntegerFunction<TernaryOp::name> {                       \
    static constexpr bool exists = true;                          \
    template <class T>                                            \
    static HWY_INLINE T of(T x, T y, T z, [[maybe_unused]] T a) { \
      return static_cast<T>(__VA_ARGS__);                         \
    }                                                             \
  };
#include <rewind/kernels/pointwise/ternary_ops.inc>

template <TernaryOp op, class T>
void run(Parameters p, const char* xs, int64_t x_step, const char* ys, int64_t y_step,
         const char* zs, int64_t z_step, char* result, int64_t n) {
  const auto *x = reinterpret_cast<const T*>(xs), *y = reinterpret_cast<const T*>(ys),
             *z = reinterpret_cast<const T*>(zs);
  auto* to = reinterpret_cast<T*>(result);
  if constexpr (std::is_integral_v<T>) {
    const T a = number_cast<T>(p.a);
    for (int64_t i = 0; i < n; ++i)
      to[i] = IntegerFunction<op>::of(x[i * x_step], y[i * y_step], z[i * z_step], a);
  } else {
    using C = Compute<T>;
    const hn::ScalableTag<C> d;
    const auto u = hn::Set(d, static_cast<C>(*x)), v = hn::Set(d, static_cast<C>(*y)),
               w = hn::Set(d, static_cast<C>(*z));
    for_each_vector_of<T>(d, n, [&](auto load, auto store) HWY_ATTR {
      store(Function<op>::of(d, x_step ? load(x, C(1)) : u, y_step ? load(y, C(1)) : v,
                             z_step ? load(z, C(1)) : w, p),
            to);
    });
  }
}

template <TernaryOp op, class T>
constexpr TernaryRun run_if_exists() {
  if constexpr (std::is_same_v<T, bool> || (std::is_integral_v<T> && !IntegerFunction<op>::exists))
    return nullptr;
  else
    return run<op, T>;
}

TernaryRun FindTernary(TernaryOp op, DType dtype) {
  return dispatch(dtype, [&]<class T>() {
    static constexpr TernaryRun table[] = {
#define REWIND_OP(name, ...) run_if_exists<TernaryOp::name, T>(),
#include <rewind/kernels/pointwise/ternary_ops.inc>
    };
    return table[static_cast<int>(op)];
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(FindTernary);

void ternary(TernaryOp op, Parameters p, DType dtype, const Shape& shape, const Operand& a,
             const Operand& b, const Operand& c, const Operand& y) {
  const TernaryRun run = HWY_DYNAMIC_DISPATCH(FindTernary)(op, dtype);
  if (!run)
    throw DTypeError("ternary: op " + std::to_string(static_cast<int>(op)) +
                     " is not defined for " + name(dtype));
  const size_t bytes = itemsize(dtype);
  Map<4>(shape, {{&a, &b, &c, &y}}, {{bytes, bytes, bytes, bytes}})
      .run([&](const auto& at, int64_t n, const auto& step) {
        run(p, at[0], step[0], at[1], step[1], at[2], step[2], at[3], n);
      });
}

}  // namespace rw::kernels
#endif
