#include <rewind/kernels/recurrent/step_product.h>

#include <algorithm>

#include <rewind/tensor/parallel.h>

namespace rw::kernels {
namespace {

// As many columns as the product takes at a time with the widest vectors.
template <class T>
constexpr int64_t strip_columns = 128 / static_cast<int64_t>(sizeof(T));
// Rows that a copy has to serve to be worth it.
constexpr int64_t least_rows = 3;

template <class T>
void copy_strip(Matrix<T> b, int64_t rows, int64_t columns, T* out) {
  constexpr int64_t at_once = 16;  // rows, for what is read and written to stay in the cache
  for (int64_t i = 0; i < rows; i += at_once)
    for (int64_t j = 0; j < columns; ++j)
      for (int64_t r = i; r < std::min(rows, i + at_once); ++r)
        out[r * strip_columns<T> + j] = *b.from(r, j).data;
}

}  // namespace

template <class T>
StepProduct<T>::StepProduct(Matrix<T> b, int64_t k, int64_t n, int64_t rows) : b_(b), k_(k), n_(n) {
  if (rows < least_rows) return;
  constexpr int64_t width = strip_columns<T>;
  const int64_t strips = (n + width - 1) / width;
  strips_.resize(static_cast<size_t>(strips * width * k));
  parallel_for(0, strips, 1 + (1 << 14) / (1 + k * width), [&](int64_t begin, int64_t end) {
    for (int64_t s = begin; s < end; ++s)
      copy_strip(b.from(0, s * width), k, std::min(width, n - s * width),
                 strips_.data() + s * width * k);
  });
}

template <class T>
void StepProduct<T>::multiply(const T* a, int64_t rows, const T* bias, T* c, bool add) const {
  Gemm<T> g = {rows, n_, k_, {a, k_, 1}, b_, bias, c, n_};
  if (strips_.empty()) return gemm_block(g, add);
  constexpr int64_t width = strip_columns<T>;
  for (int64_t j = 0; j < n_; j += width) {
    g.n = std::min(width, n_ - j);
    g.b = {strips_.data() + j * k_, width, 1};
    g.bias = bias ? bias + j : nullptr;
    g.c = c + j;
    gemm_block(g, add);
  }
}

template class StepProduct<float>;
template class StepProduct<double>;

}  // namespace rw::kernels
