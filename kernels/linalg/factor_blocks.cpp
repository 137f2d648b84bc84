#include <rewind/kernels/linalg/factor_blocks.h>

#include <algorithm>
#include <cmath>

#include <rewind/kernels/simd/targets.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/linalg/factor_blocks.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/fold-inl.h>
#include <rewind/kernels/simd/lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// `vectors` vectors of columns of b, of which there are `count` columns.
template <int vectors, class T>
HWY_INLINE void solve_columns(int64_t n, Triangle triangle, Matrix<T> t, T* b, int64_t b_row,
                              int64_t count) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t step = 0; step < n; ++step) {
    const int64_t i = triangle.upper ? n - 1 - step : step;
    T* out = b + i * b_row;
    hn::Vec<decltype(d)> x[size_t{vectors}];
    for (int v = 0; v < vectors; ++v) x[v] = load_up_to(d, out + v * lanes, count - v * lanes);
    const int64_t first = triangle.upper ? i + 1 : 0;
    const T* factor = t.data + i * t.row + first * t.column;
    const T* known = b + first * b_row;
    for (int64_t j = 0; j < step; ++j, factor += t.column, known += b_row) {
      const auto f = hn::Set(d, *factor);
      for (int v = 0; v < vectors; ++v)
        x[v] = hn::NegMulAdd(f, load_up_to(d, known + v * lanes, count - v * lanes), x[v]);
    }
    const auto diagonal = hn::Set(d, triangle.unit ? T(1) : t.data[i * (t.row + t.column)]);
    for (int v = 0; v < vectors; ++v)
      store_up_to(d, hn::Div(x[v], diagonal), out + v * lanes, count - v * lanes);
  }
}

template <class T>
void SolveTriangular(int64_t n, int64_t k, Triangle triangle, Matrix<T> t, T* b, int64_t b_row) {
  constexpr int vectors = 4;
  const auto lanes = static_cast<int64_t>(hn::Lanes(hn::ScalableTag<T>()));
  int64_t j = 0;
  for (; j + vectors * lanes <= k; j += vectors * lanes)
    solve_columns<vectors>(n, triangle, t, b + j, b_row, vectors * lanes);
  for (; j < k; j += lanes) solve_columns<1>(n, triangle, t, b + j, b_row, std::min(lanes, k - j));
}

// y -= factor x; the compiler makes vectors of it, for this target.
template <class T>
HWY_INLINE void subtract_multiple(int64_t n, T factor, const T* HWY_RESTRICT x, T* HWY_RESTRICT y) {
  for (int64_t j = 0; j < n; ++j) y[j] -= factor * x[j];
}

template <class T>
int64_t Lu(int64_t m, int64_t n, T* a, int64_t row, int32_t* pivots) {
  int64_t singular = -1;
  for (int64_t k = 0; k < std::min(m, n); ++k) {
    int64_t pivot = k;
    for (int64_t i = k + 1; i < m; ++i)
      if (std::abs(a[i * row + k]) > std::abs(a[pivot * row + k])) pivot = i;
    pivots[k] = static_cast<int32_t>(pivot);
    T* const top = a + k * row;
    if (pivot != k) std::swap_ranges(top, top + n, a + pivot * row);
    if (top[k] == 0) {
      if (singular < 0) singular = k;
      continue;
    }
    for (int64_t i = k + 1; i < m; ++i) {
      T* const below = a + i * row;
      below[k] /= top[k];
      subtract_multiple(n - k - 1, below[k], top + k + 1, below + k + 1);
    }
  }
  return singular;
}

template <class T>
int64_t Cholesky(int64_t n, T* a, int64_t row) {
  for (int64_t k = 0; k < n; ++k) {
    T* const top = a + k * row;
    if (!(top[k] > 0)) return k;
    top[k] = std::sqrt(top[k]);
    for (int64_t j = k + 1; j < n; ++j) top[j] /= top[k];
    for (int64_t i = k + 1; i < n; ++i) subtract_multiple(n - i, top[i], top + i, a + i * row + i);
  }
  return -1;
}

template <class T>
T Dot(int64_t n, const T* x, const T* y) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto a = hn::Zero(d), b = a, c = a, e = a;
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    const auto at = [&](int64_t k, auto sum) {
      return hn::MulAdd(hn::LoadU(d, x + i + k * lanes), hn::LoadU(d, y + i + k * lanes), sum);
    };
    a = at(0, a);
    b = at(1, b);
    c = at(2, c);
    e = at(3, e);
  }
  for (; i < n; i += lanes)
    a = hn::MulAdd(load_up_to(d, x + i, n - i), load_up_to(d, y + i, n - i), a);
  const auto add = [](auto u, auto v) HWY_ATTR { return hn::Add(u, v); };
  return fold_lanes(d, add(add(a, b), add(c, e)), add);
}

