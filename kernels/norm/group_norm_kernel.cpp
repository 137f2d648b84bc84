#include <rewind/kernels/norm/group_norm_kernel.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <rewind/kernels/norm/norm_rows.h>
#include <rewind/kernels/reduce/column_sums.h>
#include <rewind/tensor/allocator.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

namespace rw::kernels {
namespace {

constexpr int64_t grain = 1 << 14;

int64_t at_least(int64_t elements) { return grain / std::max<int64_t>(elements, 1) + 1; }

// Sums over all parts, which are [channels, inner] each, and over inner.
template <class P>
void sum_parts(const detail::CachedVector<double>& parts, P* sum, int64_t channels, int64_t inner) {
  detail::CachedVector<double> total(static_cast<size_t>(channels * inner));
  for (size_t at = 0; at < parts.size(); at += total.size())
    for (size_t i = 0; i < total.size(); ++i) total[i] += parts[at + i];
  for (auto it = total.begin(); it != total.end(); it += inner)
    *sum++ = static_cast<P>(std::accumulate(it, it + inner, 0.0));
}

// --- Few elements to a channel: a group is a row, with parameters by element ---------------------

constexpr int64_t few = 32;

bool by_rows(const NormGroups& s) { return s.inner == 1 || (!s.last && s.inner < few); }

// A channel's parameter, once per element.
template <class P>
std::vector<P> by_element(const NormGroups& s, const P* parameter) {
  std::vector<P> out;
  out.reserve(static_cast<size_t>(s.groups * s.group_size()));
  for (int64_t i = 0; i < s.groups * s.channels; ++i)
    out.insert(out.end(), static_cast<size_t>(s.inner), parameter[i]);
  return out;
}

template <class T, class P = Compute<T>>
void forward_rows(const NormGroups& s, const T* x, const P* weight, const P* bias, T* y,
                  double* mean, double* variance) {
  const int64_t n = s.group_size();
  std::vector<P> weights, biases;
  if (s.inner > 1) {
    weights = by_element(s, weight);
    biases = by_element(s, bias);
    weight = weights.data();
    bias = biases.data();
  }
  const int64_t width = s.groups * n;
  parallel_for(0, s.samples, at_least(width), [&](int64_t begin, int64_t end) {
    const int64_t at = begin * width, stats = begin * s.groups;
    norm_rows({s.dtype, (end - begin) * s.groups, n, s.groups, s.eps, s.centered}, x + at, weight,
              bias, y + at, mean + stats, variance + stats);
  });
}

template <class T, class P = Compute<T>>
void backward_rows(const NormGroups& s, const T* g, const T* x, const P* weight, const double* mean,
                   const double* variance, T* dx, P* dw, P* db) {
  const int64_t n = s.group_size(), width = s.groups * n;
  std::vector<P> weights;
  if (s.inner > 1) {
    weights = by_element(s, weight);
    weight = weights.data();
  }
  // The cut depends on the shape alone, so that the sums do as well.
  const int64_t most = std::clamp<int64_t>((1 << 16) / width, 4, 128);
  const int64_t pieces = (s.samples + most - 1) / most;
  detail::CachedVector<double> dws(static_cast<size_t>(pieces * width)), dbs(dws.size());
  parallel_for(0, pieces, 1, [&](int64_t begin, int64_t end) {
    for (int64_t piece = begin; piece < end; ++piece) {
      const int64_t first = piece * most, rows = std::min(most, s.samples - first) * s.groups;
      const int64_t at = first * width, stats = first * s.groups;
      norm_rows_backward({s.dtype, rows, n, s.groups, s.eps, s.centered}, g + at, x + at, weight,
                         mean + stats, variance + stats, dx ? dx + at : dx,
                         dws.data() + piece * width, dbs.data() + piece * width);
    }
  });
  sum_parts(dws, dw, s.groups * s.channels, s.inner);
  sum_parts(dbs, db, s.groups * s.channels, s.inner);
}

// --- Many elements to a channel: sums by channel, which a group puts together --------------------

// Some groups of one sample, and their channels.
struct Block {
  int64_t sample, group, groups;
  int64_t channel, channels;  // the first one, and their number
  int64_t at;                 // offset of the first element
};

// How many groups make a block: what fits the first-level cache or, in channels-last memory, whole
// samples, and where these are few, enough channels to fill some lines of the cache.
int64_t groups_together(const NormGroups& s) {
  constexpr int64_t elements = 1 << 13, many_samples = 16, columns = 64;
  if (!s.last) return std::clamp<int64_t>(elements / s.group_size(), 1, s.groups);
  return s.samples >= many_samples ? s.groups : std::min(s.groups, columns / s.channels + 1);
}

// f(block) over all of them.
template <class F>
void for_blocks(const NormGroups& s, F&& f) {
  const int64_t together = groups_together(s);
  const int64_t blocks = (s.groups + together - 1) / together;
  parallel_for(0, s.samples * blocks, at_least(together * s.group_size()),
               [&](int64_t begin, int64_t end) {
                 for (int64_t i = begin; i < end; ++i) {
                   Block b;
                   b.sample = i / blocks;
                   b.group = i % blocks * together;
                   b.groups = std::min(together, s.groups - b.group);
                   b.channel = b.group * s.channels;
                   b.channels = b.groups * s.channels;
                   b.at = b.sample * s.groups * s.group_size() + b.channel * (s.last ? 1 : s.inner);
                   f(b);
                 }
               });
}

// From one pixel to the next in channels-last memory.
int64_t stride_of(const NormGroups& s) { return s.groups * s.channels; }

template <class T>
Moments block_moments(const NormGroups& s, const Block& b, const T* x) {
  if (s.last) return column_moments(x + b.at, s.inner, b.channels, stride_of(s));
  Moments m(b.channels);
  m.count = static_cast<double>(s.inner);
  for (int64_t i = 0; i < b.channels; ++i)
    row_moments(s.dtype, x + b.at + i * s.inner, s.inner, m.mean.data() + i, m.m2.data() + i);
  return m;
}

// What y = g a + (x - mean) b + shift takes by channel, and the place for sums by channel.
struct Coefficients {
  std::vector<double> mean, a, b, shift, sum_g, sum_gx;
  explicit Coefficients(int64_t channels)
      : mean(static_cast<size_t>(channels)),
        a(mean),
        b(mean),
        shift(mean),
        sum_g(mean),
        sum_gx(mean) {}
};

template <class P>
std::vector<P> rounded(const std::vector<double>& v) {
  std::vector<P> out;
  out.reserve(v.size());
  for (const double value : v) out.push_back(static_cast<P>(value));
  return out;
}

template <class T>
void block_sums(const NormGroups& s, const Block& b, const T* g, const T* x, Coefficients& k) {
  if (!s.last) {
    for (int64_t i = 0; i < b.channels; ++i) {
      const auto c = static_cast<size_t>(i);
      const int64_t at = b.at + i * s.inner;
      row_sums(s.dtype, g + at, x + at, s.inner, k.mean[c], &k.sum_g[c], &k.sum_gx[c]);
    }
    return;
  }
  column_sums(g + b.at, x + b.at, s.inner, b.channels, stride_of(s),
              rounded<Compute<T>>(k.mean).data(), k.sum_g.data(), k.sum_gx.data());
  for (size_t c = 0; c < k.mean.size(); ++c) k.sum_gx[c] -= lost<T>(k.mean[c]) * k.sum_g[c];
}

template <class T, class P = Compute<T>>
void block_combine(const NormGroups& s, const Block& b, const T* g, const T* x, Coefficients& k,
                   T* y) {
  if (!s.last) {
    for (int64_t i = 0; i < b.channels; ++i) {
      const auto c = static_cast<size_t>(i);
      const int64_t at = b.at + i * s.inner;
      combine_row(s.dtype, g ? g + at : g, x + at, s.inner, k.mean[c], k.a[c], k.b[c], k.shift[c],
                  y + at);
    }
    return;
  }
  for (size_t c = 0; c < k.mean.size(); ++c) k.shift[c] -= lost<T>(k.mean[c]) * k.b[c];
  combine_columns(g ? g + b.at : g, x + b.at, s.inner, b.channels, stride_of(s),
                  rounded<P>(k.mean).data(), rounded<P>(k.a).data(), rounded<P>(k.b).data(),
                  rounded<P>(k.shift).data(), y + b.at);
}

template <class T, class P = Compute<T>>
void forward_blocks(const NormGroups& s, const T* x, const P* weight, const P* bias, T* y,
                    double* mean, double* variance) {
  const auto channels = static_cast<size_t>(s.channels);
  for_blocks(s, [&](const Block& b) {
    const Moments by_channel = block_moments(s, b, x);
    Coefficients k(b.channels);
    for (size_t at = 0; at < k.mean.size(); at += channels) {
      Moments group(1);
      for (size_t c = at; c < at + channels; ++c)
        group.add(by_channel.count, &by_channel.mean[c], &by_channel.m2[c]);
      const int64_t stats = b.sample * s.groups + b.group + static_cast<int64_t>(at / channels);
      mean[stats] = group.mean[0];
      variance[stats] = group.m2[0] / group.count;
      const double inv_std = 1 / std::sqrt(variance[stats] + s.eps);
      for (size_t c = at; c < at + channels; ++c) {
        const int64_t channel = b.channel + static_cast<int64_t>(c);
        k.mean[c] = group.mean[0];
        k.b[c] = inv_std * static_cast<double>(weight[channel]);
        k.shift[c] = static_cast<double>(bias[channel]);
      }
    }
    block_combine(s, b, static_cast<const T*>(nullptr), x, k, y);
  });
}

template <class T, class P = Compute<T>>
void backward_blocks(const NormGroups& s, const T* g, const T* x, const P* weight,
                     const double* mean, const double* variance, T* dx, P* dw, P* db) {
  const int64_t all = s.groups * s.channels;
  const auto channels = static_cast<size_t>(s.channels);
  detail::CachedVector<double> dws(static_cast<size_t>(s.samples * all)), dbs(dws.size());
  for_blocks(s, [&](const Block& b) {
    Coefficients k(b.channels);
    const int64_t stats = b.sample * s.groups + b.group;
    for (size_t c = 0; c < k.mean.size(); ++c)
      k.mean[c] = mean[stats + static_cast<int64_t>(c / channels)];
    block_sums(s, b, g, x, k);
    for (size_t at = 0; at < k.mean.size(); at += channels) {
      const double r = 1 / std::sqrt(variance[stats + static_cast<int64_t>(at / channels)] + s.eps);
      double sum = 0, product = 0;
      for (size_t c = at; c < at + channels; ++c) {
        const int64_t channel = b.channel + static_cast<int64_t>(c);
        const auto w = static_cast<double>(weight[channel]);
        const auto part = static_cast<size_t>(b.sample * all + channel);
        dbs[part] = k.sum_g[c];
        dws[part] = k.sum_gx[c] * r;
        k.a[c] = w * r;
        sum += w * dbs[part];
        product += w * dws[part];
      }
      const double share = r / static_cast<double>(s.group_size());
      std::fill_n(k.b.data() + at, channels, -share * r * product);
      std::fill_n(k.shift.data() + at, channels, -share * sum);
    }
    if (dx) block_combine(s, b, g, x, k, dx);
  });
  sum_parts(dws, dw, all, 1);
  sum_parts(dbs, db, all, 1);
}

}  // namespace

void group_norm(const NormGroups& s, const void* x, const void* weight, const void* bias, void* y,
                double* mean, double* variance) {
  if (s.group_size() == 0) return;
  dispatch_floating(s.dtype, [&]<class T>() {
    const auto run = by_rows(s) ? forward_rows<T> : forward_blocks<T>;
    using P = Compute<T>;
    run(s, static_cast<const T*>(x), static_cast<const P*>(weight), static_cast<const P*>(bias),
        static_cast<T*>(y), mean, variance);
  });
}

void group_norm_backward(const NormGroups& s, const void* g, const void* x, const void* weight,
                         const double* mean, const double* variance, void* dx, void* dw, void* db) {
  dispatch_floating(s.dtype, [&]<class T>() {
    using P = Compute<T>;
    if (s.group_size() == 0) {
      std::fill_n(static_cast<P*>(dw), s.groups * s.channels, P(0));
      std::fill_n(static_cast<P*>(db), s.groups * s.channels, P(0));
      return;
    }
    const auto run = by_rows(s) ? backward_rows<T> : backward_blocks<T>;
    run(s, static_cast<const T*>(g), static_cast<const T*>(x), static_cast<const P*>(weight), mean,
        variance, static_cast<T*>(dx), static_cast<P*>(dw), static_cast<P*>(db));
  });
}

}  // namespace rw::kernels
