#include <rewind/kernels/norm/norm_kernel.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include <rewind/kernels/norm/norm_rows.h>
#include <rewind/kernels/reduce/column_sums.h>
#include <rewind/tensor/allocator.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

namespace rw::kernels {
namespace {

constexpr int64_t grain = 1 << 15;

// --- Channels-last memory: rows of pixels --------------------------------------------------------

// Adjacent rows of whole pixels: several to a row, so that a few channels fill whole vectors.
struct Piece {
  int64_t begin;
  int64_t rows;
  int64_t repeat;  // pixels in a row
};

int64_t repeat_of(int64_t channels) {
  constexpr int64_t vector = 16, widest = 1024;
  const int64_t repeat = vector / std::gcd(channels, vector);
  return channels * repeat <= widest ? repeat : 1;
}

// What is summed up at once: the cut depends on the shape alone, so that results do as well.
std::vector<Piece> pieces_of(const Channels& c) {
  constexpr int64_t elements = 1 << 16;
  const int64_t repeat = repeat_of(c.channels), width = c.channels * repeat;
  const int64_t rows = c.outer / repeat, most = elements / width + 1;
  std::vector<Piece> pieces;
  for (int64_t r = 0; r < rows; r += most)
    pieces.push_back({r * width, std::min(most, rows - r), repeat});
  if (const int64_t rest = c.outer % repeat) pieces.push_back({rows * width, rest, 1});
  return pieces;
}

template <class T>
Moments moments_of(const T* x, const Piece& piece, int64_t channels) {
  const int64_t width = channels * piece.repeat;
  const Moments columns = column_moments(x + piece.begin, piece.rows, width, width);
  Moments by_channel(channels);
  for (int64_t i = 0; i < width; i += channels)
    by_channel.add(columns.count, columns.mean.data() + i, columns.m2.data() + i);
  return by_channel;
}

template <class T>
void moments_last(const Channels& c, const T* x, double* mean, double* variance) {
  const std::vector<Piece> pieces = pieces_of(c);
  std::vector<Moments> parts(pieces.size(), Moments(0));
  parallel_for(0, static_cast<int64_t>(pieces.size()), 1, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i)
      parts[i] = moments_of(x, pieces[i], c.channels);
  });
  Moments total(c.channels);
  for (const Moments& part : parts) total.add(part.count, part.mean.data(), part.m2.data());
  std::copy(total.mean.begin(), total.mean.end(), mean);
  for (size_t i = 0; i < total.m2.size(); ++i) variance[i] = total.m2[i] / total.count;
}

// Repeats what belongs to the channels along a row.
template <class P>
std::vector<P> columns_of(const double* v, int64_t channels, int64_t repeat) {
  std::vector<P> out;
  out.reserve(static_cast<size_t>(channels * repeat));
  for (int64_t k = 0; k < repeat; ++k)
    for (int64_t i = 0; i < channels; ++i) out.push_back(static_cast<P>(v[i]));
  return out;
}

template <class T, class P = Compute<T>>
void sums_last(const Channels& c, const T* g, const T* x, const double* mean, double* sum_g,
               double* sum_gx) {
  const std::vector<Piece> pieces = pieces_of(c);
  const std::vector<P> center = columns_of<P>(mean, c.channels, repeat_of(c.channels));
  const size_t columns = center.size(), channels = static_cast<size_t>(c.channels);
  detail::CachedVector<double> parts(pieces.size() * 2 * columns);
  parallel_for(0, static_cast<int64_t>(pieces.size()), 1, [&](int64_t begin, int64_t end) {
    for (auto p = static_cast<size_t>(begin); p < static_cast<size_t>(end); ++p) {
      const int64_t width = c.channels * pieces[p].repeat, at = pieces[p].begin;
      double* const part = parts.data() + p * 2 * columns;
      column_sums(g + at, x + at, pieces[p].rows, width, width, center.data(), part,
                  part + columns);
    }
  });
  std::fill_n(sum_g, channels, 0.0);
  std::fill_n(sum_gx, channels, 0.0);
  for (size_t at = 0; at < parts.size(); at += 2 * columns)
    for (size_t i = 0; i < columns; ++i) {
      sum_g[i % channels] += parts[at + i];
      sum_gx[i % channels] += parts[at + columns + i];
    }
  for (size_t i = 0; i < channels; ++i) sum_gx[i] -= lost<T>(mean[i]) * sum_g[i];
}

// What combine_columns takes, by channel.
struct Coefficients {
  const double *center, *a, *b, *shift;
};

