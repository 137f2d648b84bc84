#include <rewind/kernels/reduce/find_extreme.h>

#include <algorithm>
#include <type_traits>
#include <vector>

#include <rewind/kernels/index/stage.h>
#include <rewind/kernels/reduce/fold_runs.h>
#include <rewind/kernels/reduce/reduce_plan.h>
#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/reduce/find_extreme.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#ifndef REWIND_EXTREME_TYPES
#define REWIND_EXTREME_TYPES
namespace rw::kernels {

// What values are compared in, and what positions among a few rows are counted in: of one width, so
// that both fit into vectors alike.
template <class T>
using Compared = std::conditional_t<std::is_integral_v<T> && sizeof(T) < 4, int32_t, Compute<T>>;
template <class T>
using Position = std::conditional_t<sizeof(Compared<T>) == 8, int64_t, int32_t>;

template <Fold fold, class C>
bool beats(C x, C best) {
  return (fold == Fold::max ? x > best : x < best) || (x != x && best == best);
}

struct ExtremeRuns {
  // best[i] and at[i] from rows at p + r * stride: at[i] = r + 1 where one beats the best so far.
  void (*rows)(const void* p, int64_t rows, int64_t stride, int64_t n, int64_t step, void* best,
               void* at);
  // The first of n values that is the one given; NaN is NaN.
  int64_t (*position)(const void* p, int64_t n, int64_t step, const void* value);
};

}  // namespace rw::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// Loops that the compiler makes vectors of.

template <Fold fold, class T>
void best_rows(const void* data, int64_t rows, int64_t stride, int64_t n, int64_t step, void* bests,
               void* positions) {
  const auto* p = static_cast<const T*>(data);
  auto* best = static_cast<Compared<T>*>(bests);
  auto* at = static_cast<Position<T>*>(positions);
  const auto row = [&](int64_t by, Position<T> position) {
    for (int64_t i = 0; i < n; ++i) {
      const auto x = static_cast<Compared<T>>(p[i * by]);
      const bool better = beats<fold>(x, best[i]);
      best[i] = better ? x : best[i];
      at[i] = better ? position : at[i];
    }
  };
  for (int64_t r = 1; r <= rows; ++r, p += stride)
    if (step == 1)
      row(1, static_cast<Position<T>>(r));
    else
      row(step, static_cast<Position<T>>(r));
}

template <class T>
int64_t position_of(const void* data, int64_t n, int64_t step, const void* value) {
  using C = Compared<T>;
  const auto* p = static_cast<const T*>(data);
  const C v = *static_cast<const C*>(value);
  const auto first = [&](auto is_it, int64_t by) {
    auto found = static_cast<Position<T>>(n);
    for (Position<T> i = 0; i < static_cast<Position<T>>(n); ++i) {
      const Position<T> here = is_it(static_cast<C>(p[i * by])) ? i : static_cast<Position<T>>(n);
      found = here < found ? here : found;
    }
    return static_cast<int64_t>(found);
  };
  const auto equal = [v](C x) { return x == v; };
  if (v != v) return first([](C x) { return x != x; }, step);
  return step == 1 ? first(equal, 1) : first(equal, step);
}

