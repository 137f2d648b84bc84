#pragma once

#include <cstdint>

#include <rewind/kernels/matmul/gemm.h>

namespace rw::kernels {

/// c[i] = the sum of a[i, k] b[i, k] over k < n, for i < count. T as of gemm.
template <class T>
void dots(int64_t count, int64_t n, const Matrix<T>& a, const Matrix<T>& b, T* c);

}  // namespace rw::kernels
