#include <rewind/kernels/matmul/gemm.h>

#include <algorithm>
#include <memory>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/matmul/gemm_block.h>
#include <rewind/tensor/dtype.h>
#include <rewind/tensor/parallel.h>

namespace rw::kernels {

namespace {

// What one thread takes at a time: b is read once per block of rows, a once per block of columns.
constexpr int64_t block_rows = 256, block_columns = 1024;
// Where there are fewer blocks for each thread, columns are split further, for all to have their
// share.
constexpr int64_t few_blocks = 4, least_columns = 256;
// Multiplications that are worth a second thread.
constexpr int64_t grain = 1 << 17;

// Integers wrap around, as in PyTorch.
void gemm_block(const Gemm<int64_t>& g) {
  for (int64_t i = 0; i < g.m; ++i) {
    int64_t* c = g.c + i * g.c_row;
    for (int64_t j = 0; j < g.n; ++j) c[j] = g.bias ? g.bias[j] : 0;
    for (int64_t k = 0; k < g.k; ++k) {
      const auto factor = static_cast<uint64_t>(*g.a.from(i, k).data);
      const Matrix<int64_t> b = g.b.from(k, 0);
      for (int64_t j = 0; j < g.n; ++j)
        c[j] = static_cast<int64_t>(static_cast<uint64_t>(c[j]) +
                                    factor * static_cast<uint64_t>(b.data[j * b.column]));
    }
  }
}

template <class T>
Matrix<float> widen(Matrix<T> m, int64_t rows, int64_t columns, float* out) {
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) out[i * columns + j] = *m.from(i, j).data;
  return {out, columns, 1};
}

// Through float copies: this is for small products, large ones have oneDNN.
template <class T>
requires is_reduced<T>
void gemm_block(const Gemm<T>& g) {
  const auto memory = std::make_unique_for_overwrite<float[]>(
      static_cast<size_t>(g.m * g.k + g.k * g.n + g.n + g.m * g.n));
  float* const b = memory.get() + g.m * g.k;
  float* const bias = b + g.k * g.n;
  float* const c = bias + g.n;
  if (g.bias) widen<T>({g.bias, 0, 1}, 1, g.n, bias);
  gemm_block(Gemm<float>{g.m, g.n, g.k, widen(g.a, g.m, g.k, memory.get()), widen(g.b, g.k, g.n, b),
                         g.bias ? bias : nullptr, c, g.n});
  for (int64_t i = 0; i < g.m; ++i)
    for (int64_t j = 0; j < g.n; ++j) g.c[i * g.c_row + j] = T(c[i * g.n + j]);
}

template <class T>
Gemm<T> block_of(const Gemm<T>& g, int64_t i, int64_t j, int64_t columns) {
  Gemm<T> part = g;
  part.m = std::min(block_rows, g.m - i);
  part.n = std::min(columns, g.n - j);
  part.a = g.a.from(i, 0);
  part.b = g.b.from(0, j);
  if (g.bias) part.bias = g.bias + j;
  part.c = g.c + i * g.c_row + j;
  return part;
}

template <class T>
Gemm<T> product_of(const Gemm<T>& g, const Batch& batch, int64_t index) {
  Gemm<T> one = g;
  one.c += index * g.m * g.c_row;
  for (int d = batch.shape.rank() - 1; d >= 0; --d) {
    const int64_t i = index % batch.shape[d];
    index /= batch.shape[d];
    one.a.data += i * batch.a[d];
    one.b.data += i * batch.b[d];
  }
  return one;
}

}  // namespace

// A vector is worked on as a row.
template <class T>
void gemm(const Gemm<T>& g, const Batch& batch) {
  if (g.n == 1 && g.m > 1 && g.c_row == 1 && !g.bias)
    return gemm<T>({1, g.m, g.k, g.b.transpose(), g.a.transpose(), nullptr, g.c, g.m},
                   {batch.shape, batch.b, batch.a});
  const int64_t row_blocks = (g.m + block_rows - 1) / block_rows;
  const int64_t wide = (g.n + block_columns - 1) / block_columns;
  const bool few = batch.shape.numel() * row_blocks * wide < few_blocks * get_num_threads();
  const int64_t columns = few ? least_columns : block_columns;
  const int64_t column_blocks = (g.n + columns - 1) / columns, blocks = row_blocks * column_blocks;
  const int64_t cost = std::min(g.m, block_rows) * std::min(g.n, columns) * g.k;
  parallel_for(
      0, batch.shape.numel() * blocks, grain / std::max<int64_t>(cost, 1) + 1,
      [&](int64_t begin, int64_t end) {
        for (int64_t at = begin; at < end; ++at) {
          const int64_t block = at % blocks;
          gemm_block(block_of(product_of(g, batch, at / blocks), block / column_blocks * block_rows,
                              block % column_blocks * columns, columns));
        }
      });
}

template void gemm(const Gemm<float>&, const Batch&);
template void gemm(const Gemm<double>&, const Batch&);
template void gemm(const Gemm<BFloat16>&, const Batch&);
template void gemm(const Gemm<Float16>&, const Batch&);
template void gemm(const Gemm<int64_t>&, const Batch&);

}  // namespace rw::kernels
