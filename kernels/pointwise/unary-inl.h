// Included once per target by Highway sources: the inner loops of functions of one operand, those
// of the list that REWIND_UNARY_OPS names.
#if defined(REWIND_KERNELS_UNARY_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_UNARY_INL_H_
#undef REWIND_KERNELS_UNARY_INL_H_
#else
#define REWIND_KERNELS_UNARY_INL_H_
#endif

#include <algorithm>
#include <type_traits>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/pointwise/functions-inl.h>
#include <rewind/kernels/pointwise/pointwise_kernel.h>
#include <rewind/kernels/simd/lanes-inl.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/number.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

template <UnaryOp op>
struct Function;
template <UnaryOp op>
struct IntegerFunction {
  static constexpr bool exists = false;
};

template <UnaryOp op>
struct ReducedFunction {
  static constexpr bool exists = false;
};

#define REWIND_OP(name, ...)                                                           \
  template <>                                                                          \
  struct Function<UnaryOp::name> {                                                     \
    template <class D, class V>                                                        \
    static HWY_INLINE V of([[maybe_unused]] D d, V x, [[maybe_unused]] Parameters p) { \
      using T = hn::TFromD<D>;                                                         \
      [[maybe_unused]] const V zero = hn::Zero(d), one = hn::Set(d, T(1));             \
      [[maybe_unused]] const V a = hn::Set(d, static_cast<T>(p.a));                    \
      [[maybe_unused]] const V b = hn::Set(d, static_cast<T>(p.b));                    \
      return __VA_ARGS__;                                                              \
    }                                                                                  \
  };
#define REWIND_OP_OF_INTEGERS(name, ...)                                      \
  template <>                                                                 \
  struct IntegerFunction<UnaryOp::name> {                                     \
    static constexpr bool exists = true;                                      \
    template <class T>                                                        \
    static HWY_INLINE T of(T x, [[maybe_unused]] T a, [[maybe_unused]] T b) { \
      return static_cast<T>(__VA_ARGS__);                                     \
    }                                                                         \
  };
#define REWIND_OP_OF_REDUCED(name, ...)                                                      \
  template <>                                                                                \
  struct ReducedFunction<UnaryOp::name> {                                                    \
    static constexpr bool exists = true;                                                     \
    static HWY_INLINE uint16_t of(uint16_t x) { return static_cast<uint16_t>(__VA_ARGS__); } \
  };
#include REWIND_UNARY_OPS

template <UnaryOp op>
void run_bits(Parameters, const char* from, int64_t step, char* to, int64_t n) {
  const auto* x = reinterpret_cast<const uint16_t*>(from);
  auto* y = reinterpret_cast<uint16_t*>(to);
  if (step == 0) return std::fill_n(y, n, ReducedFunction<op>::of(*x)), void();
  for (int64_t i = 0; i < n; ++i) y[i] = ReducedFunction<op>::of(x[i]);
}

template <UnaryOp op, class T>
void run(Parameters p, const char* from, int64_t step, char* to, int64_t n) {
  const auto* x = reinterpret_cast<const T*>(from);
  auto* y = reinterpret_cast<T*>(to);
  if constexpr (std::is_integral_v<T>) {
    const T a = number_cast<T>(p.a), b = number_cast<T>(p.b);
    if (step == 0) return std::fill_n(y, n, IntegerFunction<op>::of(*x, a, b)), void();
    for (int64_t i = 0; i < n; ++i) y[i] = IntegerFunction<op>::of(x[i], a, b);
  } else {
    using C = Compute<T>;
    const hn::ScalableTag<C> d;
    if (step == 0) {
      const auto v = Function<op>::of(d, hn::Set(d, static_cast<C>(*x)), p);
      return for_each_vector_of<T>(d, n, [&](auto, auto store) HWY_ATTR { store(v, y); });
    }
    for_each_vector_of<T>(d, n, [&](auto load, auto store) HWY_ATTR {
      store(Function<op>::of(d, load(x, C(1)), p), y);
    });
  }
}

// What passes through a few numbers of float32: to compile each op for it once more takes long.
template <UnaryOp op, class T>
void run_in_pieces(Parameters p, const char* from, int64_t step, char* to, int64_t n) {
  constexpr int64_t piece = 256;
  float numbers[piece];
  auto* wide = reinterpret_cast<char*>(numbers);
  for (int64_t i = 0; i < n; i += piece) {
    const int64_t m = std::min(piece, n - i);
    convert_floats(reinterpret_cast<const T*>(from) + i * step, numbers, step ? m : 1);
    run<op, float>(p, wide, step, wide, m);
    convert_floats(numbers, reinterpret_cast<T*>(to) + i, m);
  }
}

template <UnaryOp op, class T>
constexpr UnaryRun run_if_exists() {
  if constexpr (std::is_same_v<T, bool>)
    return nullptr;
  else if constexpr (is_reduced<T> && ReducedFunction<op>::exists)
    return run_bits<op>;
  else if constexpr (std::is_same_v<T, Float16> || (is_reduced<T> && is_special(op)))
    return run_in_pieces<op, T>;
  else if constexpr (std::is_integral_v<T> && !IntegerFunction<op>::exists)
    return nullptr;
  else
    return run<op, T>;
}

// The inner loop of an op by its place in the list.
UnaryRun find_unary(int place, DType dtype) {
  return dispatch(dtype, [&]<class T>() {
    static constexpr UnaryRun table[] = {
#define REWIND_OP(name, ...) run_if_exists<UnaryOp::name, T>(),
#include REWIND_UNARY_OPS
    };
    return table[place];
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
