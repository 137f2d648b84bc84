#pragma once

#include <cstdint>

namespace rw::kernels {

/// Writes U with U^T U = a over the upper triangle of a symmetric row-major [n, n] matrix, whose
/// rows are `row` elements apart. What lies below the diagonal is not read, and is undefined
/// afterwards. Returns the first k for which the leading [k + 1, k + 1] part is not positive
/// definite, or -1. T is float or double.
template <class T>
int64_t cholesky(int64_t n, T* a, int64_t row);

}  // namespace rw::kernels
