#include <rewind/kernels/reduce/reduce.h>

#include <algorithm>
#include <limits>
#include <type_traits>
#include <vector>

#include <rewind/kernels/reduce/reduce_rows.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

namespace rw::kernels {
namespace {

struct Axis {
  int64_t size;
  int64_t stride;
  int64_t out_stride;  // of kept axes
};

// At most Shape::max_rank axes, outermost first, together with positions in them.
struct Axes {
  Axis axis[Shape::max_rank];
  int rank = 0;

  int64_t numel() const {
    int64_t n = 1;
    for (int i = 0; i < rank; ++i) n *= axis[i].size;
    return n;
  }
  const Axis& inner() const { return axis[rank - 1]; }
  // Axes that lie in memory like one are made one.
  void push(Axis a) {
    if (rank > 0) {
      Axis& last = axis[rank - 1];
      if (last.stride == a.size * a.stride && last.out_stride == a.size * a.out_stride) {
        last = {last.size * a.size, a.stride, a.out_stride};
        return;
      }
    }
    axis[rank++] = a;
  }
};

// Walks over all positions of some axes, innermost fastest, and knows where each lies.
class Walker {
 public:
  Walker(const Axes& axes, int rank, int64_t start) : axes_(axes), rank_(rank) {
    for (int i = rank - 1; i >= 0; --i) {
      at_[i] = start % axes.axis[i].size;
      start /= axes.axis[i].size;
      in += at_[i] * axes.axis[i].stride;
      out += at_[i] * axes.axis[i].out_stride;
    }
  }
  // How many more positions follow along the innermost axis, this one included.
  int64_t run() const { return rank_ ? axes_.inner().size - at_[rank_ - 1] : 1; }
  // `n` is at most run().
  void advance(int64_t n) {
    int64_t step = n;
    for (int i = rank_ - 1; i >= 0; --i) {
      const Axis& a = axes_.axis[i];
      at_[i] += step;
      in += step * a.stride;
      out += step * a.out_stride;
      if (at_[i] < a.size) return;
      in -= a.size * a.stride;
      out -= a.size * a.out_stride;
      at_[i] = 0;
      step = 1;
    }
  }

  int64_t in = 0;
  int64_t out = 0;

 private:
  const Axes& axes_;
  int rank_;
  int64_t at_[Shape::max_rank];  // as many as there are axes
};

struct Plan {
  Axes kept, reduced;
  // Whether the values of one result are neighbours (fold along rows), or those of neighbouring
  // results are (fold rows into each other).
  bool along_rows;
};

Plan make_plan(const ReduceInput& in, const Strides& out_strides) {
  int order[Shape::max_rank];
  int rank = 0;
  for (int i = 0; i < in.shape.rank(); ++i)
    if (in.shape[i] != 1) order[rank++] = i;
  // Memory order, repeated elements (stride 0) outermost.
  std::stable_sort(order, order + rank, [&](int a, int b) {
    const int64_t s = in.strides[a], t = in.strides[b];
    return s != t && (s == 0 || (t != 0 && s > t));
  });
  Plan plan;
  for (int k = 0; k < rank; ++k) {
    const int i = order[k];
    if (in.reduced >> i & 1)
      plan.reduced.push({in.shape[i], in.strides[i], 0});
    else
      plan.kept.push({in.shape[i], in.strides[i], out_strides[i]});
  }
  const auto is_reduced = [&](int i) { return (in.reduced >> i & 1) != 0; };
  plan.along_rows = rank > 0 && is_reduced(order[rank - 1]);
  return plan;
}

// --- What is folded, for the types and folds without vector code -------------------------------

template <class T>
using Total = std::conditional_t<std::is_integral_v<T>, int64_t, double>;

template <Fold fold, class A>
constexpr A neutral() {
  if constexpr (fold == Fold::prod || fold == Fold::all) return 1;
  if constexpr (fold == Fold::max)
    return std::is_integral_v<A> ? std::numeric_limits<A>::min()
                                 : -std::numeric_limits<A>::infinity();
  if constexpr (fold == Fold::min)
    return std::is_integral_v<A> ? std::numeric_limits<A>::max()
                                 : std::numeric_limits<A>::infinity();
  return 0;
}

// Integer arithmetic wraps around.
template <Fold fold, class A>
A combine(A a, A b) {
  using U = std::conditional_t<std::is_integral_v<A>, uint64_t, A>;
  const auto u = static_cast<U>(a), v = static_cast<U>(b);
  if constexpr (fold == Fold::sum || fold == Fold::sum_squares) return static_cast<A>(u + v);
  if constexpr (fold == Fold::prod) return static_cast<A>(u * v);
  if constexpr (fold == Fold::max || fold == Fold::any) return a > b || a != a ? a : b;
  if constexpr (fold == Fold::min || fold == Fold::all) return a < b || a != a ? a : b;
}

template <Fold fold, class A, class T>
A prepare(T x) {
  if constexpr (fold == Fold::any || fold == Fold::all) return static_cast<A>(x != T());
  if constexpr (fold == Fold::sum_squares) return static_cast<A>(x) * static_cast<A>(x);
  return static_cast<A>(x);
}

template <Fold fold, class T>
struct Reducer {
  static constexpr bool flag = fold == Fold::any || fold == Fold::all;
  static constexpr bool vectorised = !std::is_integral_v<T> && !flag && fold != Fold::prod;
  using A = std::conditional_t<flag, int64_t, Total<T>>;
  // What a few rows are folded in before they go to the totals.
  using P = std::conditional_t<vectorised && !std::is_same_v<T, double>, float, A>;
  static constexpr int64_t rows_per_part = 64;
  static constexpr int64_t max_outputs = 512;  // worked on together
  static constexpr int64_t wide_row = 128;     // at most max_outputs

