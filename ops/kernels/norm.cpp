#include <rewind/ops/kernels/norm.h>

#include <algorithm>
#include <numeric>
#include <type_traits>
#include <vector>

#include <rewind/ops/kernels/norm_columns.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

namespace rw::kernels {
namespace {

// What a type is computed in.
template <class T>
using Compute = std::conditional_t<std::is_same_v<T, BFloat16>, float, T>;

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

// f(offset, rows) over chunks of few enough rows for a float to sum up, and for the cache.
template <class F>
void for_chunks(const Piece& piece, int64_t width, F&& f) {
  const int64_t most = std::clamp<int64_t>((1 << 13) / width, 32, 128);
  for (int64_t r = 0; r < piece.rows; r += most)
    f(piece.begin + r * width, std::min(most, piece.rows - r));
}

// Number, mean and sum of squared deviations of what was seen, by column.
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

// Deviations are taken from the mean so far, which leaves the sum of squares little to lose: where
// a chunk's own mean is far from it, the variance is as large. The first chunk is looked at twice.
template <class T, class P = Compute<T>>
Moments moments_of(const T* x, const Piece& piece, int64_t channels) {
  const int64_t width = channels * piece.repeat;
  const auto columns = static_cast<size_t>(width);
  const T* const no_g = nullptr;
  Moments total(width), chunk(width);
  std::vector<P> center(columns), sum(columns), squares(columns);
  for_chunks(piece, width, [&](int64_t offset, int64_t rows) {
    const double n = static_cast<double>(rows), share = 1 / n;
    if (total.count == 0) {
      sum_columns(no_g, x + offset, rows, width, center.data(), sum.data(), squares.data());
      for (size_t i = 0; i < columns; ++i) center[i] = sum[i] * static_cast<P>(share);
    }
    sum_columns(no_g, x + offset, rows, width, center.data(), sum.data(), squares.data());
    for (size_t i = 0; i < columns; ++i) {
      const double s = static_cast<double>(sum[i]);
      chunk.mean[i] = static_cast<double>(center[i]) + s * share;
      chunk.m2[i] = static_cast<double>(squares[i]) - s * s * share;
    }
    total.add(n, chunk.mean.data(), chunk.m2.data());
    for (size_t i = 0; i < columns; ++i) center[i] = static_cast<P>(total.mean[i]);
  });
  Moments by_channel(channels);
  for (int64_t i = 0; i < width; i += channels)
    by_channel.add(total.count, total.mean.data() + i, total.m2.data() + i);
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
  const auto channels = static_cast<size_t>(c.channels);
  const std::vector<P> center = columns_of<P>(mean, c.channels, repeat_of(c.channels));
  std::vector<double> parts(pieces.size() * 2 * channels);
  parallel_for(0, static_cast<int64_t>(pieces.size()), 1, [&](int64_t begin, int64_t end) {
    std::vector<P> sum(center.size()), product(center.size());
    for (auto p = static_cast<size_t>(begin); p < static_cast<size_t>(end); ++p) {
      double* const part = parts.data() + p * 2 * channels;
      const int64_t width = c.channels * pieces[p].repeat;
      for_chunks(pieces[p], width, [&](int64_t offset, int64_t rows) {
        sum_columns(g + offset, x + offset, rows, width, center.data(), sum.data(), product.data());
        for (size_t k = 0; k < static_cast<size_t>(width); k += channels)
          for (size_t i = 0; i < channels; ++i) {
            part[i] += static_cast<double>(sum[k + i]);
            part[channels + i] += static_cast<double>(product[k + i]);
          }
      });
    }
  });
  std::fill_n(sum_g, c.channels, 0.0);
  std::fill_n(sum_gx, c.channels, 0.0);
  for (size_t p = 0; p < pieces.size(); ++p)
    for (size_t i = 0; i < channels; ++i) {
      sum_g[i] += parts[p * 2 * channels + i];
      sum_gx[i] += parts[p * 2 * channels + channels + i];
    }
}

// What combine_columns takes, by channel.
struct Coefficients {
  const double *center, *a, *b, *shift;
};

template <class T, class P = Compute<T>>
void combine_last(const Channels& c, const T* g, const T* x, const Coefficients& k, T* y) {
  const int64_t repeat = repeat_of(c.channels), width = c.channels * repeat;
  const auto center = columns_of<P>(k.center, c.channels, repeat);
  const auto a = columns_of<P>(k.a, c.channels, repeat);
  const auto b = columns_of<P>(k.b, c.channels, repeat);
  const auto shift = columns_of<P>(k.shift, c.channels, repeat);
  const auto rows = [&](int64_t offset, int64_t n, int64_t columns) {
    combine_columns(g ? g + offset : g, x + offset, n, columns, center.data(), a.data(), b.data(),
                    shift.data(), y + offset);
  };
  parallel_for(0, c.outer / repeat, grain / width + 1,
               [&](int64_t begin, int64_t end) { rows(begin * width, end - begin, width); });
  rows(c.outer / repeat * width, c.outer % repeat, c.channels);
}

// --- Rows of one channel: [outer, channels, inner] -----------------------------------------------

// The run of a channel is taken in rows of this width, the rest of it as one shorter row.
constexpr int64_t run_width = 64;

// f(offset, rows, width) over all runs of a channel.
template <class F>
void for_runs(const Channels& c, int64_t channel, int64_t most_rows, F&& f) {
  for (int64_t n = 0; n < c.outer; ++n) {
    const int64_t begin = (n * c.channels + channel) * c.inner;
    const int64_t rows = c.inner / run_width, rest = c.inner % run_width;
    for (int64_t r = 0; r < rows; r += most_rows)
      f(begin + r * run_width, std::min(most_rows, rows - r), run_width);
    if (rest) f(begin + rows * run_width, int64_t{1}, rest);
  }
}

template <class T, class P = Compute<T>>
class RunSums {
 public:
  explicit RunSums(double center) { set_center(center); }
  void set_center(double center) { std::fill_n(center_, run_width, static_cast<P>(center)); }
  double center() const { return static_cast<double>(center_[0]); }
  // The sums of f and of f * (x - center), f being g or x - center.
  void operator()(const T* g, const T* x, int64_t rows, int64_t width) {
    P by_column[run_width], product_by_column[run_width];
    sum_columns(g, x, rows, width, center_, by_column, product_by_column);
    sum = product = 0;
    for (int64_t i = 0; i < width; ++i) {
      sum += static_cast<double>(by_column[i]);
      product += static_cast<double>(product_by_column[i]);
    }
  }
  double sum = 0, product = 0;

