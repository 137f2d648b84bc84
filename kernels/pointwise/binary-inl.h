// Included once per target by Highway sources: the inner loops of functions of two operands, those
// of the list that REWIND_BINARY_OPS names.
#if defined(REWIND_KERNELS_BINARY_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_BINARY_INL_H_
#undef REWIND_KERNELS_BINARY_INL_H_
#else
#define REWIND_KERNELS_BINARY_INL_H_
#endif

#include <algorithm>
#include <type_traits>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/pointwise/functions-inl.h>
#include <rewind/kernels/pointwise/pointwise_kernel.h>
#include <rewind/kernels/simd/lanes-inl.h>
#include <rewind/tensor/dispatch.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

template <BinaryOp op>
struct Function {
  static constexpr bool exists = false;
};
template <BinaryOp op>
struct IntegerFunction {
  static constexpr bool exists = false;
};

#define REWIND_OP(name, ...)                                                                \
  template <>                                                                               \
  struct Function<BinaryOp::name> {                                                         \
    static constexpr bool exists = true;                                                    \
    template <class D, class V>                                                             \
    static HWY_INLINE V of([[maybe_unused]] D d, V x, V y, [[maybe_unused]] Parameters p) { \
      using T = hn::TFromD<D>;                                                              \
      [[maybe_unused]] const V zero = hn::Zero(d), one = hn::Set(d, T(1));                  \
      [[maybe_unused]] const V a = hn::Set(d, static_cast<T>(p.a));                         \
      [[maybe_unused]] const V b = hn::Set(d, static_cast<T>(p.b));                         \
      return __VA_ARGS__;                                                                   \
    }                                                                                       \
  };
#define REWIND_OP_OF_INTEGERS(name, ...)   \
  template <>                              \
  struct IntegerFunction<BinaryOp::name> { \
    static constexpr bool exists = true;   \
    template <class T>                     \
    static HWY_INLINE T of(T x, T y) {     \
      return static_cast<T>(__VA_ARGS__);  \
    }                                      \
  };
#include REWIND_BINARY_OPS

// Of truth values as bytes, which vectors hold.
template <BinaryOp op, class T>
HWY_INLINE T of_integers(T x, T y, bool is_bool) {
  const T z = IntegerFunction<op>::of(x, y);
  return is_bool ? z != 0 : z;
}

template <BinaryOp op, bool is_bool, class T>
void run_integers(const T* x, bool one_x, const T* y, bool one_y, T* z, int64_t n) {
  const T u = *x, v = *y;
  if (!one_x && !one_y)
    for (int64_t i = 0; i < n; ++i) z[i] = of_integers<op>(x[i], y[i], is_bool);
  else if (!one_x)
    for (int64_t i = 0; i < n; ++i) z[i] = of_integers<op>(x[i], v, is_bool);
  else
    for (int64_t i = 0; i < n; ++i) z[i] = of_integers<op>(u, one_y ? v : y[i], is_bool);
}

// The first element of an operand with this step.
template <class C, class T>
HWY_INLINE C first_of(const T* x, int64_t step) {
  return step == computed ? *reinterpret_cast<const C*>(x) : static_cast<C>(*x);
}

template <BinaryOp op, class T>
void run(Parameters p, const char* xs, int64_t x_step, const char* ys, int64_t y_step, char* zs,
         int64_t n) {
  using Stored = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;
  const auto *x = reinterpret_cast<const Stored*>(xs), *y = reinterpret_cast<const Stored*>(ys);
  auto* z = reinterpret_cast<Stored*>(zs);
  if constexpr (std::is_integral_v<T>) {
    run_integers<op, std::is_same_v<T, bool>>(x, x_step != 1, y, y_step != 1, z, n);
  } else {
    using C = Compute<T>;
    const hn::ScalableTag<C> d;
    const auto u = hn::Set(d, first_of<C>(x, x_step)), v = hn::Set(d, first_of<C>(y, y_step));
    for_each_vector_of<T>(d, n, [&](auto load, auto store) HWY_ATTR {
      const auto left = x_step == 1 ? load(x, C(1)) : u, right = y_step == 1 ? load(y, C(1)) : v;
      store(Function<op>::of(d, left, right, p), z);
    });
  }
}

// What passes through a few numbers of float32: to compile each op for it once more takes long.
template <BinaryOp op, class T>
void run_in_pieces(Parameters p, const char* xs, int64_t x_step, const char* ys, int64_t y_step,
                   char* zs, int64_t n) {
  constexpr int64_t piece = 256;
  float x[piece], y[piece], z[piece];
  for (int64_t i = 0; i < n; i += piece) {
    const int64_t m = std::min(piece, n - i);
    const auto widened = [&](const char* from, int64_t step, float* to) {
      if (step == computed) return from;
      convert_floats(reinterpret_cast<const T*>(from) + i * step, to, step ? m : 1);
      return reinterpret_cast<const char*>(to);
    };
    run<op, float>(p, widened(xs, x_step, x), x_step, widened(ys, y_step, y), y_step,
                   reinterpret_cast<char*>(z), m);
    convert_floats(z, reinterpret_cast<T*>(zs) + i, m);
  }
}

template <BinaryOp op, class T>
constexpr BinaryRun run_if_exists() {
  constexpr bool exists =
      std::is_integral_v<T> ? IntegerFunction<op>::exists : Function<op>::exists;
  constexpr bool of_bool = !is_division(op) || !std::is_same_v<T, bool>;
  if constexpr (exists && is_reduced<T> && is_special(op))
    return run_in_pieces<op, T>;
  else if constexpr (exists && of_bool)
    return run<op, T>;
  else
    return nullptr;
}

// The inner loop of an op by its place in the list.
BinaryRun find_binary(int place, DType dtype) {
  return dispatch(dtype, [&]<class T>() {
    static constexpr BinaryRun table[] = {
#define REWIND_OP(name, ...) run_if_exists<BinaryOp::name, T>(),
#define REWIND_OP_OF_BITS REWIND_OP
#include REWIND_BINARY_OPS
    };
    return table[place];
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