template <class T>
void combine_last(const Channels& c, const T* g, const T* x, const Coefficients& k, T* y) {
  using P = Compute<T>;
  const int64_t repeat = repeat_of(c.channels), width = c.channels * repeat;
  const auto center = columns_of<P>(k.center, c.channels, repeat);
  const auto a = columns_of<P>(k.a, c.channels, repeat);
  const auto b = columns_of<P>(k.b, c.channels, repeat);
  std::vector<double> exact_shift(k.shift, k.shift + c.channels);
  for (size_t i = 0; i < exact_shift.size(); ++i) exact_shift[i] -= lost<T>(k.center[i]) * k.b[i];
  const auto shift = columns_of<P>(exact_shift.data(), c.channels, repeat);
  const auto rows = [&](int64_t offset, int64_t n, int64_t columns) {
    combine_columns(g ? g + offset : g, x + offset, n, columns, columns, center.data(), a.data(),
                    b.data(), shift.data(), y + offset);
  };
  parallel_for(0, c.outer / repeat, grain / width + 1,
               [&](int64_t begin, int64_t end) { rows(begin * width, end - begin, width); });
  rows(c.outer / repeat * width, c.outer % repeat, c.channels);
}

// --- Rows of one channel: [outer, channels, inner] -----------------------------------------------

// f(row, its channel) over the rows of all channels, in the order of memory.
template <class F>
void for_rows(const Channels& c, F&& f) {
  const int64_t at_least = grain / std::max<int64_t>(c.inner, 1) + 1;
  parallel_for(0, c.outer * c.channels, at_least, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) f(row, row % c.channels);
  });
}

template <class T>
void moments_first(const Channels& c, const T* x, double* mean, double* variance) {
  const auto rows = static_cast<size_t>(c.outer * c.channels);
  detail::CachedVector<double> means(rows), m2(rows);
  for_rows(c, [&](int64_t row, int64_t) {
    row_moments(c.dtype, x + row * c.inner, c.inner, &means[static_cast<size_t>(row)],
                &m2[static_cast<size_t>(row)]);
  });
  Moments total(c.channels);
  for (size_t row = 0; row < rows; row += static_cast<size_t>(c.channels))
    total.add(static_cast<double>(c.inner), means.data() + row, m2.data() + row);
  for (size_t i = 0; i < total.mean.size(); ++i) {
    mean[i] = total.mean[i];
    variance[i] = total.m2[i] / total.count;
  }
}

template <class T>
void sums_first(const Channels& c, const T* g, const T* x, const double* mean, double* sum_g,
                double* sum_gx) {
  const auto rows = static_cast<size_t>(c.outer * c.channels);
  detail::CachedVector<double> sums(rows), products(rows);
  for_rows(c, [&](int64_t row, int64_t channel) {
    row_sums(c.dtype, g + row * c.inner, x + row * c.inner, c.inner, mean[channel],
             &sums[static_cast<size_t>(row)], &products[static_cast<size_t>(row)]);
  });
  std::fill_n(sum_g, c.channels, 0.0);
  std::fill_n(sum_gx, c.channels, 0.0);
  for (size_t row = 0; row < rows; ++row) {
    sum_g[row % static_cast<size_t>(c.channels)] += sums[row];
    sum_gx[row % static_cast<size_t>(c.channels)] += products[row];
  }
}

template <class T>
void combine_first(const Channels& c, const T* g, const T* x, const Coefficients& k, T* y) {
  for_rows(c, [&](int64_t row, int64_t channel) {
    const int64_t at = row * c.inner;
    combine_row(c.dtype, g ? g + at : g, x + at, c.inner, k.center[channel], k.a[channel],
                k.b[channel], k.shift[channel], y + at);
  });
}

}  // namespace

void channel_moments(const Channels& c, const void* x, double* mean, double* variance) {
  if (c.channels == 0) return;
  if (c.per_channel() == 0) {
    std::fill_n(mean, c.channels, 0.0);
    std::fill_n(variance, c.channels, 0.0);
    return;
  }
  dispatch_floating(c.dtype, [&]<class T>() {
    if (c.inner == 1)
      moments_last(c, static_cast<const T*>(x), mean, variance);
    else
      moments_first(c, static_cast<const T*>(x), mean, variance);
  });
}

void channel_scale(const Channels& c, const void* x, const double* mean, const double* scale,
                   const double* shift, void* y) {
  channel_combine(c, nullptr, x, mean, scale, scale, shift, y);
}

void channel_sums(const Channels& c, const void* g, const void* x, const double* mean,
                  double* sum_g, double* sum_gx) {
  if (c.channels == 0) return;
  dispatch_floating(c.dtype, [&]<class T>() {
    const auto* pg = static_cast<const T*>(g);
    const auto* px = static_cast<const T*>(x);
    if (c.inner == 1)
      sums_last(c, pg, px, mean, sum_g, sum_gx);
    else
      sums_first(c, pg, px, mean, sum_g, sum_gx);
  });
}

void channel_combine(const Channels& c, const void* g, const void* x, const double* mean,
                     const double* a, const double* b, const double* shift, void* y) {
  if (c.channels == 0) return;
  dispatch_floating(c.dtype, [&]<class T>() {
    const auto combine = c.inner == 1 ? combine_last<T> : combine_first<T>;
    combine(c, static_cast<const T*>(g), static_cast<const T*>(x), {mean, a, b, shift},
            static_cast<T*>(y));
  });
}

}  // namespace rw::kernels
