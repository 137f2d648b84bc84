#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <rewind/kernels/linalg/factor_blocks.h>
#include <rewind/kernels/linalg/qr_kernel.h>
#include <rewind/kernels/linalg/spectral_kernel.h>
#include <rewind/tensor/allocator.h>

namespace rw::kernels {
namespace {

// One-sided Jacobi (Hestenes, "Inversion of matrices by biorthogonalization and related results",
// 1958): rotates pairs of columns of a matrix until all are orthogonal. Then their lengths are the
// singular values, and the product of the rotations is V.
template <class T>
class Jacobi {
 public:
  // `rows` has the columns, one after another: [n, width], of which the first m elements each are
  // the matrix; what follows is rotated along.
  Jacobi(int64_t m, int64_t n, int64_t width, T* rows)
      : m_(m), n_(n), width_(width), rows_(rows), squares_(static_cast<size_t>(n)) {}

  bool run() {
    constexpr int most_sweeps = 60;
    for (int i = 0; i < most_sweeps; ++i) {
      measure();
      if (!sweep()) return true;
    }
    return false;
  }

 private:
  T* row(int64_t i) const { return rows_ + i * width_; }

  // Lengths anew, since updates of them lose digits.
  void measure() {
    for (int64_t i = 0; i < n_; ++i) squares_[static_cast<size_t>(i)] = dot(m_, row(i), row(i));
    const T eps = std::numeric_limits<T>::epsilon();
    const T greatest = *std::max_element(squares_.begin(), squares_.end());
    negligible_ = greatest * eps * eps;
  }

  bool sweep() {
    bool rotated = false;
    for (int64_t i = 0; i < n_; ++i)
      for (int64_t j = i + 1; j < n_; ++j) rotated |= meet(i, j);
    return rotated;
  }

  // Makes two columns orthogonal, the longer one first. What is rounding beside the longest column
  // has no direction.
  bool meet(int64_t i, int64_t j) {
    T &a = squares_[static_cast<size_t>(i)], &b = squares_[static_cast<size_t>(j)];
    if (std::min(a, b) <= negligible_ && a >= b) return false;
    const T product = dot(m_, row(i), row(j));
    const T eps = std::numeric_limits<T>::epsilon();
    const T bound = eps * std::sqrt(static_cast<T>(m_)) * std::sqrt(a) * std::sqrt(b);
    const bool orthogonal = std::abs(product) <= bound || std::min(a, b) <= negligible_;
    if (orthogonal) {
      if (a >= b) return false;
      std::swap_ranges(row(i), row(i) + width_, row(j));
      std::swap(a, b);
      return false;
    }
    const T zeta = (b - a) / (2 * product);
    const T tangent = std::copysign(1 / (std::abs(zeta) + std::hypot(T(1), zeta)), zeta);
    const T cosine = 1 / std::hypot(T(1), tangent);
    rotate(width_, cosine, cosine * tangent, row(i), row(j));
    a -= tangent * product;
    b += tangent * product;
    if (a < b) {
      std::swap_ranges(row(i), row(i) + width_, row(j));
      std::swap(a, b);
    }
    return true;
  }