 private:
  P center_[run_width];
};

// f(channel), shared out over threads.
template <class F>
void for_channels(const Channels& c, F&& f) {
  const int64_t at_least = grain / std::max<int64_t>(c.per_channel(), 1) + 1;
  parallel_for(0, c.channels, at_least, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) f(i);
  });
}

template <class T>
void moments_first(const Channels& c, const T* x, double* mean, double* variance) {
  const T* const no_g = nullptr;
  for_channels(c, [&](int64_t channel) {
    Moments total(1);
    RunSums<T> run(0);
    for_runs(c, channel, 128, [&](int64_t offset, int64_t rows, int64_t width) {
      const double n = static_cast<double>(rows * width);
      run(no_g, x + offset, rows, width);
      if (total.count == 0) {
        run.set_center(run.sum / n);
        run(no_g, x + offset, rows, width);
      }
      const double chunk_mean = run.center() + run.sum / n;
      const double m2 = run.product - run.sum * run.sum / n;
      total.add(n, &chunk_mean, &m2);
      run.set_center(total.mean[0]);
    });
    mean[channel] = total.mean[0];
    variance[channel] = total.m2[0] / total.count;
  });
}

template <class T>
void sums_first(const Channels& c, const T* g, const T* x, const double* mean, double* sum_g,
                double* sum_gx) {
  for_channels(c, [&](int64_t channel) {
    double s = 0, p = 0;
    RunSums<T> run(mean[channel]);
    for_runs(c, channel, 128, [&](int64_t offset, int64_t rows, int64_t width) {
      run(g + offset, x + offset, rows, width);
      s += run.sum;
      p += run.product;
    });
    sum_g[channel] = s;
    sum_gx[channel] = p;
  });
}

template <class T, class P = Compute<T>>
void combine_first(const Channels& c, const T* g, const T* x, const Coefficients& k, T* y) {
  for_channels(c, [&](int64_t channel) {
    P center[run_width], a[run_width], b[run_width], shift[run_width];
    std::fill_n(center, run_width, static_cast<P>(k.center[channel]));
    std::fill_n(a, run_width, static_cast<P>(k.a[channel]));
    std::fill_n(b, run_width, static_cast<P>(k.b[channel]));
    std::fill_n(shift, run_width, static_cast<P>(k.shift[channel]));
    for_runs(c, channel, c.inner, [&](int64_t offset, int64_t rows, int64_t width) {
      combine_columns(g ? g + offset : g, x + offset, rows, width, center, a, b, shift, y + offset);
    });
  });
}

// What the mean loses when it is rounded to the type that T computes in.
template <class T>
double lost(double mean) {
  return mean - static_cast<double>(static_cast<Compute<T>>(mean));
}

template <class T>
void combine(const Channels& c, const T* g, const T* x, const double* mean, const double* a,
             const double* b, const double* shift, T* y) {
  std::vector<double> exact_shift(shift, shift + c.channels);
  for (size_t i = 0; i < exact_shift.size(); ++i) exact_shift[i] -= lost<T>(mean[i]) * b[i];
  const Coefficients k = {mean, a, b, exact_shift.data()};
  if (c.inner == 1)
    combine_last(c, g, x, k, y);
  else
    combine_first(c, g, x, k, y);
}

}  // namespace

void channel_moments(const Channels& c, const void* x, double* mean, double* variance) {
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
  dispatch_floating(c.dtype, [&]<class T>() {
    combine<T>(c, nullptr, static_cast<const T*>(x), mean, scale, scale, shift, static_cast<T*>(y));
  });
}

void channel_sums(const Channels& c, const void* g, const void* x, const double* mean,
                  double* sum_g, double* sum_gx) {
  dispatch_floating(c.dtype, [&]<class T>() {
    const auto* pg = static_cast<const T*>(g);
    const auto* px = static_cast<const T*>(x);
    if (c.inner == 1)
      sums_last(c, pg, px, mean, sum_g, sum_gx);
    else
      sums_first(c, pg, px, mean, sum_g, sum_gx);
    for (int64_t i = 0; i < c.channels; ++i) sum_gx[i] -= lost<T>(mean[i]) * sum_g[i];
  });
}

void channel_combine(const Channels& c, const void* g, const void* x, const double* mean,
                     const double* a, const double* b, const double* shift, void* y) {
  dispatch_floating(c.dtype, [&]<class T>() {
    combine(c, static_cast<const T*>(g), static_cast<const T*>(x), mean, a, b, shift,
            static_cast<T*>(y));
  });
}

}  // namespace rw::kernels
