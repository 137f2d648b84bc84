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

// A tridiagonal matrix: the diagonal, and what is beside it.
template <class T>
struct Tridiagonal {
  std::vector<T> diagonal, beside;
};

// By reflections from both sides, of the upper triangle of a row-major [n, n] matrix. Row k holds
// that of elements k + 1 and on afterwards: they are the reflections of `qr`, one further down, and
// so are those of tau.
template <class T>
Tridiagonal<T> reduce(int64_t n, T* a, T* tau) {
  Tridiagonal<T> t;
  const ReflectionFunctions<T>& by = reflection_functions<T>();
  std::vector<T> product(static_cast<size_t>(n));
  for (int64_t k = 0; k < n; ++k) {
    t.diagonal.push_back(a[k * n + k]);
    const int64_t rest = n - k - 1;
    T* const v = a + k * n + k + 1;
    if (rest > 0) tau[k + 1] = reflect(rest, v);
    t.beside.push_back(rest > 0 ? v[0] : T(0));
    if (rest == 0 || tau[k + 1] == 0) continue;
    v[0] = 1;
    // p = tau m v for what is left, m; m -= v w^T + w v^T with w = p - tau / 2 (p v) v.
    T* const p = product.data();
    T* const m = a + (k + 1) * (n + 1);
    by.symmetric_product(rest, m, n, v, p);
    const T along = tau[k + 1] * dot(rest, p, v) / 2;
    for (int64_t i = 0; i < rest; ++i) p[i] = tau[k + 1] * (p[i] - along * v[i]);
    by.symmetric_update(rest, v, p, m, n);
  }
  return t;
}

// Implicit QL (Bowdler, Martin, Reinsch and Wilkinson, "The QR and QL algorithms for symmetric
// matrices", 1968): the diagonal becomes the eigenvalues. `vectors`, which may be null, are rotated
// along.
template <class T>
class Iteration {
 public:
  Iteration(Tridiagonal<T>& t, RotatedRows<T>* vectors)
      : n_(static_cast<int64_t>(t.diagonal.size())),
        d_(t.diagonal.data()),
        e_(t.beside.data()),
        vectors_(vectors),
        cosines_(t.diagonal.size()),
        sines_(t.diagonal.size()) {}

  bool run() {
    constexpr int most_steps = 60;
    T size = 0;
    for (int64_t l = 0; l < n_; ++l) {
      size = std::max(size, std::abs(d_[l]) + std::abs(e_[l]));
      const T negligible = std::numeric_limits<T>::epsilon() * size;
      int64_t m = l;
      while (m < n_ - 1 && std::abs(e_[m]) > negligible) ++m;
      for (int i = 0; m > l && std::abs(e_[l]) > negligible; ++i) {
        if (i == most_steps) return false;
        step(l, m);
      }
      d_[l] += shift_;
      e_[l] = 0;
    }
    return true;
  }

 private:
  void step(int64_t l, int64_t m) {
    const T before = d_[l], p0 = (d_[l + 1] - before) / (2 * e_[l]);
    const T r0 = std::copysign(std::hypot(p0, T(1)), p0);
    d_[l] = e_[l] / (p0 + r0);
    d_[l + 1] = e_[l] * (p0 + r0);
    const T next = d_[l + 1], h = before - d_[l], beside_next = e_[l + 1];
    for (int64_t i = l + 2; i < n_; ++i) d_[i] -= h;
    shift_ += h;
    T p = d_[m], c = 1, c2 = 1, c3 = 1, s = 0, s2 = 0;
    for (int64_t i = m - 1; i >= l; --i) {
      c3 = c2;
      c2 = c;
      s2 = s;
      const T g = c * e_[i], q = c * p, r = std::hypot(p, e_[i]);
      e_[i + 1] = s * r;
      s = r == 0 ? 0 : e_[i] / r;
      c = r == 0 ? 1 : p / r;
      p = c * d_[i] - s * g;
      d_[i + 1] = q + s * (c * g + s * d_[i]);
      cosines_[static_cast<size_t>(m - 1 - i)] = c;
      sines_[static_cast<size_t>(m - 1 - i)] = s;
    }
    if (vectors_)
      reflection_functions<T>().rotate_rows(n_, m - l, cosines_.data(), sines_.data(),
                                            vectors_->row(m), -vectors_->step());
    p = -s * s2 * c3 * beside_next * e_[l] / next;
    e_[l] = s * p;
    d_[l] = c * p;
  }

  int64_t n_;
  T *d_, *e_;
  RotatedRows<T>* vectors_;
  std::vector<T> cosines_, sines_;  // of the rotations of a step
  T shift_ = 0;
};

template <class T>
void sort_with_rows(int64_t n, T* values, RotatedRows<T>* rows) {
  if (!rows) return std::sort(values, values + n);
  for (int64_t i = 0; i < n; ++i) {
    const int64_t least = std::min_element(values + i, values + n) - values;
    if (least == i) continue;
    std::swap(values[i], values[least]);
    rows->swap(i, least);
  }
}

}  // namespace

template <class T>
bool eigh(int64_t n, const T* a, bool upper, T* values, T* vectors) {
  detail::CachedVector<T> work(static_cast<size_t>((n + 1) * n));
  T* const m = work.data() + n;  // so that row k can be read as row k + 1
  T greatest = 0;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = i; j < n; ++j) {
      const T x = upper ? a[i * n + j] : a[j * n + i];
      if (!std::isfinite(x)) return false;
      m[i * n + j] = x;
      greatest = std::max(greatest, std::abs(x));
    }
  const T scale = power_of_two_near(greatest);
  for (int64_t i = 0; i < n * n; ++i) m[i] /= scale;
  std::vector<T> tau(static_cast<size_t>(n));
  Tridiagonal<T> t = reduce(n, m, tau.data());
  std::optional<RotatedRows<T>> rows;
  if (vectors) {  // from Q on: rotated, the zeros of an identity become denormal numbers
    std::fill_n(vectors, n * n, T(0));
    for (int64_t i = 0; i < n; ++i) vectors[i * (n + 1)] = 1;
    multiply_by_q(n, n, work.data(), tau.data(), false, n, vectors);
    rows.emplace(n, n, vectors);
  }
  RotatedRows<T>* const rotated = rows ? &*rows : nullptr;
  const bool converged = Iteration<T>(t, rotated).run();
  for (int64_t i = 0; i < n; ++i) values[i] = t.diagonal[static_cast<size_t>(i)] * scale;
  sort_with_rows(n, values, rotated);
  if (vectors) rows->copy_to(vectors);
  return converged;
}

template bool eigh(int64_t, const float*, bool, float*, float*);
template bool eigh(int64_t, const double*, bool, double*, double*);

}  // namespace rw::kernels
