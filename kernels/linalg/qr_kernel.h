#pragma once

#include <cstdint>

namespace rw::kernels {

/// The QR decomposition of an [m, n] matrix by Householder's reflections I - tau v v^T, whose
/// columns lie in one piece each: `a` is [n, m] row-major. Writes R over the upper triangle, and
/// below it each v, whose first element, of the diagonal, is 1 and not stored; tau has min(m, n)
/// elements. T is float or double.
template <class T>
void qr(int64_t m, int64_t n, T* a, T* tau);

/// x = Q x, or Q^T x, for the product Q of the first k of these reflections: `x` has `count`
/// columns of m elements each, one after another.
template <class T>
void multiply_by_q(int64_t m, int64_t k, const T* a, const T* tau, bool transposed, int64_t count,
                   T* x);

}  // namespace rw::kernels
