#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include <rewind/kernels/linalg/qr_kernel.h>
#include <rewind/kernels/linalg/reflection.h>
#include <rewind/kernels/linalg/reflection_blocks.h>
#include <rewind/kernels/linalg/spectral_kernel.h>
#include <rewind/tensor/allocator.h>

namespace rw::kernels {
namespace {

// A bidiagonal matrix, and how the original comes of it: Q B P^T. The reflections of Q are below
// the diagonal of `left`, as those of `qr`; those of P, likewise, in `right`.
template <class T>
struct Bidiagonal {
  detail::CachedVector<T> left, right;
  std::vector<T> left_tau, right_tau, diagonal, above;
};

// By reflections of columns and rows in turn (Golub and Kahan, "Calculating the singular values and
// pseudo-inverse of a matrix", 1965). `columns` has those of an [m, n] matrix, m >= n, one after
// another.
template <class T>
Bidiagonal<T> reduce(int64_t m, int64_t n, detail::CachedVector<T> columns) {
  const ReflectionFunctions<T>& by = reflection_functions<T>();
  const auto count = static_cast<size_t>(n);
  Bidiagonal<T> b = {std::move(columns),    detail::CachedVector<T>(count * count),
                     std::vector<T>(count), std::vector<T>(count),
                     std::vector<T>(count), std::vector<T>(count)};
  std::vector<T> sum(static_cast<size_t>(m));
  for (int64_t k = 0; k < n; ++k) {
    const auto at = static_cast<size_t>(k);
    T* const column = b.left.data() + k * m + k;
    b.left_tau[at] = reflect(m - k, column);
    b.diagonal[at] = column[0];
    const int64_t rest = n - k - 1;
    if (rest == 0) break;
    by.apply(m - k, column, b.left_tau[at], rest, column + m, m);
    // Row k; its reflection is the next one of P.
    T* const v = b.right.data() + (k + 1) * (n + 1);
    for (int64_t j = 0; j < rest; ++j) v[j] = b.left[static_cast<size_t>((k + 1 + j) * m + k)];
    const T tau = b.right_tau[at + 1] = reflect(rest, v);
    b.above[at] = v[0];
    v[0] = 1;
    const int64_t rows = m - k - 1;
    std::fill_n(sum.data(), rows, T(0));
    T* const below = b.left.data() + (k + 1) * (m + 1);
    by.add_columns(rows, rest, v, below, m, sum.data());
    by.add_outer(rows, rest, -tau, v, sum.data(), below, m);
  }
  return b;
}

// Implicit QR of a bidiagonal matrix with shifts (Golub and Reinsch, "Singular value decomposition
// and least squares solutions", 1970): the diagonal becomes the singular values. The rows of u and
// v, which may be null, are rotated along.
template <class T>
class Iteration {
 public:
  Iteration(Bidiagonal<T>& b, RotatedRows<T>* u, RotatedRows<T>* v)
      : n_(static_cast<int64_t>(b.diagonal.size())),
        s_(b.diagonal.data()),
        e_(b.above.data()),
        u_(u),
        v_(v),
        of_u_(n_),
        of_v_(n_) {
    for (int64_t i = 0; i < n_; ++i) size_ = std::max({size_, std::abs(s_[i]), std::abs(e_[i])});
  }

  bool run() {
    constexpr int most_steps = 75;
    int steps = 0;
    for (int64_t end = n_; end > 0;) {
      const int64_t begin = block_before(end);
      if (begin == end - 1) {
        make_positive(begin);
        --end;
        steps = 0;
        continue;
      }
      if (++steps > most_steps) return false;
      if (const int64_t zero = zero_in(begin, end); zero == end - 1)
        clear_column(begin, end);
      else if (zero >= 0)
        clear_row(zero, end);
      else
        step(begin, end);
    }
    return true;
  }

 private:
  static constexpr T eps = std::numeric_limits<T>::epsilon();

  // Where the part begins that ends before `end` and has nothing above its diagonal that is
  // negligible.
  int64_t block_before(int64_t end) {
    for (int64_t k = end - 2; k >= 0; --k)
      if (std::abs(e_[k]) <= eps * (std::abs(s_[k]) + std::abs(s_[k + 1])) ||
          std::abs(e_[k]) <= eps * eps * size_) {
        e_[k] = 0;
        return k + 1;
      }
    return 0;
  }

