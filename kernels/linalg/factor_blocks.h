#pragma once
// The parts of factorizations that are too small for products of matrices, in vector code chosen
// for the machine, on the calling thread. T is float or double.

#include <rewind/kernels/linalg/triangular_kernel.h>

namespace rw::kernels {

/// solve_triangular for small n.
template <class T>
void solve_triangular_block(int64_t n, int64_t k, Triangle triangle, Matrix<T> t, T* b,
                            int64_t b_row);
/// lu (lu_kernel.h) for a few columns or rows.
template <class T>
int64_t lu_block(int64_t m, int64_t n, T* a, int64_t row, int32_t* pivots);
/// cholesky (cholesky_kernel.h) for small n.
template <class T>
int64_t cholesky_block(int64_t n, T* a, int64_t row);
/// The sum of x[i] y[i].
template <class T>
T dot(int64_t n, const T* x, const T* y);
/// x, y = cosine x - sine y, sine x + cosine y
template <class T>
void rotate(int64_t n, T cosine, T sine, T* x, T* y);

}  // namespace rw::kernels
