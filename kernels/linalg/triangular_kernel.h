#pragma once

#include <rewind/kernels/matmul/gemm.h>

namespace rw::kernels {

/// Which part of a square matrix is meant. The rest is not read.
struct Triangle {
  bool upper;
  bool unit;  ///< ones on the diagonal, whatever is there
};

/// b = t^-1 b: t is a triangular [n, n] matrix, b [n, k] with its rows in one piece each, `b_row`
/// elements apart. A zero on the diagonal divides. T is float or double.
template <class T>
void solve_triangular(int64_t n, int64_t k, Triangle triangle, Matrix<T> t, T* b, int64_t b_row);

}  // namespace rw::kernels
