#pragma once

#include <cstdint>

namespace rw::kernels {

/// Writes D (its blocks of one or two rows on the diagonal) and L (below it, without its ones) of a
/// symmetric row-major [n, n] matrix a = P L D L^T P^T over its lower triangle, as LAPACK's sytf2
/// does (Bunch and Kaufman, "Some stable methods for calculating inertia and solving symmetric
/// linear systems", 1977). pivots[k] > 0: row k + 1 was swapped with this one, from 1 on; two equal
/// negative ones: the second of the two rows was, with row -pivots[k]. Returns the first k where D
/// is zero, from 1 on, or 0. T is float or double.
template <class T>
int32_t ldl(int64_t n, T* a, int32_t* pivots);

/// Writes x with a x = b over b, row-major [n, columns], for what ldl made of a.
template <class T>
void ldl_solve(int64_t n, int64_t columns, const T* a, const int32_t* pivots, T* b);

}  // namespace rw::kernels
