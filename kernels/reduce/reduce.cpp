#include <rewind/kernels/reduce/reduce.h>

#include <algorithm>
#include <type_traits>
#include <vector>

#include <rewind/kernels/index/stage.h>
#include <rewind/kernels/pointwise/pointwise_kernel.h>
#include <rewind/kernels/reduce/fold_runs.h>
#include <rewind/kernels/reduce/reduce_plan.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

namespace rw::kernels {
namespace {

// Totals [0, n) over the divisor become results [first, first + n) at `out`.
template <class A, class Out>
void write_results(const ReducePlan& plan, const A* totals, int64_t first, int64_t n,
                   double divisor, void* out) {
  for_each_position(plan.kept, first, n, [&](int64_t i, int64_t, int64_t at) {
    auto& y = static_cast<Out*>(out)[at];
    if constexpr (std::is_floating_point_v<A>)
      y = static_cast<Out>(totals[i] / static_cast<A>(divisor));
    else
      y = static_cast<Out>(totals[i]);
  });
}

// Folds values by one of three ways of walking over them. What type they are of only the runs know:
// P holds parts, and A totals.
template <Fold fold, class P, class A>
struct Reducer {
  static constexpr int64_t max_outputs = 512;  // worked on together
  static constexpr int64_t wide_row = 128;     // at most max_outputs

  const ReducePlan& plan;
  const char* in;
  int64_t itemsize;
  const P* centers;  // of all results, or none
  FoldRuns runs;
  decltype(&write_results<A, A>) write;
  void* out;
  double divisor;

  const char* value_at(int64_t element) const { return in + element * itemsize; }

  // The centers of results [first, first + n).
  void take_centers(int64_t first, int64_t n, P* to) const {
    if (!has_center(fold)) return;
    for_each_position(plan.kept, first, n,
                      [&](int64_t i, int64_t, int64_t out) { to[i] = centers[out]; });
  }

  // Folds values [begin, end) of results [first, first + n) into totals[0, n); n <= max_outputs.
  void along_rows(int64_t first, int64_t n, int64_t begin, int64_t end, A* totals) const {
    int64_t offsets[max_outputs];
    P center[max_outputs];
    take_centers(first, n, center);
    for_each_position(plan.kept, first, n,
                      [&](int64_t i, int64_t at, int64_t) { offsets[i] = at; });
    Walker value(plan.reduced, plan.reduced.rank, begin);
    const int64_t stride = plan.reduced.inner().stride;
    while (begin < end) {
      const int64_t length = std::min(value.run(), end - begin);
      for (int64_t i = 0; i < n; ++i)
        runs.row(value_at(value.in + offsets[i]), length, stride, &center[i], &totals[i]);
      value.advance(length);
      begin += length;
    }
  }

  // Parts of some results, which go to the totals after some rows.
  struct Parts {
    P part[max_outputs];
    int64_t rows = 0;

    explicit Parts(int64_t n) { std::fill_n(part, n, neutral<fold, P>()); }
    // Those of result i are at part[i], part[i + width], …
    void flush(int64_t width, int64_t together, A* totals) {
      for (int64_t k = 0, j = 0; k < together; ++k)
        for (int64_t i = 0; i < width; ++i, ++j)
          totals[i] = combine<fold, A>(totals[i], static_cast<A>(part[j]));
      std::fill_n(part, width * together, neutral<fold, P>());
      rows = 0;
    }
  };