template <class T>
void Rotate(int64_t n, T cosine, T sine, T* HWY_RESTRICT x, T* HWY_RESTRICT y) {
  for (int64_t i = 0; i < n; ++i) {
    const T a = x[i], b = y[i];
    x[i] = cosine * a - sine * b;
    y[i] = sine * a + cosine * b;
  }
}

// Dispatch tables hold no templates.
void SolveFloat(int64_t n, int64_t k, Triangle s, Matrix<float> t, float* b, int64_t row) {
  SolveTriangular(n, k, s, t, b, row);
}
void SolveDouble(int64_t n, int64_t k, Triangle s, Matrix<double> t, double* b, int64_t row) {
  SolveTriangular(n, k, s, t, b, row);
}
int64_t LuFloat(int64_t m, int64_t n, float* a, int64_t row, int32_t* p) {
  return Lu(m, n, a, row, p);
}
int64_t LuDouble(int64_t m, int64_t n, double* a, int64_t row, int32_t* p) {
  return Lu(m, n, a, row, p);
}
int64_t CholeskyFloat(int64_t n, float* a, int64_t row) { return Cholesky(n, a, row); }
int64_t CholeskyDouble(int64_t n, double* a, int64_t row) { return Cholesky(n, a, row); }
float DotFloat(int64_t n, const float* x, const float* y) { return Dot(n, x, y); }
double DotDouble(int64_t n, const double* x, const double* y) { return Dot(n, x, y); }
void RotateFloat(int64_t n, float c, float s, float* x, float* y) { Rotate(n, c, s, x, y); }
void RotateDouble(int64_t n, double c, double s, double* x, double* y) { Rotate(n, c, s, x, y); }

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(SolveFloat);
HWY_EXPORT(SolveDouble);
HWY_EXPORT(LuFloat);
HWY_EXPORT(LuDouble);
HWY_EXPORT(CholeskyFloat);
HWY_EXPORT(CholeskyDouble);
HWY_EXPORT(DotFloat);
HWY_EXPORT(DotDouble);
HWY_EXPORT(RotateFloat);
HWY_EXPORT(RotateDouble);

template <>
void solve_triangular_block(int64_t n, int64_t k, Triangle s, Matrix<float> t, float* b,
                            int64_t row) {
  HWY_DYNAMIC_DISPATCH(SolveFloat)(n, k, s, t, b, row);
}
template <>
void solve_triangular_block(int64_t n, int64_t k, Triangle s, Matrix<double> t, double* b,
                            int64_t row) {
  HWY_DYNAMIC_DISPATCH(SolveDouble)(n, k, s, t, b, row);
}
template <>
int64_t lu_block(int64_t m, int64_t n, float* a, int64_t row, int32_t* pivots) {
  return HWY_DYNAMIC_DISPATCH(LuFloat)(m, n, a, row, pivots);
}
template <>
int64_t lu_block(int64_t m, int64_t n, double* a, int64_t row, int32_t* pivots) {
  return HWY_DYNAMIC_DISPATCH(LuDouble)(m, n, a, row, pivots);
}
template <>
int64_t cholesky_block(int64_t n, float* a, int64_t row) {
  return HWY_DYNAMIC_DISPATCH(CholeskyFloat)(n, a, row);
}
template <>
int64_t cholesky_block(int64_t n, double* a, int64_t row) {
  return HWY_DYNAMIC_DISPATCH(CholeskyDouble)(n, a, row);
}
template <>
float dot(int64_t n, const float* x, const float* y) {
  return HWY_DYNAMIC_DISPATCH(DotFloat)(n, x, y);
}
template <>
double dot(int64_t n, const double* x, const double* y) {
  return HWY_DYNAMIC_DISPATCH(DotDouble)(n, x, y);
}
template <>
void rotate(int64_t n, float cosine, float sine, float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(RotateFloat)(n, cosine, sine, x, y);
}
template <>
void rotate(int64_t n, double cosine, double sine, double* x, double* y) {
  HWY_DYNAMIC_DISPATCH(RotateDouble)(n, cosine, sine, x, y);
}

}  // namespace rw::kernels
#endif