  int64_t m_, n_, width_;
  T* rows_;
  std::vector<T> squares_;
  T negligible_ = 0;
};

// Columns of U from those of U diag(s): Q of their QR decomposition, which makes up for those that
// vanish, and adds the others of a complete basis. Its signs are those of R's diagonal.
template <class T>
void unit_columns(int64_t m, int64_t n, T* columns, int64_t count, T* u) {
  std::vector<T> tau(static_cast<size_t>(n));
  qr(m, n, columns, tau.data());
  std::fill_n(u, count * m, T(0));
  for (int64_t i = 0; i < count; ++i) u[i * m + i] = i < n && columns[i * m + i] < 0 ? -1 : 1;
  multiply_by_q(m, n, columns, tau.data(), false, count, u);
}

// The same for m >= n, of a matrix whose column j is row j of `columns` times `scale`.
template <class T>
bool tall_svd(int64_t m, int64_t n, const T* columns, T scale, T* values, bool full, T* u, T* v) {
  const int64_t width = v ? m + n : m;
  detail::CachedVector<T> rows(static_cast<size_t>(n * width));
  for (int64_t j = 0; j < n; ++j) {
    T* const row = rows.data() + j * width;
    for (int64_t i = 0; i < m; ++i) row[i] = columns[j * m + i] * scale;
    if (v) row[m + j] = 1;
  }
  const bool converged = Jacobi<T>(m, n, width, rows.data()).run();
  for (int64_t j = 0; j < n; ++j) {
    const T* const row = rows.data() + j * width;
    values[j] = std::sqrt(dot(m, row, row)) / scale;
    if (v) std::copy(row + m, row + width, v + j * n);
  }
  // Lengths of nearly equal columns may be rounded into another order.
  for (int64_t j = 1; j < n; ++j) values[j] = std::min(values[j], values[j - 1]);
  if (u) {
    detail::CachedVector<T> parts(static_cast<size_t>(n * m));
    for (int64_t j = 0; j < n; ++j) std::copy_n(rows.data() + j * width, m, parts.data() + j * m);
    unit_columns(m, n, parts.data(), full ? m : n, u);
  }
  return converged;
}

// For many more rows than columns: of R, whose U is Q^T times that of the whole.
template <class T>
bool very_tall_svd(int64_t m, int64_t n, const T* columns, T scale, T* values, bool full, T* u,
                   T* v) {
  detail::CachedVector<T> work(columns, columns + m * n), r(static_cast<size_t>(n * n));
  for (T& x : work) x *= scale;
  std::vector<T> tau(static_cast<size_t>(n));
  qr(m, n, work.data(), tau.data());
  for (int64_t j = 0; j < n; ++j) std::copy_n(work.data() + j * m, j + 1, r.data() + j * n);
  detail::CachedVector<T> inner(static_cast<size_t>(n * n));
  const bool converged =
      tall_svd<T>(n, n, r.data(), 1, values, false, u ? inner.data() : nullptr, v);
  for (int64_t j = 0; j < n; ++j) values[j] /= scale;
  if (!u) return converged;
  const int64_t count = full ? m : n;
  std::fill_n(u, count * m, T(0));
  for (int64_t j = 0; j < count; ++j)
    if (j < n)
      std::copy_n(inner.data() + j * n, n, u + j * m);
    else
      u[j * m + j] = 1;
  multiply_by_q(m, n, work.data(), tau.data(), false, count, u);
  return converged;
}

template <class T>
bool svd_of_columns(int64_t m, int64_t n, const T* columns, T* values, bool full, T* u, T* v) {
  T greatest = 0;
  for (int64_t i = 0; i < m * n; ++i) {
    if (!std::isfinite(columns[i])) return false;
    greatest = std::max(greatest, std::abs(columns[i]));
  }
  // A power of two brings all near 1, so that no square overflows.
  int exponent = 0;
  if (greatest > 0) std::frexp(greatest, &exponent);
  constexpr int limit = std::numeric_limits<T>::max_exponent - 2;
  const T scale = std::ldexp(T(1), std::clamp(-exponent, -limit, limit));
  if (2 * m > 3 * n) return very_tall_svd(m, n, columns, scale, values, full, u, v);
  return tall_svd(m, n, columns, scale, values, full, u, v);
}

}  // namespace

template <class T>
bool svd(int64_t m, int64_t n, const T* a, T* values, bool full, T* u, T* v) {
  if (m < n) return svd_of_columns(n, m, a, values, full, v, u);  // of the transpose
  detail::CachedVector<T> columns(static_cast<size_t>(m * n));
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) columns[static_cast<size_t>(j * m + i)] = a[i * n + j];
  return svd_of_columns(m, n, columns.data(), values, full, u, v);
}

template bool svd(int64_t, int64_t, const float*, float*, bool, float*, float*);
template bool svd(int64_t, int64_t, const double*, double*, bool, double*, double*);

}  // namespace rw::kernels
