#include <rewind/kernels/linalg/qr_kernel.h>

#include <algorithm>

#include <rewind/kernels/linalg/reflection.h>
#include <rewind/kernels/linalg/reflection_blocks.h>
#include <rewind/kernels/linalg/subtract_product.h>
#include <rewind/tensor/allocator.h>

namespace rw::kernels {
namespace {

// So many reflections are applied at once, as products of matrices, to this many columns or more.
constexpr int64_t block = 32, least_columns = 16;

// The product of `count` reflections, I - V W V^T, V being [n, count] and W upper triangular
// (Schreiber and Van Loan, "A storage-efficient WY representation for products of Householder
// transformations", 1989).
template <class T>
class Reflections {
 public:
  // `a` points to the first diagonal element of a matrix whose columns are `step` apart.
  Reflections(int64_t n, int64_t count, const T* a, int64_t step, const T* tau)
      : n_(n), count_(count), v_(static_cast<size_t>(n * count)) {
    for (int64_t j = 0; j < count; ++j) {
      T* const v = &v_[static_cast<size_t>(j * n)];
      v[j] = 1;
      std::copy(a + j * step + j + 1, a + j * step + n, v + j + 1);
    }
    for (int64_t j = 0; j < count; ++j) add_column(j, tau[j]);
  }

  // Each of `columns` columns of n elements, `step` apart, multiplied by it or its transpose.
  void apply_to(int64_t columns, T* x, int64_t step, bool transposed) const {
    detail::CachedVector<T> parts(static_cast<size_t>(2 * columns * count_));
    T* const along = parts.data();
    T* const weighed = along + columns * count_;
    const Matrix<T> v = {v_.data(), n_, 1}, w = {w_, block, 1};
    gemm<T>({columns, count_, n_, {x, step, 1}, v.transpose(), nullptr, along, count_});
    gemm<T>({columns,
             count_,
             count_,
             {along, count_, 1},
             transposed ? w : w.transpose(),
             nullptr,
             weighed,
             count_});
    subtract_product<T>(columns, n_, count_, {weighed, count_, 1}, v, x, step);
  }

 private:
  void add_column(int64_t j, T tau) {
    T products[block];
    const T* const v = v_.data();
    for (int64_t i = 0; i < j; ++i) products[i] = dot(n_ - j, v + i * n_ + j, v + j * n_ + j);
    for (int64_t i = 0; i < j; ++i) {
      T sum = 0;
      for (int64_t k = i; k < j; ++k) sum += w_[i * block + k] * products[k];
      w_[i * block + j] = -tau * sum;
    }
    w_[j * block + j] = tau;
  }

  int64_t n_, count_;
  detail::CachedVector<T> v_;  // one column after another
  T w_[block * block] = {};
};

}  // namespace

template <class T>
void qr(int64_t m, int64_t n, T* a, T* tau) {
  const int64_t all = std::min(m, n);
  const auto apply = reflection_functions<T>().apply;
  for (int64_t j = 0; j < all; j += block) {
    const int64_t count = std::min(block, all - j), rest = n - j - count;
    const bool at_once = rest >= least_columns;
    for (int64_t i = j; i < j + count; ++i) {
      tau[i] = reflect(m - i, a + i * m + i);
      const int64_t others = (at_once ? j + count : n) - i - 1;
      apply(m - i, a + i * m + i, tau[i], others, a + (i + 1) * m + i, m);
    }
    if (at_once)
      Reflections<T>(m - j, count, a + j * m + j, m, tau + j)
          .apply_to(rest, a + (j + count) * m + j, m, true);
  }
}

template <class T>
void multiply_by_q(int64_t m, int64_t k, const T* a, const T* tau, bool transposed, int64_t count,
                   T* x) {
  const int64_t blocks = (k + block - 1) / block;
  const auto apply = reflection_functions<T>().apply;
  for (int64_t step = 0; step < blocks; ++step) {
    const int64_t j = (transposed ? step : blocks - 1 - step) * block;
    const int64_t size = std::min(block, k - j);
    if (count >= least_columns && size > 1) {
      Reflections<T>(m - j, size, a + j * m + j, m, tau + j).apply_to(count, x + j, m, transposed);
      continue;
    }
    for (int64_t i = 0; i < size; ++i) {
      const int64_t at = transposed ? j + i : j + size - 1 - i;
      apply(m - at, a + at * m + at, tau[at], count, x + at, m);
    }
  }
}

template void qr(int64_t, int64_t, float*, float*);
template void qr(int64_t, int64_t, double*, double*);
template void multiply_by_q(int64_t, int64_t, const float*, const float*, bool, int64_t, float*);
template void multiply_by_q(int64_t, int64_t, const double*, const double*, bool, int64_t, double*);

}  // namespace rw::kernels
