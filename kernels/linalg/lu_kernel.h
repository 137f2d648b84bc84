#pragma once

#include <cstdint>

namespace rw::kernels {

/// Writes L (below the diagonal, ones on it) and U over a row-major [m, n] matrix whose rows are
/// `row` elements apart, so that L U is the matrix after row k was swapped with row pivots[k] >= k
/// for one k after the other, from 0 to min(m, n) - 1. Returns the first k where U is zero on the
/// diagonal, or -1. T is float or double.
template <class T>
int64_t lu(int64_t m, int64_t n, T* a, int64_t row, int32_t* pivots);

/// Swaps rows of n elements as lu did, or back.
template <class T>
void swap_rows(int64_t n, T* a, int64_t row, const int32_t* pivots, int64_t count,
               bool back = false);

}  // namespace rw::kernels
