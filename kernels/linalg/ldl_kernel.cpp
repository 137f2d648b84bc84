#include <rewind/kernels/linalg/ldl_kernel.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace rw::kernels {
namespace {

template <class T>
struct Symmetric {
  int64_t n;
  T* a;
  T& operator()(int64_t i, int64_t j) const { return a[i * n + j]; }

  // The greatest of |a(i, j)| over rows from `first` on, and its row.
  std::pair<T, int64_t> greatest_below(int64_t first, int64_t j) const {
    std::pair<T, int64_t> best = {0, first};
    for (int64_t i = first; i < n; ++i)
      if (const T size = std::abs((*this)(i, j)); size > best.first) best = {size, i};
    return best;
  }
  // The greatest element beside the diagonal of row and column i, from column k on.
  T greatest_of_row(int64_t i, int64_t k) const {
    T best = greatest_below(i + 1, i).first;
    for (int64_t j = k; j < i; ++j) best = std::max(best, std::abs((*this)(i, j)));
    return best;
  }
  // Swaps rows and columns p < q of the part from row p on; of two rows that p is the second of,
  // the element before it as well.
  void swap(int64_t p, int64_t q, bool second) const {
    const Symmetric& x = *this;
    for (int64_t i = q + 1; i < n; ++i) std::swap(x(i, p), x(i, q));
    for (int64_t i = p + 1; i < q; ++i) std::swap(x(i, p), x(q, i));
    std::swap(x(p, p), x(q, q));
    if (second) std::swap(x(p, p - 1), x(q, p - 1));
  }
  void eliminate_one(int64_t k) const {
    const Symmetric& x = *this;
    const T d = 1 / x(k, k);
    for (int64_t i = k + 1; i < n; ++i) {
      const T factor = d * x(i, k);
      for (int64_t j = k + 1; j <= i; ++j) x(i, j) -= factor * x(j, k);
    }
    for (int64_t i = k + 1; i < n; ++i) x(i, k) *= d;
  }
  void eliminate_two(int64_t k) const {
    const Symmetric& x = *this;
    const T d21 = x(k + 1, k), d11 = x(k + 1, k + 1) / d21, d22 = x(k, k) / d21;
    const T scale = 1 / (d11 * d22 - 1) / d21;
    for (int64_t j = k + 2; j < n; ++j) {
      const T first = scale * (d11 * x(j, k) - x(j, k + 1));
      const T second = scale * (d22 * x(j, k + 1) - x(j, k));
      for (int64_t i = j; i < n; ++i) x(i, j) -= x(i, k) * first + x(i, k + 1) * second;
      x(j, k) = first, x(j, k + 1) = second;
    }
  }
};

// Of the 1 or 2 rows from k on: how many, and which row comes to the last of them.
struct Choice {
  int64_t rows, pivot;
};

template <class T>
Choice choose(const Symmetric<T>& x, int64_t k) {
  const T alpha = (1 + std::sqrt(T(17))) / 8, diagonal = std::abs(x(k, k));
  const auto [column, row] = x.greatest_below(k + 1, k);
  if (diagonal >= alpha * column || std::isnan(diagonal)) return {1, k};
  const T other = x.greatest_of_row(row, k);
  if (diagonal >= alpha * column * (column / other)) return {1, k};
  if (std::abs(x(row, row)) >= alpha * other) return {1, row};
  return {2, row};
}

template <class T>
void swap_rows(int64_t columns, T* b, int64_t p, int64_t q) {
  if (p != q) std::swap_ranges(b + p * columns, b + (p + 1) * columns, b + q * columns);
}

// b(i) -= factor b(k)
template <class T>
void subtract(int64_t columns, T* b, int64_t i, T factor, int64_t k) {
  for (int64_t c = 0; c < columns; ++c) b[i * columns + c] -= factor * b[k * columns + c];
}

}  // namespace

template <class T>
int32_t ldl(int64_t n, T* a, int32_t* pivots) {
  const Symmetric<T> x{n, a};
  int32_t zero_at = 0;
  for (int64_t k = 0; k < n;) {
    const Choice c = choose(x, k);
    const int64_t last = k + c.rows - 1;
    if (c.pivot != last) x.swap(last, c.pivot, c.rows == 2);
    const auto pivot = static_cast<int32_t>(c.pivot + 1);
    if (c.rows == 2) {
      x.eliminate_two(k);
      pivots[k] = pivots[k + 1] = -pivot;
    } else {
      pivots[k] = pivot;
      if (x(k, k) != 0)
        x.eliminate_one(k);
      else if (zero_at == 0)
        zero_at = static_cast<int32_t>(k + 1);
    }
    k += c.rows;
  }
  return zero_at;
}

template <class T>
void ldl_solve(int64_t n, int64_t columns, const T* a, const int32_t* pivots, T* b) {
  const auto at = [&](int64_t i, int64_t j) { return a[i * n + j]; };
  for (int64_t k = 0; k < n;) {
    const bool two = pivots[k] < 0;
    const int64_t last = two ? k + 1 : k;
    swap_rows(columns, b, last, std::abs(pivots[k]) - int64_t{1});
    for (int64_t i = last + 1; i < n; ++i)
      for (int64_t j = k; j <= last; ++j) subtract(columns, b, i, at(i, j), j);
    for (int64_t c = 0; c < columns; ++c) {
      T &first = b[k * columns + c], &second = b[last * columns + c];
      if (!two) {
        first /= at(k, k);
        continue;
      }
      const T d21 = at(k + 1, k), d11 = at(k, k) / d21, d22 = at(k + 1, k + 1) / d21;
      const T x = first / d21, y = second / d21, determinant = d11 * d22 - 1;
      first = (d22 * x - y) / determinant, second = (d11 * y - x) / determinant;
    }
    k = last + 1;
  }
  for (int64_t k = n - 1; k >= 0;) {
    const int64_t first = pivots[k] < 0 ? k - 1 : k;
    for (int64_t j = first; j <= k; ++j)
      for (int64_t i = k + 1; i < n; ++i) subtract(columns, b, j, at(i, j), i);
    swap_rows(columns, b, k, std::abs(pivots[k]) - int64_t{1});
    k = first - 1;
  }
}

template int32_t ldl(int64_t, float*, int32_t*);
template int32_t ldl(int64_t, double*, int32_t*);
template void ldl_solve(int64_t, int64_t, const float*, const int32_t*, float*);
template void ldl_solve(int64_t, int64_t, const double*, const int32_t*, double*);

}  // namespace rw::kernels
