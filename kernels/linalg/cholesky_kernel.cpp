#include <rewind/kernels/linalg/cholesky_kernel.h>

#include <algorithm>

#include <rewind/kernels/linalg/factor_blocks.h>
#include <rewind/kernels/linalg/subtract_product.h>

namespace rw::kernels {
namespace {

// c -= r^T r on the upper triangle of c [n, n] and little more: r is [k, n].
template <class T>
void subtract_square(int64_t n, int64_t k, const T* r, T* c, int64_t row) {
  constexpr int64_t strip = 128;
  for (int64_t i = 0; i < n; i += strip)
    subtract_product<T>(std::min(strip, n - i), n - i, k, Matrix<T>{r + i, row, 1}.transpose(),
                        {r + i, row, 1}, c + i * row + i, row);
}

}  // namespace

template <class T>
int64_t cholesky(int64_t n, T* a, int64_t row) {
  constexpr int64_t small = 32;
  if (n <= small) return cholesky_block(n, a, row);
  const int64_t half = (n / 2 + small - 1) / small * small, rest = n - half;
  if (const int64_t at = cholesky(half, a, row); at >= 0) return at;
  solve_triangular<T>(half, rest, {.upper = false, .unit = false}, {a, 1, row}, a + half, row);
  T* const remainder = a + half * row + half;
  subtract_square(rest, half, a + half, remainder, row);
  const int64_t at = cholesky(rest, remainder, row);
  return at < 0 ? at : half + at;
}

template int64_t cholesky(int64_t, float*, int64_t);
template int64_t cholesky(int64_t, double*, int64_t);

}  // namespace rw::kernels
