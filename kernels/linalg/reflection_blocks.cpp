#include <rewind/kernels/linalg/reflection_blocks.h>

#include <algorithm>

#include <rewind/kernels/simd/targets.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/linalg/reflection_blocks.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/fold-inl.h>
#include <rewind/kernels/simd/lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
HWY_INLINE int64_t lanes_of() {
  return static_cast<int64_t>(hn::Lanes(hn::ScalableTag<T>()));
}

template <class D, class V>
HWY_INLINE hn::TFromD<D> sum_of(D d, V v) {
  return fold_lanes(d, v, [](auto a, auto b) HWY_ATTR { return hn::Add(a, b); });
}

template <class T>
HWY_INLINE T dot_of(int64_t n, const T* x, const T* y) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = lanes_of<T>();
  auto a = hn::Zero(d), b = a;
  int64_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    a = hn::MulAdd(hn::LoadU(d, x + i), hn::LoadU(d, y + i), a);
    b = hn::MulAdd(hn::LoadU(d, x + i + lanes), hn::LoadU(d, y + i + lanes), b);
  }
  for (; i < n; i += lanes)
    a = hn::MulAdd(load_up_to(d, x + i, n - i), load_up_to(d, y + i, n - i), a);
  return sum_of(d, hn::Add(a, b));
}

// y += f x
template <class T>
HWY_INLINE void add_to(int64_t n, T f, const T* x, T* y) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = lanes_of<T>();
  const auto factor = hn::Set(d, f);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes)
    hn::StoreU(hn::MulAdd(factor, hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, y + i);
  if (i < n)
    store_up_to(d, hn::MulAdd(factor, load_up_to(d, x + i, n - i), load_up_to(d, y + i, n - i)),
                y + i, n - i);
}

template <class T>
void Reflect(int64_t n, const T* v, T tau, int64_t count, T* x, int64_t step) {
  for (int64_t j = 0; j < count; ++j, x += step) {
    const T factor = tau * (x[0] + dot_of(n - 1, v + 1, x + 1));
    x[0] -= factor;
    add_to(n - 1, -factor, v + 1, x + 1);
  }
}

template <class T>
void AddColumns(int64_t n, int64_t count, const T* factors, const T* x, int64_t step, T* y) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = lanes_of<T>();
  int64_t j = 0;
  for (; j + 4 <= count; j += 4) {
    const T* const at = x + j * step;
    const auto f0 = hn::Set(d, factors[j]), f1 = hn::Set(d, factors[j + 1]),
               f2 = hn::Set(d, factors[j + 2]), f3 = hn::Set(d, factors[j + 3]);
    for (int64_t i = 0; i < n; i += lanes) {
      const auto column = [&](int64_t k)
                              HWY_ATTR { return load_up_to(d, at + k * step + i, n - i); };
      auto sum = hn::MulAdd(f0, column(0), load_up_to(d, y + i, n - i));
      sum = hn::MulAdd(f1, column(1), sum);
      sum = hn::MulAdd(f2, column(2), sum);
      store_up_to(d, hn::MulAdd(f3, column(3), sum), y + i, n - i);
    }
  }
  for (; j < count; ++j) add_to(n, factors[j], x + j * step, y);
}

template <class T>
void AddOuter(int64_t n, int64_t count, T scale, const T* factors, const T* y, T* x, int64_t step) {
  for (int64_t j = 0; j < count; ++j) add_to(n, scale * factors[j], y, x + j * step);
}

// Each row is read once: it is also the column of the other triangle.
template <class T>
void SymmetricProduct(int64_t n, const T* a, int64_t step, const T* x, T* y) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = lanes_of<T>();
  std::fill_n(y, n, T(0));
  for (int64_t i = 0; i < n; ++i) {
    const T* const row = a + i * step;
    const auto factor = hn::Set(d, x[i]);
    auto sum = hn::Zero(d);
    for (int64_t j = i + 1; j < n; j += lanes) {
      const auto value = load_up_to(d, row + j, n - j);
      sum = hn::MulAdd(value, load_up_to(d, x + j, n - j), sum);
      store_up_to(d, hn::MulAdd(factor, value, load_up_to(d, y + j, n - j)), y + j, n - j);
    }
    y[i] += row[i] * x[i] + sum_of(d, sum);
  }
}

template <class T>
void SymmetricUpdate(int64_t n, const T* x, const T* y, T* a, int64_t step) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = lanes_of<T>();
  for (int64_t i = 0; i < n; ++i) {
    T* const row = a + i * step;
    const auto of_x = hn::Set(d, x[i]), of_y = hn::Set(d, y[i]);
    for (int64_t j = i; j < n; j += lanes) {
      const auto value =
          hn::NegMulAdd(of_x, load_up_to(d, y + j, n - j), load_up_to(d, row + j, n - j));
      store_up_to(d, hn::NegMulAdd(of_y, load_up_to(d, x + j, n - j), value), row + j, n - j);
    }
  }
}

// What a row has become stays in registers until it has met the next one.
template <int vectors, class T>
HWY_INLINE void rotate_columns(int64_t width, int64_t count, const T* c, const T* s, T* row,
                               int64_t step) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = lanes_of<T>();
  hn::Vec<decltype(d)> first[size_t{vectors}];
  for (int v = 0; v < vectors; ++v) first[v] = load_up_to(d, row + v * lanes, width - v * lanes);
  for (int64_t j = 0; j < count; ++j, row += step) {
    const auto cosine = hn::Set(d, c[j]), sine = hn::Set(d, s[j]);
    for (int v = 0; v < vectors; ++v) {
      const auto next = load_up_to(d, row + step + v * lanes, width - v * lanes);
      store_up_to(d, hn::MulAdd(sine, next, hn::Mul(cosine, first[v])), row + v * lanes,
                  width - v * lanes);
      first[v] = hn::NegMulAdd(sine, first[v], hn::Mul(cosine, next));
    }
  }
  for (int v = 0; v < vectors; ++v) store_up_to(d, first[v], row + v * lanes, width - v * lanes);
}

template <class T>
void RotateRows(int64_t n, int64_t count, const T* c, const T* s, T* rows, int64_t step) {
  constexpr int vectors = 4;
  const int64_t lanes = lanes_of<T>();
  int64_t i = 0;
  for (; i + vectors * lanes <= n; i += vectors * lanes)
    rotate_columns<vectors>(vectors * lanes, count, c, s, rows + i, step);
  for (; i < n; i += lanes) rotate_columns<1>(std::min(lanes, n - i), count, c, s, rows + i, step);
}

template <class T>
constexpr ReflectionFunctions<T> functions = {
    Reflect<T>, AddColumns<T>, AddOuter<T>, SymmetricProduct<T>, SymmetricUpdate<T>, RotateRows<T>};

const ReflectionFunctions<float>* FloatFunctions() { return &functions<float>; }
const ReflectionFunctions<double>* DoubleFunctions() { return &functions<double>; }

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(FloatFunctions);
HWY_EXPORT(DoubleFunctions);

template <>
const ReflectionFunctions<float>& reflection_functions() {
  return *HWY_DYNAMIC_DISPATCH(FloatFunctions)();
}
template <>
const ReflectionFunctions<double>& reflection_functions() {
  return *HWY_DYNAMIC_DISPATCH(DoubleFunctions)();
}

}  // namespace rw::kernels
#endif