  // The last place of a zero on the diagonal, or what is none beside its neighbours, or -1.
  int64_t zero_in(int64_t begin, int64_t end) {
    for (int64_t k = end - 1; k >= begin; --k) {
      const T right = k < end - 1 ? std::abs(e_[k]) : T(0);
      const T over = k > begin ? std::abs(e_[k - 1]) : T(0);
      if (std::abs(s_[k]) > eps * (right + over)) continue;
      s_[k] = 0;
      return k;
    }
    return -1;
  }

  void turn(RotatedRows<T>* rows, int64_t i, int64_t j, T c, T s) const {
    if (rows) rotate(rows->length(), c, -s, rows->row(i), rows->row(j));
  }
  // Those of a step.
  class Rotations {
   public:
    explicit Rotations(int64_t n) : c_(static_cast<size_t>(n)), s_(static_cast<size_t>(n)) {}
    void set(int64_t i, T c, T s) {
      c_[static_cast<size_t>(i)] = c;
      s_[static_cast<size_t>(i)] = s;
    }
    void turn(RotatedRows<T>* rows, int64_t begin, int64_t end) const {
      if (rows)
        reflection_functions<T>().rotate_rows(rows->length(), end - begin - 1, c_.data(), s_.data(),
                                              rows->row(begin), rows->step());
    }

   private:
    std::vector<T> c_, s_;
  };

  // (f, g) becomes (the result, 0).
  static T angle(T f, T g, T& c, T& s) {
    const T r = std::hypot(f, g);
    c = r == 0 ? 1 : f / r;
    s = r == 0 ? 0 : g / r;
    return r;
  }

  // The last diagonal element is zero: so is what is above it, after rotations of columns.
  void clear_column(int64_t begin, int64_t end) {
    T f = e_[end - 2], c, s;
    e_[end - 2] = 0;
    for (int64_t j = end - 2; j >= begin; --j) {
      s_[j] = angle(s_[j], f, c, s);
      if (j > begin) {
        f = -s * e_[j - 1];
        e_[j - 1] *= c;
      }
      turn(v_, j, end - 1, c, s);
    }
  }

  // Diagonal element `zero` is: so is what stands beside it, after rotations of rows.
  void clear_row(int64_t zero, int64_t end) {
    T f = e_[zero], c, s;
    e_[zero] = 0;
    for (int64_t j = zero + 1; j < end; ++j) {
      s_[j] = angle(s_[j], f, c, s);
      f = -s * e_[j];
      e_[j] *= c;
      turn(u_, j, zero, c, s);
    }
  }

  // The eigenvalue of the last two rows and columns of B^T B that is nearer to its last element is
  // the shift.
  void step(int64_t begin, int64_t end) {
    const T last = s_[end - 1], before = s_[end - 2], beside = e_[end - 2];
    const T scale = std::max({std::abs(last), std::abs(before), std::abs(beside),
                              std::abs(s_[begin]), std::abs(e_[begin])});
    const T sp = last / scale, sq = before / scale, eq = beside / scale;
    const T sk = s_[begin] / scale, ek = e_[begin] / scale;
    const T b = ((sq + sp) * (sq - sp) + eq * eq) / 2, c0 = (sp * eq) * (sp * eq);
    T shift = 0;
    if (b != 0 || c0 != 0) shift = c0 / (b + std::copysign(std::sqrt(b * b + c0), b));
    T f = (sk + sp) * (sk - sp) + shift, g = sk * ek, c, s;
    for (int64_t j = begin; j < end - 1; ++j) {
      const T r = angle(f, g, c, s);
      if (j > begin) e_[j - 1] = r;
      f = c * s_[j] + s * e_[j];
      e_[j] = c * e_[j] - s * s_[j];
      g = s * s_[j + 1];
      s_[j + 1] *= c;
      of_v_.set(j - begin, c, s);
      s_[j] = angle(f, g, c, s);
      f = c * e_[j] + s * s_[j + 1];
      s_[j + 1] = c * s_[j + 1] - s * e_[j];
      if (j + 2 < end) {
        g = s * e_[j + 1];
        e_[j + 1] *= c;
      }
      of_u_.set(j - begin, c, s);
    }
    e_[end - 2] = f;
    of_u_.turn(u_, begin, end);
    of_v_.turn(v_, begin, end);
  }

  void make_positive(int64_t k) {
    if (!std::signbit(s_[k])) return;
    s_[k] = -s_[k];
    for (int64_t i = 0; v_ && i < v_->length(); ++i) v_->row(k)[i] = -v_->row(k)[i];
  }

