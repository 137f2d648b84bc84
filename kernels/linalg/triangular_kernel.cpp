#include <rewind/kernels/linalg/triangular_kernel.h>

#include <rewind/kernels/linalg/factor_blocks.h>
#include <rewind/kernels/linalg/subtract_product.h>

namespace rw::kernels {

// By halves: most of the work is a product of matrices then.
template <class T>
void solve_triangular(int64_t n, int64_t k, Triangle triangle, Matrix<T> t, T* b, int64_t b_row) {
  constexpr int64_t small = 32;
  if (n <= small) return solve_triangular_block(n, k, triangle, t, b, b_row);
  const int64_t half = (n / 2 + small - 1) / small * small, rest = n - half;
  T* const lower_rows = b + half * b_row;
  if (triangle.upper) {
    solve_triangular(rest, k, triangle, t.from(half, half), lower_rows, b_row);
    subtract_product<T>(half, k, rest, t.from(0, half), {lower_rows, b_row, 1}, b, b_row);
    solve_triangular(half, k, triangle, t, b, b_row);
  } else {
    solve_triangular(half, k, triangle, t, b, b_row);
    subtract_product<T>(rest, k, half, t.from(half, 0), {b, b_row, 1}, lower_rows, b_row);
    solve_triangular(rest, k, triangle, t.from(half, half), lower_rows, b_row);
  }
}

template void solve_triangular(int64_t, int64_t, Triangle, Matrix<float>, float*, int64_t);
template void solve_triangular(int64_t, int64_t, Triangle, Matrix<double>, double*, int64_t);

}  // namespace rw::kernels
