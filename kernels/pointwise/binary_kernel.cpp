#include <cstring>
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
#define HWY_TARGET_INCLUDE "rewind/kernels/pointwise/binary_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/pointwise/functions-inl.h>
#include <rewind/kernels/simd/lanes-inl.h>

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
#include <rewind/kernels/pointwise/binary_ops.inc>

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

template <BinaryOp op, class T>
constexpr BinaryRun run_if_exists() {
  constexpr bool exists =
      std::is_integral_v<T> ? IntegerFunction<op>::exists : Function<op>::exists;
  constexpr bool of_bool = op != BinaryOp::remainder || !std::is_same_v<T, bool>;
  if constexpr (exists && of_bool)
    return run<op, T>;
  else
    return nullptr;
}

BinaryRun FindBinary(BinaryOp wanted, DType dtype) {
  return dispatch(dtype, [&]<class T>() {
    static constexpr BinaryRun table[] = {
#define REWIND_OP(name, ...) run_if_exists<BinaryOp::name, T>(),
#define REWIND_OP_OF_BITS REWIND_OP
#include <rewind/kernels/pointwise/binary_ops.inc>
    };
    return table[static_cast<int>(wanted)];
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(FindBinary);

BinaryRun binary_run(BinaryOp op, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(FindBinary)(op, dtype);
}

namespace {

BinaryRun existing_run(BinaryOp op, DType dtype) {
  const BinaryRun run = binary_run(op, dtype);
  if (!run)
    throw DTypeError("binary: op " + std::to_string(static_cast<int>(op)) + " is not defined for " +
                     name(dtype));
  return run;
}

// y = op(x, s), or op(s, x) where the number comes first.
void with_number(BinaryOp op, DType dtype, const Shape& shape, const Operand& x, Scalar s,
                 bool comes_first, const Operand& y) {
  const BinaryRun run = existing_run(op, dtype);
  alignas(8) char number[8];
  dispatch(compute_dtype(dtype), [&]<class C>() {
    const C v = detail::element<C>(s);
    std::memcpy(number, &v, sizeof v);
  });
  const size_t bytes = itemsize(dtype);
  Map<2>(shape, {{&x, &y}}, {{bytes, bytes}}, is_long(op))
      .run([&](const auto& at, int64_t n, const auto& step) {
        if (comes_first)
          run({}, number, computed, at[0], step[0], at[1], n);
        else
          run({}, at[0], step[0], number, computed, at[1], n);
      });
}

}  // namespace

void binary(BinaryOp op, Parameters p, DType dtype, const Shape& shape, const Operand& a,
            const Operand& b, const Operand& y) {
  const BinaryRun run = existing_run(op, dtype);
  const size_t bytes = itemsize(dtype);
  Map<3>(shape, {{&a, &b, &y}}, {{bytes, bytes, bytes}}, is_long(op))
      .run([&](const auto& at, int64_t n, const auto& step) {
        run(p, at[0], step[0], at[1], step[1], at[2], n);
      });
}

void binary(BinaryOp op, DType dtype, const Shape& shape, const Operand& x, Scalar s,
            const Operand& y) {
  with_number(op, dtype, shape, x, s, false, y);
}

void binary(BinaryOp op, DType dtype, const Shape& shape, Scalar s, const Operand& x,
            const Operand& y) {
  with_number(op, dtype, shape, x, s, true, y);
}

}  // namespace rw::kernels
#endif