  void across_rows(int64_t first, int64_t n, int64_t begin, int64_t end, A* totals) const {
    const int64_t stride = plan.reduced.rank > 0 ? plan.reduced.inner().stride : 0;
    const int64_t step = plan.kept.rank ? plan.kept.inner().stride : 1;
    P center[max_outputs];
    Walker result(plan.kept, plan.kept.rank, first);
    for (int64_t done = 0; done < n;) {
      const int64_t width = std::min(result.run(), n - done);
      // Short rows that follow each other without a gap are folded several at a time, if there are
      // many: what has come together is folded one by one.
      const bool adjacent = step == 1 && stride == width;
      const int64_t few_enough = std::max<int64_t>(plan.reduced.numel() / 8, 1);
      const int64_t together = adjacent ? std::clamp<int64_t>(wide_row / width, 1, few_enough) : 1;
      take_centers(first + done, width, center);
      for (int64_t k = 1; has_center(fold) && k < together; ++k)
        std::copy_n(center, width, center + k * width);
      Parts parts(width * together);
      const int64_t most = rows_per_part * together;
      Walker value(plan.reduced, plan.reduced.rank, begin);
      for (int64_t r = begin; r < end;) {
        const int64_t count = std::min({value.run(), end - r, most - parts.rows});
        const int64_t rest = count % together;
        const int64_t from = value.in + result.in;
        runs.rows(value_at(from), count / together, stride * together, width * together, step,
                  center, parts.part);
        if (rest > 0)
          runs.rows(value_at(from + (count - rest) * stride), rest, stride, width, step, center,
                    parts.part);
        value.advance(count);
        r += count;
        parts.rows += count;
        if (parts.rows == most) parts.flush(width, together, totals + done);
      }
      parts.flush(width, together, totals + done);
      result.advance(width);
      done += width;
    }
  }

  // Whether rows are few values each, with little between them, as those of a slice: to fold each
  // to a single value takes longer than to fold them into each other.
  bool is_pile() const {
    const Axes& reduced = plan.reduced;
    if (reduced.rank < 2 || reduced.inner().stride != 1) return false;
    const Axis& rows = reduced.axis[reduced.rank - 2];
    const int64_t width = reduced.inner().size;
    return width >= short_row && width <= max_outputs && rows.size >= 8 && rows.stride > 0 &&
           rows.stride <= 8 * width;
  }

  // The same as along_rows, for a pile.
  void pile_rows(int64_t first, int64_t n, int64_t begin, int64_t end, A* totals) const {
    const int64_t width = plan.reduced.inner().size;
    const int64_t from = (begin + width - 1) / width, to = end / width;
    if (from >= to) return along_rows(first, n, begin, end, totals);
    along_rows(first, n, begin, from * width, totals);
    Axes outer = plan.reduced;
    --outer.rank;
    const int64_t stride = outer.inner().stride;
    for_each_position(plan.kept, first, n, [&](int64_t i, int64_t at, int64_t out) {
      P center[max_outputs];
      if (has_center(fold)) std::fill_n(center, width, centers[out]);
      Parts parts(width);
      Walker row(outer, outer.rank, from);
      for (int64_t r = from; r < to;) {
        const int64_t count = std::min({row.run(), to - r, rows_per_part - parts.rows});
        runs.rows(value_at(row.in + at), count, stride, width, 1, center, parts.part);
        row.advance(count);
        r += count;
        parts.rows += count;
        if (parts.rows == rows_per_part || r == to) parts.flush(1, width, totals + i);
      }
    });
    along_rows(first, n, to * width, end, totals);
  }

  void short_rows(int64_t first, int64_t n, int64_t begin, int64_t end, A* totals) const {
    constexpr int64_t most = 128;  // results in a tile
    alignas(64) char tile[short_row * most * sizeof(int64_t)];
    P center[most];
    Walker result(plan.kept, plan.kept.rank, first);
    for (int64_t done = 0; done < n;) {
      const int64_t width = std::min({result.run(), n - done, most});
      take_centers(first + done, width, center);
      Parts parts(width);
      Walker value(plan.reduced, plan.reduced.rank, begin);
      for (int64_t r = begin; r < end;) {
        const int64_t count = std::min(value.run(), end - r);
        if (parts.rows + count > rows_per_part) parts.flush(width, 1, totals + done);
        transpose_tile(static_cast<size_t>(itemsize), value_at(value.in + result.in),
                       plan.kept.inner().stride, tile, width, width, count);
        runs.rows(tile, count, width, width, 1, center, parts.part);
        value.advance(count);
        r += count;
        parts.rows += count;
      }
      parts.flush(width, 1, totals + done);
      result.advance(width);
      done += width;
    }
  }

