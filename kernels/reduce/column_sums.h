#pragma once
// Statistics by column of rows that are too many for float32 to sum up: by chunks, these in
// float64.

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/norm/norm_columns.h>

namespace rw::kernels {

/// What a mean loses when it is rounded to the type that T is computed in.
template <class T>
double lost(double mean) {
  return mean - static_cast<double>(static_cast<Compute<T>>(mean));
}

/// f(first row, rows) over chunks of few enough rows for a float to sum up, and for the cache.
template <class F>
void for_chunks(int64_t rows, int64_t width, F&& f) {
  const int64_t most = std::clamp<int64_t>((1 << 13) / width, 32, 128);
  for (int64_t r = 0; r < rows; r += most) f(r, std::min(most, rows - r));
}

/// Number, mean and sum of squared deviations of what was seen, by column. (Chan, Golub and
/// LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.)
struct Moments {
  double count = 0;
  std::vector<double> mean, m2;

  explicit Moments(int64_t width) : mean(static_cast<size_t>(width)), m2(mean.size()) {}

  void add(double n, const double* other_mean, const double* other_m2) {
    const double share = n / (count + n), weight = count * share;
    for (size_t i = 0; i < mean.size(); ++i) {
      const double delta = other_mean[i] - mean[i];
      mean[i] += delta * share;
      m2[i] += other_m2[i] + delta * delta * weight;
    }
    count += n;
  }
};

/// Deviations are taken from the mean so far, which leaves the sum of squares little to lose: where
/// a chunk's own mean is far from it, the variance is as large. The first chunk is looked at twice.
template <class T, class P = Compute<T>>
Moments column_moments(const T* x, int64_t rows, int64_t width, int64_t stride) {
  const auto columns = static_cast<size_t>(width);
  const T* const no_g = nullptr;
  Moments total(width), chunk(width);
  std::vector<P> center(columns), sum(columns), squares(columns);
  for_chunks(rows, width, [&](int64_t first, int64_t count) {
    const double n = static_cast<double>(count), share = 1 / n;
    const auto sum_up = [&] {
      sum_columns(no_g, x + first * stride, count, width, stride, center.data(), sum.data(),
                  squares.data());
    };
    if (total.count == 0) {
      sum_up();
      for (size_t i = 0; i < columns; ++i) center[i] = sum[i] * static_cast<P>(share);
    }
    sum_up();
    for (size_t i = 0; i < columns; ++i) {
      const double s = static_cast<double>(sum[i]);
      chunk.mean[i] = static_cast<double>(center[i]) + s * share;
      chunk.m2[i] = static_cast<double>(squares[i]) - s * s * share;
    }
    total.add(n, chunk.mean.data(), chunk.m2.data());
    for (size_t i = 0; i < columns; ++i) center[i] = static_cast<P>(total.mean[i]);
  });
  return total;
}

/// By column the sums of g and of g * (x - center).
template <class T, class P = Compute<T>>
void column_sums(const T* g, const T* x, int64_t rows, int64_t width, int64_t stride,
                 const P* center, double* sum_g, double* sum_gx) {
  const auto columns = static_cast<size_t>(width);
  std::vector<P> sum(columns), product(columns);
  std::fill_n(sum_g, width, 0.0);
  std::fill_n(sum_gx, width, 0.0);
  for_chunks(rows, width, [&](int64_t first, int64_t count) {
    const int64_t at = first * stride;
    sum_columns(g + at, x + at, count, width, stride, center, sum.data(), product.data());
    for (size_t i = 0; i < columns; ++i) {
      sum_g[i] += static_cast<double>(sum[i]);
      sum_gx[i] += static_cast<double>(product[i]);
    }
  });
}

}  // namespace rw::kernels