  static A row(const T* p, int64_t n, int64_t stride) {
    if constexpr (vectorised)
      if (stride == 1) return fold_row(fold, p, n);
    A a = neutral<fold, A>();
    for (int64_t i = 0; i < n; ++i) a = combine<fold, A>(a, prepare<fold, A>(p[i * stride]));
    return a;
  }

  static void rows(const T* p, int64_t count, int64_t stride, int64_t n, int64_t step, P* acc) {
    if constexpr (vectorised)
      if (step == 1) return fold_rows(fold, p, count, stride, n, acc);
    for (int64_t r = 0; r < count; ++r)
      for (int64_t i = 0; i < n; ++i)
        acc[i] = combine<fold, P>(acc[i], prepare<fold, P>(p[r * stride + i * step]));
  }

  // Folds values [begin, end) of results [first, first + n) into totals[0, n); n <= max_outputs.
  static void along_rows(const Plan& plan, const T* in, int64_t first, int64_t n, int64_t begin,
                         int64_t end, A* totals) {
    int64_t offsets[max_outputs];
    Walker result(plan.kept, plan.kept.rank, first);
    for (int64_t i = 0; i < n; ++i, result.advance(1)) offsets[i] = result.in;
    Walker value(plan.reduced, plan.reduced.rank, begin);
    const int64_t stride = plan.reduced.inner().stride;
    while (begin < end) {
      const int64_t length = std::min(value.run(), end - begin);
      for (int64_t i = 0; i < n; ++i)
        totals[i] = combine<fold, A>(totals[i], row(in + value.in + offsets[i], length, stride));
      value.advance(length);
      begin += length;
    }
  }

  static void across_rows(const Plan& plan, const T* in, int64_t first, int64_t n, int64_t begin,
                          int64_t end, A* totals) {
    const bool any_reduced = plan.reduced.rank > 0;
    const int64_t stride = any_reduced ? plan.reduced.inner().stride : 0;
    const int64_t step = plan.kept.rank ? plan.kept.inner().stride : 1;
    P part[max_outputs];
    Walker result(plan.kept, plan.kept.rank, first);
    for (int64_t done = 0; done < n;) {
      const int64_t width = std::min(result.run(), n - done);
      // Short rows that follow each other without a gap are folded several at a time.
      const bool adjacent = step == 1 && stride == width;
      const int64_t together = adjacent ? std::max<int64_t>(wide_row / width, 1) : 1;
      std::fill_n(part, width * together, neutral<fold, P>());
      int64_t in_part = 0;
      const auto flush = [&] {
        for (int64_t k = 0, i = 0; k < together; ++k)
          for (int64_t at = done; at < done + width; ++at, ++i)
            totals[at] = combine<fold, A>(totals[at], static_cast<A>(part[i]));
        std::fill_n(part, width * together, neutral<fold, P>());
        in_part = 0;
      };
      Walker value(plan.reduced, plan.reduced.rank, begin);
      for (int64_t r = begin; r < end;) {
        const int64_t count = std::min({value.run(), end - r, rows_per_part * together - in_part});
        const int64_t rest = count % together;
        const T* from = in + value.in + result.in;
        rows(from, count / together, stride * together, width * together, step, part);
        if (rest > 0) rows(from + (count - rest) * stride, rest, stride, width, step, part);
        value.advance(count);
        r += count;
        in_part += count;
        if (in_part == rows_per_part * together) flush();
      }
      flush();
      result.advance(width);
      done += width;
    }
  }

  static void fold_range(const Plan& plan, const T* in, int64_t first, int64_t n, int64_t begin,
                         int64_t end, A* totals) {
    if (begin >= end) return;
    (plan.along_rows ? along_rows : across_rows)(plan, in, first, n, begin, end, totals);
  }