  void fold_range(int64_t first, int64_t n, int64_t begin, int64_t end, A* totals) const {
    if (begin >= end) return;
    switch (plan.way) {
      case Way::along_rows:
        return is_pile() ? pile_rows(first, n, begin, end, totals)
                         : along_rows(first, n, begin, end, totals);
      case Way::across_rows:
        return across_rows(first, n, begin, end, totals);
      case Way::short_rows:
        return short_rows(first, n, begin, end, totals);
    }
  }

  void write_all(A* totals, int64_t first, int64_t n) const {
    for (int64_t i = 0; plan.times > 1 && i < n; ++i)
      totals[i] = repeated<fold>(totals[i], plan.times);
    write(plan, totals, first, n, divisor, out);
  }

  // How many results stay together: short rows, which across_rows folds several at a time, are
  // folded otherwise where they are cut.
  int64_t unit_of() const {
    if (plan.way != Way::across_rows || plan.kept.rank == 0 || plan.reduced.rank == 0) return 1;
    const Axis& row = plan.kept.inner();
    const bool adjacent = row.stride == 1 && plan.reduced.inner().stride == row.size;
    return adjacent && row.size <= wide_row / 2 ? row.size : 1;
  }

  // Work is shared out by results, or where these are few, by pieces of the values whose totals
  // are then put together in order. What is added to what depends on the shape alone, not on the
  // number of threads.
  void run() const {
    const int64_t results = plan.kept.numel(), values = plan.reduced.numel();
    if (results == 0) return;
    constexpr int64_t grain = 1 << 15;
    if (results <= max_outputs && values > 1 && results * values > 2 * grain) {
      const int64_t pieces = std::min<int64_t>(32, std::min(values, results * values / grain));
      std::vector<A> totals(static_cast<size_t>(pieces * results), neutral<fold, A>());
      parallel_for(0, pieces, 1, [&](int64_t b, int64_t e) {
        for (int64_t k = b; k < e; ++k)
          fold_range(0, results, values * k / pieces, values * (k + 1) / pieces,
                     totals.data() + k * results);
      });
      for (int64_t k = 1; k < pieces; ++k)
        for (int64_t i = 0; i < results; ++i)
          totals[static_cast<size_t>(i)] = combine<fold, A>(
              totals[static_cast<size_t>(i)], totals[static_cast<size_t>(k * results + i)]);
      write_all(totals.data(), 0, results);
      return;
    }
    const int64_t unit = unit_of(), block = max_outputs / unit * unit;
    parallel_for(0, results / unit,
                 std::max<int64_t>(1, grain / std::max<int64_t>(values * unit, 1)),
                 [&](int64_t begin, int64_t end) {
                   A totals[max_outputs];
                   for (int64_t b = begin * unit, e = end * unit; b < e; b += block) {
                     const int64_t n = std::min(block, e - b);
                     std::fill_n(totals, n, neutral<fold, A>());
                     fold_range(b, n, 0, values, totals);
                     write_all(totals, b, n);
                   }
                 });
  }
};

template <Fold fold, class T>
void reduce_as(const ReducePlan& plan, const ReduceInput& in, const ReduceOutput& out) {
  using P = typename FoldTypes<fold, T>::Part;
  using A = typename FoldTypes<fold, T>::Total;
  using Wide = std::conditional_t<std::is_integral_v<T>, int64_t, T>;
  using Summed = std::conditional_t<is_extreme(fold), T, Wide>;
  using Out = std::conditional_t<is_flag(fold), bool, Summed>;
  auto write = write_results<A, Out>;
  if constexpr (!std::is_integral_v<T>)
    if (out.dtype != in.dtype && !is_flag(fold))
      write = out.dtype == float64 ? write_results<A, double> : write_results<A, Compute<T>>;
  Reducer<fold, P, A>{plan,
                      static_cast<const char*>(in.data),
                      sizeof(T),
                      static_cast<const P*>(out.centers),
                      fold_runs(fold, in.dtype),
                      write,
                      out.data,
                      out.divisor}
      .run();
}

template <Fold fold>
void reduce_any_type(const ReduceInput& in, const ReduceOutput& out) {
  const ReducePlan plan = make_plan(in, out.strides);
  dispatch(in.dtype, [&]<class T>() {
    if constexpr (!takes_floating_alone(fold) || !std::is_integral_v<T>)
      reduce_as<fold, T>(plan, in, out);
  });
}

}  // namespace

DType fold_result(Fold fold, DType dtype) {
  if (fold == Fold::any || fold == Fold::all) return DType::boolean;
  if (fold == Fold::max || fold == Fold::min || is_floating(dtype)) return dtype;
  return DType::int64;
}

namespace {

void reduce_all(Fold fold, const ReduceInput& in, const ReduceOutput& out) {
  switch (fold) {
    case Fold::sum:
      return reduce_any_type<Fold::sum>(in, out);
    case Fold::sum_in_float64:
      return reduce_any_type<Fold::sum_in_float64>(in, out);
    case Fold::sum_squares:
      return reduce_any_type<Fold::sum_squares>(in, out);
    case Fold::sum_deviations:
      return reduce_any_type<Fold::sum_deviations>(in, out);
    case Fold::sum_exp:
      return reduce_any_type<Fold::sum_exp>(in, out);
    case Fold::sum_numbers:
      return reduce_any_type<Fold::sum_numbers>(in, out);
    case Fold::sum_abs:
      return reduce_any_type<Fold::sum_abs>(in, out);
    case Fold::max_abs:
      return reduce_any_type<Fold::max_abs>(in, out);
    case Fold::min_abs:
      return reduce_any_type<Fold::min_abs>(in, out);
    case Fold::prod:
      return reduce_any_type<Fold::prod>(in, out);
    case Fold::max:
      return reduce_any_type<Fold::max>(in, out);
    case Fold::min:
      return reduce_any_type<Fold::min>(in, out);
    case Fold::any:
      return reduce_any_type<Fold::any>(in, out);
    case Fold::all:
      return reduce_any_type<Fold::all>(in, out);
  }
}

// Copies results along dimensions, of kept ones bit i of `repeated`, where only the first stands.
void repeat_results(const ReduceInput& in, const ReduceOutput& out, uint32_t repeated) {
  Shape known = in.shape;
  for (int d = 0; d < known.rank(); ++d)
    if ((in.reduced | repeated) >> d & 1) known[d] = 1;
  for (int d = 0; d < known.rank(); ++d) {
    if ((repeated >> d & 1) == 0) continue;
    Strides first = out.strides;
    first[d] = 0;
    known[d] = in.shape[d] - 1;
    char* second =
        static_cast<char*>(out.data) + out.strides[d] * static_cast<int64_t>(itemsize(out.dtype));
    copy(out.dtype, out.dtype, known, {out.data, first}, {second, out.strides});
    known[d] = in.shape[d];
  }
}

}  // namespace

void reduce(Fold fold, const ReduceInput& in, const ReduceOutput& out) {
  // Results that fold the same values are computed once.
  uint32_t repeated = 0;
  ReduceInput distinct = in;
  for (int d = 0; d < in.shape.rank() && !has_center(fold); ++d)
    if ((in.reduced >> d & 1) == 0 && in.strides[d] == 0 && in.shape[d] > 1) {
      repeated |= 1u << d;
      distinct.shape[d] = 1;
    }
  reduce_all(fold, distinct, out);
  if (repeated) repeat_results(in, out, repeated);
}

}  // namespace rw::kernels
