#pragma once

#include <cstdint>

namespace rw::kernels {

/// What reflections and rotations do to matrices, in vector code chosen for the machine, on the
/// calling thread. Columns (rows) of a matrix are in one piece each, `step` elements apart.
template <class T>
struct ReflectionFunctions {
  /// x -= tau v (v^T x) for each of `count` columns x of n elements. v[0] is 1, whatever is there.
  void (*apply)(int64_t n, const T* v, T tau, int64_t count, T* x, int64_t step);
  /// y += the sum of factors[j] times column j, of n elements.
  void (*add_columns)(int64_t n, int64_t count, const T* factors, const T* x, int64_t step, T* y);
  /// Column j += scale factors[j] y.
  void (*add_outer)(int64_t n, int64_t count, T scale, const T* factors, const T* y, T* x,
                    int64_t step);
  /// y = a x for a symmetric [n, n] matrix, of which the upper triangle is read.
  void (*symmetric_product)(int64_t n, const T* a, int64_t step, const T* x, T* y);
  /// a -= x y^T + y x^T on the upper triangle.
  void (*symmetric_update)(int64_t n, const T* x, const T* y, T* a, int64_t step);
  /// Rotates rows j and j + 1, of n elements, for one j after another, from 0 to count - 1:
  /// c[j] row + s[j] next, c[j] next - s[j] row. With a negative step that goes upwards.
  void (*rotate_rows)(int64_t n, int64_t count, const T* c, const T* s, T* rows, int64_t step);
};

/// T is float or double.
template <class T>
const ReflectionFunctions<T>& reflection_functions();

}  // namespace rw::kernels