  template <class Out>
  static void write(const Plan& plan, const A* totals, int64_t first, int64_t n, double divisor,
                    Out* out) {
    Walker result(plan.kept, plan.kept.rank, first);
    for (int64_t i = 0; i < n; ++i, result.advance(1)) {
      if constexpr (std::is_same_v<A, double>)
        out[result.out] = static_cast<Out>(totals[i] / divisor);
      else
        out[result.out] = static_cast<Out>(totals[i]);
    }
  }

  // How many results stay together: short rows, which across_rows folds several at a time, are
  // folded otherwise where they are cut.
  static int64_t unit_of(const Plan& plan) {
    if (plan.along_rows || plan.kept.rank == 0 || plan.reduced.rank == 0) return 1;
    const Axis& row = plan.kept.inner();
    const bool adjacent = row.stride == 1 && plan.reduced.inner().stride == row.size;
    return adjacent && row.size <= wide_row / 2 ? row.size : 1;
  }

  // Work is shared out by results, or where these are few, by pieces of the values whose totals
  // are then put together in order. What is added to what depends on the shape alone, not on the
  // number of threads.
  template <class Out>
  static void run(const Plan& plan, const T* in, Out* out, double divisor) {
    const int64_t results = plan.kept.numel(), values = plan.reduced.numel();
    if (results == 0) return;
    constexpr int64_t grain = 1 << 15;
    if (results == 0) return;
    if (results <= max_outputs && values > 1 && results * values > 2 * grain) {
      const int64_t pieces = std::min<int64_t>(32, std::min(values, results * values / grain));
      std::vector<A> totals(static_cast<size_t>(pieces * results), neutral<fold, A>());
      parallel_for(0, pieces, 1, [&](int64_t b, int64_t e) {
        for (int64_t k = b; k < e; ++k)
          fold_range(plan, in, 0, results, values * k / pieces, values * (k + 1) / pieces,
                     totals.data() + k * results);
      });
      for (int64_t k = 1; k < pieces; ++k)
        for (int64_t i = 0; i < results; ++i)
          totals[static_cast<size_t>(i)] = combine<fold, A>(
              totals[static_cast<size_t>(i)], totals[static_cast<size_t>(k * results + i)]);
      write(plan, totals.data(), 0, results, divisor, out);
      return;
    }
    const int64_t unit = unit_of(plan), block = max_outputs / unit * unit;
    parallel_for(0, results / unit,
                 std::max<int64_t>(1, grain / std::max<int64_t>(values * unit, 1)),
                 [&](int64_t begin, int64_t end) {
                   A totals[max_outputs];
                   for (int64_t b = begin * unit, e = end * unit; b < e; b += block) {
                     const int64_t n = std::min(block, e - b);
                     std::fill_n(totals, n, neutral<fold, A>());
                     fold_range(plan, in, b, n, 0, values, totals);
                     write(plan, totals, b, n, divisor, out);
                   }
                 });
  }
};

template <Fold fold>
void reduce_any_type(const ReduceInput& in, void* out, const Strides& out_strides, double divisor) {
  const Plan plan = make_plan(in, out_strides);
  dispatch(in.dtype, [&]<class T>() {
    using Wide = std::conditional_t<std::is_integral_v<T>, int64_t, T>;
    using Summed = std::conditional_t<fold == Fold::max || fold == Fold::min, T, Wide>;
    using Out = std::conditional_t<Reducer<fold, T>::flag, bool, Summed>;
    Reducer<fold, T>::run(plan, static_cast<const T*>(in.data), static_cast<Out*>(out), divisor);
  });
}

}  // namespace

DType fold_result(Fold fold, DType dtype) {
  if (fold == Fold::any || fold == Fold::all) return DType::boolean;
  if (fold == Fold::max || fold == Fold::min || is_floating(dtype)) return dtype;
  return DType::int64;
}

void reduce(Fold fold, const ReduceInput& in, void* out, const Strides& out_strides,
            double divisor) {
  switch (fold) {
    case Fold::sum:
      return reduce_any_type<Fold::sum>(in, out, out_strides, divisor);
    case Fold::sum_squares:
      return reduce_any_type<Fold::sum_squares>(in, out, out_strides, divisor);
    case Fold::prod:
      return reduce_any_type<Fold::prod>(in, out, out_strides, divisor);
    case Fold::max:
      return reduce_any_type<Fold::max>(in, out, out_strides, divisor);
    case Fold::min:
      return reduce_any_type<Fold::min>(in, out, out_strides, divisor);
    case Fold::any:
      return reduce_any_type<Fold::any>(in, out, out_strides, divisor);
    case Fold::all:
      return reduce_any_type<Fold::all>(in, out, out_strides, divisor);
  }
}

}  // namespace rw::kernels
