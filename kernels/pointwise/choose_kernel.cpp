// Comparisons and choices.

#include <algorithm>
#include <type_traits>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/index/copy.h>
#include <rewind/kernels/map.h>
#include <rewind/kernels/pointwise/pointwise_kernel.h>
#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/pointwise/choose_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/lanes-inl.h>

#ifndef REWIND_CHOOSE_RUNS
#define REWIND_CHOOSE_RUNS
namespace rw::kernels {
using CompareRun = void (*)(const char* x, int64_t x_step, const char* y, int64_t y_step, char* z,
                            int64_t n);
using WhereRun = void (*)(const char* mask, int64_t mask_step, const char* x, int64_t x_step,
                          const char* y, int64_t y_step, char* z, int64_t n);
}  // namespace rw::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// Loops that the compiler makes vectors of.

template <CompareOp op, class C>
HWY_INLINE bool holds(C u, C v) {
  if constexpr (op == CompareOp::eq) return u == v;
  if constexpr (op == CompareOp::ne) return u != v;
  if constexpr (op == CompareOp::lt) return u < v;
  if constexpr (op == CompareOp::le) return u <= v;
  if constexpr (op == CompareOp::gt) return u > v;
  if constexpr (op == CompareOp::ge) return u >= v;
  if constexpr (op == CompareOp::both) return (u != C{}) & (v != C{});
  if constexpr (op == CompareOp::either) return (u != C{}) | (v != C{});
  if constexpr (op == CompareOp::one) return (u != C{}) != (v != C{});
}

template <CompareOp op, class T>
void compare_run(const char* xs, int64_t x_step, const char* ys, int64_t y_step, char* zs,
                 int64_t n);

// float16 passes through a few numbers of float32.
template <CompareOp op>
void compare_in_pieces(const char* xs, int64_t x_step, const char* ys, int64_t y_step, char* zs,
                       int64_t n) {
  constexpr int64_t piece = 256;
  float x[piece], y[piece];
  for (int64_t i = 0; i < n; i += piece) {
    const int64_t m = std::min(piece, n - i);
    convert_floats(reinterpret_cast<const Float16*>(xs) + i * x_step, x, x_step ? m : 1);
    convert_floats(reinterpret_cast<const Float16*>(ys) + i * y_step, y, y_step ? m : 1);
    compare_run<op, float>(reinterpret_cast<const char*>(x), x_step,
                           reinterpret_cast<const char*>(y), y_step, zs + i, m);
  }
}

template <CompareOp op, class T>
void compare_run(const char* xs, int64_t x_step, const char* ys, int64_t y_step, char* zs,
                 int64_t n) {
  if constexpr (std::is_same_v<T, Float16>)
    return compare_in_pieces<op>(xs, x_step, ys, y_step, zs, n);
  using C = Compute<T>;
  const auto *x = reinterpret_cast<const T*>(xs), *y = reinterpret_cast<const T*>(ys);
  auto* z = reinterpret_cast<uint8_t*>(zs);
  const C u = static_cast<C>(*x), v = static_cast<C>(*y);
  if (x_step && y_step)
    for (int64_t i = 0; i < n; ++i) z[i] = holds<op, C>(static_cast<C>(x[i]), static_cast<C>(y[i]));
  else if (x_step)
    for (int64_t i = 0; i < n; ++i) z[i] = holds<op, C>(static_cast<C>(x[i]), v);
  else
    for (int64_t i = 0; i < n; ++i) z[i] = holds<op, C>(u, y_step ? static_cast<C>(y[i]) : v);
}

CompareRun FindCompare(CompareOp op, DType dtype) {
  return dispatch(dtype, [&]<class T>() {
    using Stored = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;
    static constexpr CompareRun table[] = {
        compare_run<CompareOp::eq, Stored>,   compare_run<CompareOp::ne, Stored>,
        compare_run<CompareOp::lt, Stored>,   compare_run<CompareOp::le, Stored>,
        compare_run<CompareOp::gt, Stored>,   compare_run<CompareOp::ge, Stored>,
        compare_run<CompareOp::both, Stored>, compare_run<CompareOp::either, Stored>,
        compare_run<CompareOp::one, Stored>};
    return table[static_cast<int>(op)];
  });
}

// Bits are chosen with masks: a branch per element could not be predicted.
template <class Bits>
void where_run(const char* mask, int64_t mask_step, const char* xs, int64_t x_step, const char* ys,
               int64_t y_step, char* zs, int64_t n) {
  const auto* m = reinterpret_cast<const uint8_t*>(mask);
  const auto *x = reinterpret_cast<const Bits*>(xs), *y = reinterpret_cast<const Bits*>(ys);
  auto* z = reinterpret_cast<Bits*>(zs);
  const auto choose = [](uint8_t first, Bits u, Bits v) {
    const Bits all = static_cast<Bits>(Bits{0} - Bits{first});
    return static_cast<Bits>((u & all) | (v & ~all));
  };
  const Bits u = *x, v = *y;
  if (mask_step && x_step && y_step)
    for (int64_t i = 0; i < n; ++i) z[i] = choose(m[i], x[i], y[i]);
  else if (mask_step && x_step)
    for (int64_t i = 0; i < n; ++i) z[i] = choose(m[i], x[i], v);
  else if (mask_step && y_step)
    for (int64_t i = 0; i < n; ++i) z[i] = choose(m[i], u, y[i]);
  else if (mask_step)
    for (int64_t i = 0; i < n; ++i) z[i] = choose(m[i], u, v);
  else
    for (int64_t i = 0; i < n; ++i) z[i] = choose(*m, x[i * x_step], y[i * y_step]);
}

WhereRun FindWhere(size_t itemsize) {
  WhereRun run = nullptr;
  by_itemsize(itemsize, [&]<class T>() { run = where_run<T>; });
  return run;
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(FindCompare);
HWY_EXPORT(FindWhere);

void compare(CompareOp op, DType dtype, const Shape& shape, const Operand& a, const Operand& b,
             const Operand& y) {
  const CompareRun run = HWY_DYNAMIC_DISPATCH(FindCompare)(op, dtype);
  const size_t bytes = itemsize(dtype);
  Map<3>(shape, {{&a, &b, &y}}, {{bytes, bytes, 1}})
      .run([&](const auto& at, int64_t n, const auto& step) {
        run(at[0], step[0], at[1], step[1], at[2], n);
      });
}

void where(DType dtype, const Shape& shape, const Operand& mask, const Operand& a, const Operand& b,
           const Operand& y) {
  const size_t bytes = itemsize(dtype);
  const WhereRun run = HWY_DYNAMIC_DISPATCH(FindWhere)(bytes);
  Map<4>(shape, {{&mask, &a, &b, &y}}, {{1, bytes, bytes, bytes}})
      .run([&](const auto& at, int64_t n, const auto& step) {
        run(at[0], step[0], at[1], step[1], at[2], step[2], at[3], n);
      });
}

void fill(DType dtype, const Shape& shape, Scalar value, const Operand& y) {
  dispatch(dtype, [&]<class T>() {
    T v = element<T>(value);
    copy_bytes(sizeof(T), shape, {&v, Strides::filled(shape.rank(), 0)}, y);
  });
}

}  // namespace rw::kernels
#endif
