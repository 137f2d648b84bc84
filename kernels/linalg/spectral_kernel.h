#pragma once

#include <cstdint>

namespace rw::kernels {

/// Eigenvalues, from the least on, of a symmetric row-major [n, n] matrix, of which the upper or
/// the lower triangle is read, and, unless `vectors` is null, eigenvectors, one row each. Returns
/// whether the iteration converged; the elements have to be finite. T is float or double.
template <class T>
bool eigh(int64_t n, const T* a, bool upper, T* values, T* vectors);

/// The singular values, from the greatest on, of a row-major [m, n] matrix and, unless they are
/// null, the columns of U and of V, one after another: min(m, n) of each or, where `full`, m and n.
/// Returns whether the iteration converged; the elements have to be finite. T is float or double.
template <class T>
bool svd(int64_t m, int64_t n, const T* a, T* values, bool full, T* u, T* v);

}  // namespace rw::kernels
