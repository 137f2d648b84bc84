#include <rewind/kernels/linalg/subtract_product.h>

#include <algorithm>
#include <utility>

#include <rewind/kernels/matmul/gemm_block.h>
#include <rewind/tensor/allocator.h>
#include <rewind/tensor/parallel.h>

namespace rw::kernels {
namespace {

constexpr int64_t block_rows = 128, block_columns = 512;
// Multiplications that are worth a second thread.
constexpr int64_t grain = 1 << 18;

// -a in memory of its own, in the order in which a lies.
template <class T>
class Negative {
 public:
  Negative(int64_t m, int64_t k, Matrix<T> a)
      : size_(static_cast<size_t>(m * k) * sizeof(T)),
        data_(static_cast<T*>(detail::allocate(size_))) {
    by_columns_ = a.row == 1;
    if (by_columns_) {
      a = a.transpose();
      std::swap(m, k);
    }
    for (int64_t i = 0; i < m; ++i) {
      const T* from = a.data + i * a.row;
      T* to = data_ + i * k;
      for (int64_t j = 0; j < k; ++j) to[j] = -from[j * a.column];
    }
    row_ = k;
  }
  ~Negative() { detail::deallocate(data_, size_); }
  Negative(const Negative&) = delete;
  Negative& operator=(const Negative&) = delete;

  Matrix<T> matrix() const {
    const Matrix<T> rows = {data_, row_, 1};
    return by_columns_ ? rows.transpose() : rows;
  }

 private:
  size_t size_;
  T* data_;
  int64_t row_;
  bool by_columns_;
};

}  // namespace

template <class T>
void subtract_product(int64_t m, int64_t n, int64_t k, Matrix<T> a, Matrix<T> b, T* c,
                      int64_t c_row) {
  if (m == 0 || n == 0 || k == 0) return;
  if (n == 1 && c_row == 1 && m > 1)  // a vector is worked on as a row
    return subtract_product(1, m, k, b.transpose(), a.transpose(), c, m);
  const Negative<T> negative(m, k, a);
  const Matrix<T> left = negative.matrix();
  const int64_t column_blocks = (n + block_columns - 1) / block_columns;
  const int64_t blocks = (m + block_rows - 1) / block_rows * column_blocks;
  const int64_t cost = std::min(m, block_rows) * std::min(n, block_columns) * k;
  parallel_for(0, blocks, grain / cost + 1, [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; ++at) {
      const int64_t i = at / column_blocks * block_rows, j = at % column_blocks * block_columns;
      gemm_block(Gemm<T>{std::min(block_rows, m - i), std::min(block_columns, n - j), k,
                         left.from(i, 0), b.from(0, j), nullptr, c + i * c_row + j, c_row},
                 true);
    }
  });
}

template void subtract_product(int64_t, int64_t, int64_t, Matrix<float>, Matrix<float>, float*,
                               int64_t);
template void subtract_product(int64_t, int64_t, int64_t, Matrix<double>, Matrix<double>, double*,
                               int64_t);

}  // namespace rw::kernels
