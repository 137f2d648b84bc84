#include <rewind/kernels/linalg/lu_kernel.h>

#include <algorithm>

#include <rewind/kernels/linalg/factor_blocks.h>
#include <rewind/kernels/linalg/subtract_product.h>

namespace rw::kernels {

template <class T>
void swap_rows(int64_t n, T* a, int64_t row, const int32_t* pivots, int64_t count, bool back) {
  for (int64_t step = 0; step < count; ++step) {
    const int64_t k = back ? count - 1 - step : step;
    if (pivots[k] != k) std::swap_ranges(a + k * row, a + k * row + n, a + pivots[k] * row);
  }
}

// The left half of the columns first, which decides about the rows of the right half (Toledo,
// "Locality of reference in LU decomposition with partial pivoting", 1997).
template <class T>
int64_t lu(int64_t m, int64_t n, T* a, int64_t row, int32_t* pivots) {
  constexpr int64_t small = 16;
  const int64_t count = std::min(m, n);
  if (count <= small) return lu_block(m, n, a, row, pivots);
  const int64_t half = (count / 2 + small - 1) / small * small;
  int64_t singular = lu(m, half, a, row, pivots);
  T* const right = a + half;
  T* const rest = right + half * row;
  swap_rows(n - half, right, row, pivots, half);
  solve_triangular<T>(half, n - half, {.upper = false, .unit = true}, {a, row, 1}, right, row);
  subtract_product<T>(m - half, n - half, half, {a + half * row, row, 1}, {right, row, 1}, rest,
                      row);
  int32_t* const later = pivots + half;
  const int64_t in_rest = lu(m - half, n - half, rest, row, later);
  if (singular < 0 && in_rest >= 0) singular = half + in_rest;
  swap_rows(half, a + half * row, row, later, count - half);
  for (int64_t k = 0; k < count - half; ++k) later[k] += static_cast<int32_t>(half);
  return singular;
}

template int64_t lu(int64_t, int64_t, float*, int64_t, int32_t*);
template int64_t lu(int64_t, int64_t, double*, int64_t, int32_t*);
template void swap_rows(int64_t, float*, int64_t, const int32_t*, int64_t, bool);
template void swap_rows(int64_t, double*, int64_t, const int32_t*, int64_t, bool);

}  // namespace rw::kernels
