#pragma once
// Householder's reflections, which make zeros of a vector's elements.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include <rewind/kernels/linalg/factor_blocks.h>
#include <rewind/tensor/allocator.h>

namespace rw::kernels {

/// The length of a vector. Where squares overflow or vanish, they are those of numbers up to 1.
template <class T>
T length(int64_t n, const T* x) {
  const T square = dot(n, x, x);
  if (square > std::numeric_limits<T>::min() / std::numeric_limits<T>::epsilon() &&
      square < std::numeric_limits<T>::infinity())
    return std::sqrt(square);
  T greatest = 0, sum = 0;
  for (int64_t i = 0; i < n; ++i) greatest = std::max(greatest, std::abs(x[i]));
  if (greatest == 0 || !std::isfinite(greatest)) return std::sqrt(square);
  for (int64_t i = 0; i < n; ++i) sum += (x[i] / greatest) * (x[i] / greatest);
  return greatest * std::sqrt(sum);
}

/// Makes x its first element alone, by the reflection I - tau v v^T: writes v over the rest, whose
/// first element is 1 and not stored, and returns tau.
template <class T>
T reflect(int64_t n, T* x) {
  const T rest = length(n - 1, x + 1);
  if (rest == 0) return 0;
  const T first = x[0], whole = -std::copysign(std::hypot(first, rest), first);
  constexpr T safe = std::numeric_limits<T>::min() / std::numeric_limits<T>::epsilon();
  if (std::abs(whole) < safe) {  // so small that digits are missing
    constexpr T up = T(uint64_t{1} << 60);
    for (int64_t i = 0; i < n; ++i) x[i] *= up;
    const T tau = reflect(n, x);
    x[0] /= up;
    return tau;
  }
  for (int64_t i = 1; i < n; ++i) x[i] /= first - whole;
  x[0] = whole;
  return (whole - first) / whole;
}

/// Rows that rotations walk down, several vectors wide: not a power of two apart, which would have
/// all of them share a few places of the cache.
template <class T>
class RotatedRows {
 public:
  /// A copy of `count` rows of `length` elements each, one after another.
  RotatedRows(int64_t count, int64_t length, const T* rows)
      : count_(count),
        length_(length),
        step_(length + 64 / int64_t{sizeof(T)}),
        data_(static_cast<size_t>(count * step_)) {
    for (int64_t i = 0; i < count; ++i) std::copy_n(rows + i * length, length, row(i));
  }
  /// Row i, which may be the end.
  T* row(int64_t i) { return data_.data() + i * step_; }
  int64_t length() const { return length_; }
  int64_t step() const { return step_; }
  void swap(int64_t i, int64_t j) { std::swap_ranges(row(i), row(i) + length_, row(j)); }
  void copy_to(T* out) {
    for (int64_t i = 0; i < count_; ++i) std::copy_n(row(i), length_, out + i * length_);
  }

 private:
  int64_t count_, length_, step_;
  detail::CachedVector<T> data_;
};

/// A power of two not far from x, which is not negative: what is divided by it has squares that do
/// not overflow, nor vanish beside others.
template <class T>
T power_of_two_near(T x) {
  if (x == 0) return 1;
  int exponent = 0;
  std::frexp(x, &exponent);
  constexpr int limit = std::numeric_limits<T>::max_exponent - 2;
  return std::ldexp(T(1), std::clamp(exponent, -limit, limit));
}

}  // namespace rw::kernels