ExtremeRuns FindExtremeRuns(Fold fold, DType dtype) {
  return dispatch(dtype, [&]<class V>() -> ExtremeRuns {
    using T = std::conditional_t<std::is_same_v<V, bool>, uint8_t, V>;  // of which vectors are made
    return {fold == Fold::max ? best_rows<Fold::max, T> : best_rows<Fold::min, T>, position_of<T>};
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(FindExtremeRuns);

namespace {

template <Fold fold, class T>
struct Finder {
  using C = Compared<T>;
  using P = Position<T>;
  struct Found {
    C value;
    int64_t index;
  };
  static constexpr int64_t max_outputs = 512, wide_row = 512 / sizeof(C);
  static constexpr int64_t block = 512, rows_together = 1 << 20;

  const ReducePlan& plan;
  const T* in;
  FoldRuns runs;
  ExtremeRuns extremes;

  // Of n values from p on: the best block first, which alone is searched for its value.
  Found along(const T* p, int64_t step, int64_t n) const {
    using Part = typename FoldTypes<fold, T>::Part;
    Found found{static_cast<C>(p[0]), 0};
    int64_t at = 0;
    for (int64_t i = 0; i < n; i += block) {
      Part part = static_cast<Part>(p[i * step]);
      runs.row(p + i * step, std::min(block, n - i), step, nullptr, &part);
      if (i == 0 || beats<fold>(static_cast<C>(part), found.value)) {
        found.value = static_cast<C>(part);
        at = i;
      }
    }
    found.index =
        at + extremes.position(p + at * step, std::min(block, n - at), step, &found.value);
    return found;
  }

  void along_rows(int64_t first, int64_t n, int64_t size, Found* found) const {
    const int64_t step = plan.reduced.rank ? plan.reduced.inner().stride : 0;
    for_each_position(plan.kept, first, n, [&](int64_t i, int64_t at, int64_t) {
      found[i] = along(in + at, step, size);
    });
  }

  // So many rows from p on, each of `width` results side by side. Short rows that follow each other
  // without a gap go several at a time, as one.
  void rows(const T* p, int64_t size, int64_t stride, int64_t step, int64_t width,
            Found* found) const {
    const bool adjacent = step == 1 && stride == width;
    const int64_t together =
        adjacent ? std::clamp<int64_t>(wide_row / width, 1, std::max<int64_t>(size / 32, 1)) : 1;
    const int64_t whole = size - size % together, all = width * together;
    C best[max_outputs];
    P at[max_outputs];
    for (int64_t b = 0; b < whole; b += rows_together * together) {
      const T* q = p + b * stride;
      const int64_t count = std::min(rows_together, (whole - b) / together);
      for (int64_t i = 0; i < all; ++i) best[i] = static_cast<C>(q[i * step]);
      std::fill_n(at, all, P{0});
      extremes.rows(q + stride * together, count - 1, stride * together, all, step, best, at);
      for (int64_t k = 0, j = 0; k < together; ++k)
        for (int64_t i = 0; i < width; ++i, ++j) {
          const Found here{best[j], b + static_cast<int64_t>(at[j]) * together + k};
          if (b == 0 && k == 0)
            found[i] = here;
          else
            take(found[i], here);
        }
    }
    for (int64_t r = whole; r < size; ++r)
      for (int64_t i = 0; i < width; ++i)
        take(found[i], {static_cast<C>(p[r * stride + i * step]), r});
  }

  // Of equal values the first counts.
  static void take(Found& found, const Found& other) {
    const bool equal =
        other.value == found.value || (other.value != other.value && found.value != found.value);
    if (equal ? other.index < found.index : beats<fold>(other.value, found.value)) found = other;
  }

  void across_rows(int64_t first, int64_t n, int64_t size, Found* found) const {
    const int64_t stride = plan.reduced.rank ? plan.reduced.inner().stride : 0;
    const int64_t step = plan.kept.rank ? plan.kept.inner().stride : 1;
    Walker result(plan.kept, plan.kept.rank, first);
    for (int64_t done = 0; done < n;) {
      const int64_t width = std::min(result.run(), n - done);
      rows(in + result.in, size, stride, step, width, found + done);
      result.advance(width);
      done += width;
    }
  }

  void short_rows(int64_t first, int64_t n, int64_t size, Found* found) const {
    constexpr int64_t most = 128;  // results in a tile
    alignas(64) T tile[short_row * most];
    Walker result(plan.kept, plan.kept.rank, first);
    for (int64_t done = 0; done < n;) {
      const int64_t width = std::min({result.run(), n - done, most});
      transpose_tile(sizeof(T), reinterpret_cast<const char*>(in + result.in),
                     plan.kept.inner().stride, reinterpret_cast<char*>(tile), width, width, size);
      rows(tile, size, width, 1, width, found + done);
      result.advance(width);
      done += width;
    }
  }

  void find(int64_t first, int64_t n, int64_t size, Found* found) const {
    switch (plan.way) {
      case Way::along_rows:
        return along_rows(first, n, size, found);
      case Way::across_rows:
        return across_rows(first, n, size, found);
      case Way::short_rows:
        return short_rows(first, n, size, found);
    }
  }

  void write(const Found* found, int64_t first, int64_t n, T* values, int64_t* index) const {
    for_each_position(plan.kept, first, n, [&](int64_t i, int64_t, int64_t at) {
      values[at] = static_cast<T>(found[i].value);
      index[at] = found[i].index;
    });
  }

  // Work is shared out by results, or where these are few, by pieces of the values.
  void run(T* values, int64_t* index) const {
    constexpr int64_t grain = 1 << 15;
    const int64_t results = plan.kept.numel(), n = plan.reduced.numel();
    if (results == 0 || n == 0) return;
    if (results <= max_outputs && n > 1 && results * n > 2 * grain) {
      const int64_t pieces = std::min<int64_t>(32, std::min(n, results * n / grain));
      std::vector<Found> found(static_cast<size_t>(pieces * results));
      parallel_for(0, pieces, 1, [&](int64_t b, int64_t e) {
        for (int64_t k = b; k < e; ++k)
          find_piece(results, n * k / pieces, n * (k + 1) / pieces, found.data() + k * results);
      });
      for (int64_t k = 1; k < pieces; ++k)
        for (int64_t i = 0; i < results; ++i)
          take(found[static_cast<size_t>(i)], found[static_cast<size_t>(k * results + i)]);
      return write(found.data(), 0, results, values, index);
    }
    parallel_for(0, results, std::max<int64_t>(1, grain / n), [&](int64_t begin, int64_t end) {
      Found found[max_outputs];
      for (int64_t b = begin; b < end; b += max_outputs) {
        const int64_t count = std::min(max_outputs, end - b);
        find(b, count, n, found);
        write(found, b, count, values, index);
      }
    });
  }

  // Its positions counted from its beginning, then moved.
  void find_piece(int64_t results, int64_t begin, int64_t end, Found* found) const {
    const int64_t stride = plan.reduced.rank ? plan.reduced.inner().stride : 0;
    const Finder piece{plan, in + begin * stride, runs, extremes};
    piece.find(0, results, end - begin, found);
    for (int64_t i = 0; i < results; ++i) found[i].index += begin;
  }
};

}  // namespace

void find_extreme(Fold fold, const ReduceInput& in, void* values, int64_t* index,
                  const Strides& out_strides) {
  const ReducePlan plan = make_plan(in, out_strides);
  const FoldRuns runs = fold_runs(fold, in.dtype);
  const ExtremeRuns extremes = HWY_DYNAMIC_DISPATCH(FindExtremeRuns)(fold, in.dtype);
  dispatch(in.dtype, [&]<class T>() {
    const auto* x = static_cast<const T*>(in.data);
    auto* y = static_cast<T*>(values);
    if (fold == Fold::max)
      Finder<Fold::max, T>{plan, x, runs, extremes}.run(y, index);
    else
      Finder<Fold::min, T>{plan, x, runs, extremes}.run(y, index);
  });
}

}  // namespace rw::kernels
#endif
