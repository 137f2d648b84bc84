#pragma once

#include <rewind/kernels/matmul/gemm.h>

namespace rw::kernels {

/// c -= a b: a is [m, k], b [k, n], c [m, n] with its rows in one piece each, `c_row` elements
/// apart. Shared out to threads where it is large. T is float or double.
template <class T>
void subtract_product(int64_t m, int64_t n, int64_t k, Matrix<T> a, Matrix<T> b, T* c,
                      int64_t c_row);

}  // namespace rw::kernels
