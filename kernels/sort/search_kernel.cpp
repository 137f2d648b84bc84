#include <rewind/kernels/sort/search_kernel.h>

#include <algorithm>
#include <mutex>
#include <numeric>
#include <vector>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/sort/sort_entry.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

namespace rw::kernels {
namespace {

constexpr int64_t grain = 1 << 13;

// How many of n ordered things `before` holds for, which it does for the first ones.
template <class F>
int64_t count_before(int64_t n, const F& before) {
  int64_t first = 0;
  while (n > 1) {
    const int64_t half = n / 2;
    first += before(first + half - 1) ? half : 0;
    n -= half;
  }
  return first + (n == 1 && before(first));
}

template <class T, class Index>
void search_rows(const Search& s, Index* y) {
  using C = Compute<T>;
  parallel_for(0, s.rows * s.columns, grain / 8, [&](int64_t b, int64_t e) {
    for (; b < e; ++b) {
      const int64_t row = s.one_row ? 0 : b / s.columns * s.n;
      const T* boundaries = static_cast<const T*>(s.boundaries) + row;
      const C v = static_cast<C>(static_cast<const T*>(s.values)[b]);
      const auto count = [&](const auto& boundary) {
        return s.right ? count_before(s.n, [&](int64_t i) { return !(boundary(i) > v); })
                       : count_before(s.n, [&](int64_t i) { return !(boundary(i) >= v); });
      };
      const int64_t found =
          s.sorter ? count([&](int64_t i) { return static_cast<C>(boundaries[s.sorter[row + i]]); })
                   : count([&](int64_t i) { return static_cast<C>(boundaries[i]); });
      y[b] = static_cast<Index>(found);
    }
  });
}

// Adds up what f(begin, end, counts) counts in pieces of [0, n), one for each thread.
template <class Count, class F>
void in_pieces(int64_t n, int64_t bins, Count* counts, const F& f) {
  const int64_t pieces = std::clamp<int64_t>(n / std::max(grain, 4 * bins), 1, get_num_threads());
  if (pieces == 1) return f(0, n, counts);
  std::mutex adding;
  parallel_for(0, pieces, 1, [&](int64_t b, int64_t e) {
    std::vector<Count> own(static_cast<size_t>(bins));
    for (; b < e; ++b) f(n * b / pieces, n * (b + 1) / pieces, own.data());
    const std::lock_guard lock(adding);
    for (int64_t i = 0; i < bins; ++i) counts[i] += own[static_cast<size_t>(i)];
  });
}

}  // namespace

template <class Index>
void search_sorted(const Search& search, Index* y) {
  dispatch_among<float, double, int64_t, int32_t, BFloat16, Float16, int16_t, int8_t, uint8_t>(
      search.dtype, [&]<class T>() { search_rows<T>(search, y); });
}
template void search_sorted(const Search& search, int64_t* y);
template void search_sorted(const Search& search, int32_t* y);

void order_rows(DType dtype, int64_t rows, int64_t m, const void* x, int64_t* order) {
  std::iota(order, order + rows, int64_t{0});
  dispatch(dtype, [&]<class T>() {
    const auto* p = static_cast<const T*>(x);
    std::stable_sort(order, order + rows, [&](int64_t a, int64_t b) {
      const T *u = p + a * m, *v = p + b * m;
      for (int64_t i = 0; i < m; ++i) {
        const auto a_key = sort_key(u[i]), b_key = sort_key(v[i]);
        if (a_key != b_key) return a_key < b_key;
      }
      return false;
    });
  });
}

void count_in_range(DType dtype, int64_t n, const void* x, double low, double high, int64_t bins,
                    double* counts) {
  dispatch_floating(dtype, [&]<class T>() {
    using C = Compute<T>;
    const auto* p = static_cast<const T*>(x);
    const C first = static_cast<C>(low), last = static_cast<C>(high);
    in_pieces(n, bins, counts, [&](int64_t b, int64_t e, double* to) {
      for (; b < e; ++b) {
        const C v = static_cast<C>(p[b]);
        if (!(v >= first && v <= last)) continue;
        // Neither NaN nor infinity, as of a range too narrow or too wide for C, is a bin.
        const C at = (v - first) * static_cast<C>(bins) / (last - first);
        ++to[at < static_cast<C>(bins) ? static_cast<int64_t>(at) : bins - 1];
      }
    });
  });
}

void count_between(DType dtype, int64_t n, const void* x, const void* edges, int64_t bins,
                   const void* weights, double* counts) {
  dispatch_floating(dtype, [&]<class T>() {
    using C = Compute<T>;
    const auto *p = static_cast<const T*>(x), *edge = static_cast<const T*>(edges);
    const auto* w = static_cast<const T*>(weights);
    const C low = static_cast<C>(edge[0]), high = static_cast<C>(edge[bins]);
    const auto count = [&](int64_t b, int64_t e, double* to) {
      for (; b < e; ++b) {
        const C v = static_cast<C>(p[b]);
        if (!(v >= low && v <= high)) continue;
        const int64_t after =
            count_before(bins + 1, [&](int64_t i) { return static_cast<C>(edge[i]) <= v; });
        to[std::min(after, bins) - 1] += w ? static_cast<double>(w[b]) : 1;
      }
    };
    // Weights are added in their order, whatever the number of threads.
    if (w)
      count(0, n, counts);
    else
      in_pieces(n, bins, counts, count);
  });
}

void count_numbers(int64_t n, const int64_t* x, int64_t bins, int64_t* counts) {
  in_pieces(n, bins, counts, [&](int64_t b, int64_t e, int64_t* to) {
    for (; b < e; ++b) ++to[x[b]];
  });
}

void add_weights(int64_t n, const int64_t* x, const double* weights, double* counts) {
  for (int64_t i = 0; i < n; ++i) counts[x[i]] += weights[i];
}

}  // namespace rw::kernels