  int64_t n_;
  T *s_, *e_;
  RotatedRows<T>*u_, *v_;
  Rotations of_u_, of_v_;
  T size_ = 0;
};

// The first `count` unit vectors of m elements.
template <class T>
void set_identity(int64_t m, int64_t count, T* x) {
  std::fill_n(x, m * count, T(0));
  for (int64_t i = 0; i < count; ++i) x[i * (m + 1)] = 1;
}

template <class T>
void sort_with_rows(int64_t n, T* values, RotatedRows<T>* u, RotatedRows<T>* v) {
  for (int64_t i = 0; i < n; ++i) {
    const int64_t greatest = std::max_element(values + i, values + n) - values;
    if (greatest == i) continue;
    std::swap(values[i], values[greatest]);
    if (u) u->swap(i, greatest);
    if (v) v->swap(i, greatest);
  }
}

// Of an [m, n] matrix with m >= n.
template <class T>
bool tall_svd(int64_t m, int64_t n, detail::CachedVector<T> columns, T* values, bool full, T* u,
              T* v) {
  Bidiagonal<T> b = reduce(m, n, std::move(columns));
  // From Q and P on: rotated, the zeros of an identity become denormal numbers.
  std::optional<RotatedRows<T>> of_u, of_v;
  if (u) {
    const int64_t count = full ? m : n;
    set_identity(m, count, u);
    multiply_by_q(m, n, b.left.data(), b.left_tau.data(), false, count, u);
    of_u.emplace(n, m, u);
  }
  if (v) {
    set_identity(n, n, v);
    multiply_by_q(n, n, b.right.data(), b.right_tau.data(), false, n, v);
    of_v.emplace(n, n, v);
  }
  RotatedRows<T>* const rows_u = u ? &*of_u : nullptr;
  RotatedRows<T>* const rows_v = v ? &*of_v : nullptr;
  const bool converged = Iteration<T>(b, rows_u, rows_v).run();
  std::copy(b.diagonal.begin(), b.diagonal.end(), values);
  sort_with_rows(n, values, rows_u, rows_v);
  if (u) of_u->copy_to(u);
  if (v) of_v->copy_to(v);
  return converged;
}

// For many more rows than columns: of R, whose U is Q^T times that of the whole.
template <class T>
bool very_tall_svd(int64_t m, int64_t n, detail::CachedVector<T> columns, T* values, bool full,
                   T* u, T* v) {
  const auto count = static_cast<size_t>(n);
  std::vector<T> tau(count);
  qr(m, n, columns.data(), tau.data());
  detail::CachedVector<T> r(count * count), inner(u ? count * count : 0);
  for (int64_t j = 0; j < n; ++j) std::copy_n(columns.data() + j * m, j + 1, r.data() + j * n);
  const bool converged =
      tall_svd<T>(n, n, std::move(r), values, false, u ? inner.data() : nullptr, v);
  if (!u) return converged;
  const int64_t of_u = full ? m : n;
  set_identity(m, of_u, u);
  for (int64_t j = 0; j < n; ++j) std::copy_n(inner.data() + j * n, n, u + j * m);
  multiply_by_q(m, n, columns.data(), tau.data(), false, of_u, u);
  return converged;
}

}  // namespace

template <class T>
bool svd(int64_t m, int64_t n, const T* a, T* values, bool full, T* u, T* v) {
  const bool wide = m < n;
  detail::CachedVector<T> columns(a, a + m * n);  // of the transpose
  if (!wide)
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) columns[static_cast<size_t>(j * m + i)] = a[i * n + j];
  T greatest = 0;
  for (const T x : columns) {
    if (!std::isfinite(x)) return false;
    greatest = std::max(greatest, std::abs(x));
  }
  const T scale = power_of_two_near(greatest);
  for (T& x : columns) x /= scale;
  if (wide) {
    std::swap(m, n);
    std::swap(u, v);
  }
  const auto decompose = 2 * m > 3 * n ? very_tall_svd<T> : tall_svd<T>;
  const bool converged = decompose(m, n, std::move(columns), values, full, u, v);
  for (int64_t i = 0; i < n; ++i) values[i] *= scale;
  return converged;
}

template bool svd(int64_t, int64_t, const float*, float*, bool, float*, float*);
template bool svd(int64_t, int64_t, const double*, double*, bool, double*, double*);

}  // namespace rw::kernels
