#include <rewind/ops/kernels/pool.h>

#include <algorithm>
#include <limits>
#include <type_traits>

#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

// Three targets cover the machines there are; each costs its time to compile.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/ops/kernels/pool.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/ops/kernels/lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// What a type is computed in.
template <class T>
using Compute = std::conditional_t<std::is_same_v<T, BFloat16>, float, T>;

// A lane's winner, as wide as what is compared.
template <class D>
using DWinner = hn::RebindToUnsigned<D>;

template <class DU, class W>
hn::Vec<DU> load_winners(DU du, const W* p) {
  const hn::Rebind<W, DU> dw;
  if constexpr (sizeof(W) == sizeof(hn::TFromD<DU>)) {
    return hn::LoadU(du, p);
  } else if constexpr (sizeof(W) == 1 && sizeof(hn::TFromD<DU>) == 8) {
    const hn::Rebind<uint32_t, DU> du32;
    return hn::PromoteTo(du, hn::PromoteTo(du32, hn::LoadU(dw, p)));
  } else {
    return hn::PromoteTo(du, hn::LoadU(dw, p));
  }
}
template <class DU, class W>
void store_winners(hn::Vec<DU> v, DU du, W* p) {
  const hn::Rebind<W, DU> dw;
  if constexpr (sizeof(W) == sizeof(hn::TFromD<DU>))
    hn::StoreU(v, du, p);
  else
    hn::StoreU(hn::TruncateTo(dw, v), dw, p);
}
template <class DU>
hn::Vec<DU> place(DU du, const Tap& row, const Tap& col) {
  return hn::Set(du, static_cast<hn::TFromD<DU>>(row.position + col.position));
}

// Where a target pixel lies, and its sources.
struct Site {
  int64_t target;      // offset of the pixel
  int64_t i, j;        // its row and column
  int64_t plane;       // offset of the sources' plane
  int64_t source_row;  // from one row of sources to the next
  int64_t channels;
};

// What happens at a target: start() before its taps, add() for each of them with the offset of the
// source, finish() with the target's offset and its row and column. W is void where no winners are
// wanted.
template <class T, class W>
struct Max {
  using Value = T;
  const T* x;
  T* y;
  W* winners;

  template <class D>
  struct State {
    hn::Vec<D> best;
    hn::Vec<DWinner<D>> winner;
  };
  // Where nothing is greater than -infinity the first element wins.
  template <class D>
  State<D> start(D d, const Tap& row, const Tap& col) const {
    return {hn::Set(d, -std::numeric_limits<Compute<T>>::infinity()),
            place(DWinner<D>(), row, col)};
  }
  template <class D>
  void add(D d, State<D>& s, int64_t source, int64_t, const Tap& row, const Tap& col) const {
    const auto v = load(d, x + source);
    const auto better = hn::Or(hn::Gt(v, s.best), hn::IsNaN(v));
    s.best = hn::IfThenElse(better, v, s.best);
    if constexpr (!std::is_void_v<W>) {
      const DWinner<D> du;
      s.winner = hn::IfThenElse(hn::RebindMask(du, better), place(du, row, col), s.winner);
    }
  }
  template <class D>
  void finish(D d, const State<D>& s, int64_t target, int64_t, int64_t) const {
    store(d, s.best, y + target);
    if constexpr (!std::is_void_v<W>) store_winners(s.winner, DWinner<D>(), winners + target);
  }
};

// The sum of those sources whose place won. The winners belong to the sources where these are
// windows, and to the targets where those are.
template <class T, class W, bool at_source>
struct SumWinners {
  using Value = T;
  const T* x;
  T* y;
  const W* winners;

  template <class D>
  using State = hn::Vec<D>;
  template <class D>
  State<D> start(D d, const Tap&, const Tap&) const {
    return hn::Zero(d);
  }
  template <class D>
  void add(D d, State<D>& sum, int64_t source, int64_t target, const Tap& row,
           const Tap& col) const {
    const DWinner<D> du;
    const auto won =
        hn::Eq(load_winners(du, winners + (at_source ? source : target)), place(du, row, col));
    sum = hn::Add(sum, hn::IfThenElseZero(hn::RebindMask(d, won), load(d, x + source)));
  }
  template <class D>
  void finish(D d, const State<D>& sum, int64_t target, int64_t, int64_t) const {
    store(d, sum, y + target);
  }
};

template <class T>
struct Average {
  using Value = T;
  const T* x;
  T* y;
  const double* row_share;
  const double* col_share;

  template <class D>
  using State = hn::Vec<D>;
  template <class D>
  State<D> start(D d, const Tap&, const Tap&) const {
    return hn::Zero(d);
  }
  template <class D>
  void add(D d, State<D>& sum, int64_t source, int64_t, const Tap&, const Tap&) const {
    sum = hn::Add(sum, load(d, x + source));
  }
  template <class D>
  void finish(D d, const State<D>& sum, int64_t target, int64_t i, int64_t j) const {
    const auto share = static_cast<Compute<T>>(row_share[i] * col_share[j]);
    store(d, hn::Mul(sum, hn::Set(d, share)), y + target);
  }
};

template <class T>
struct AverageBackward {
  using Value = T;
  const T* g;
  T* dx;
  const double* row_share;
  const double* col_share;

  template <class D>
  using State = hn::Vec<D>;
  template <class D>
  State<D> start(D d, const Tap&, const Tap&) const {
    return hn::Zero(d);
  }
  template <class D>
  void add(D d, State<D>& sum, int64_t source, int64_t, const Tap& row, const Tap& col) const {
    const auto share = static_cast<Compute<T>>(row_share[row.source] * col_share[col.source]);
    sum = hn::MulAdd(load(d, g + source), hn::Set(d, share), sum);
  }
  template <class D>
  void finish(D d, const State<D>& sum, int64_t target, int64_t, int64_t) const {
    store(d, sum, dx + target);
  }
};

// Targets [at, at + vectors * lanes) of one pixel. Several vectors share the way through the taps.
template <size_t vectors, class D, class Op>
void pixel(D d, const Op& op, std::span<const Tap> rows, std::span<const Tap> cols,
           const Site& site, int64_t at) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  constexpr Tap none{0, 0};
  typename Op::template State<D> state[vectors];
  for (auto& s : state)
    s = op.start(d, rows.empty() ? none : rows[0], cols.empty() ? none : cols[0]);
  for (const Tap& row : rows) {
    const int64_t line = site.plane + row.source * site.source_row + at;
    for (const Tap& col : cols) {
      int64_t source = line + col.source * site.channels, target = site.target + at;
      for (auto& s : state) {
        op.add(d, s, source, target, row, col);
        source += lanes;
        target += lanes;
      }
    }
  }
  int64_t target = site.target + at;
  for (const auto& s : state) {
    op.finish(d, s, target, site.i, site.j);
    target += lanes;
  }
}

// Rows [begin, end) of all planes' targets. The last vector of a pixel overlaps the one before it,
// which does no harm since targets are only written.
template <class D, class Op>
void walk(D d, const Pool& pool, int64_t begin, int64_t end, const Op& op) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t height = pool.rows.targets(), width = pool.cols.targets();
  Site site;
  site.channels = pool.channels;
  site.source_row = pool.cols.sources() * pool.channels;
  site.target = begin * width * pool.channels;
  for (int64_t line = begin; line < end; ++line) {
    site.i = line % height;
    site.plane = line / height * pool.rows.sources() * site.source_row;
    const std::span<const Tap> rows = pool.rows.of(site.i);
    for (site.j = 0; site.j < width; ++site.j, site.target += pool.channels) {
      const std::span<const Tap> cols = pool.cols.of(site.j);
      int64_t at = 0;
      for (; at + 4 * lanes <= pool.channels; at += 4 * lanes)
        pixel<4>(d, op, rows, cols, site, at);
      for (; at < pool.channels; at += lanes)
        pixel<1>(d, op, rows, cols, site, std::min(at, pool.channels - lanes));
    }
  }
}

template <class Op>
void run(const Pool& pool, int64_t begin, int64_t end, const Op& op) {
  using T = Compute<typename Op::Value>;
  const hn::ScalableTag<T> full;
  if (pool.channels >= static_cast<int64_t>(hn::Lanes(full)))
    walk(full, pool, begin, end, op);
  else if (pool.channels >= 4)
    walk(hn::CappedTag<T, 4>(), pool, begin, end, op);
  else
    walk(hn::CappedTag<T, 1>(), pool, begin, end, op);
}

template <class T>
void max_of(const Pool& pool, const void* x, void* y, const Winners& w, int64_t begin,
            int64_t end) {
  const auto* px = static_cast<const T*>(x);
  auto* py = static_cast<T*>(y);
  if (!w.data)
    run(pool, begin, end, Max<T, void>{px, py, nullptr});
  else if (w.bytes == 1)
    run(pool, begin, end, Max<T, uint8_t>{px, py, static_cast<uint8_t*>(w.data)});
  else
    run(pool, begin, end, Max<T, uint32_t>{px, py, static_cast<uint32_t*>(w.data)});
}
template <class T, bool at_source>
void sum_winners_of(const Pool& pool, const void* x, const Winners& w, void* y, int64_t begin,
                    int64_t end) {
  const auto* px = static_cast<const T*>(x);
  auto* py = static_cast<T*>(y);
  if (w.bytes == 1)
    run(pool, begin, end,
        SumWinners<T, uint8_t, at_source>{px, py, static_cast<const uint8_t*>(w.data)});
  else
    run(pool, begin, end,
        SumWinners<T, uint32_t, at_source>{px, py, static_cast<const uint32_t*>(w.data)});
}

void max_rows(const Pool& pool, const void* x, void* y, const Winners& w, int64_t begin,
              int64_t end) {
  dispatch_floating(pool.dtype, [&]<class T>() { max_of<T>(pool, x, y, w, begin, end); });
}
void max_backward_rows(const Pool& pool, const void* g, const Winners& w, void* dx, int64_t begin,
                       int64_t end) {
  dispatch_floating(pool.dtype,
                    [&]<class T>() { sum_winners_of<T, true>(pool, g, w, dx, begin, end); });
}
void max_gather_rows(const Pool& pool, const void* x, const Winners& w, void* y, int64_t begin,
                     int64_t end) {
  dispatch_floating(pool.dtype,
                    [&]<class T>() { sum_winners_of<T, false>(pool, x, w, y, begin, end); });
}
void avg_rows(const Pool& pool, const void* x, const double* row_share, const double* col_share,
              void* y, int64_t begin, int64_t end) {
  dispatch_floating(pool.dtype, [&]<class T>() {
    run(pool, begin, end,
        Average<T>{static_cast<const T*>(x), static_cast<T*>(y), row_share, col_share});
  });
}
void avg_backward_rows(const Pool& pool, const void* g, const double* row_share,
                       const double* col_share, void* dx, int64_t begin, int64_t end) {
  dispatch_floating(pool.dtype, [&]<class T>() {
    run(pool, begin, end,
        AverageBackward<T>{static_cast<const T*>(g), static_cast<T*>(dx), row_share, col_share});
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(max_rows);
HWY_EXPORT(max_backward_rows);
HWY_EXPORT(max_gather_rows);
HWY_EXPORT(avg_rows);
HWY_EXPORT(avg_backward_rows);

Taps Taps::sliding(int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t padding,
                   int64_t dilation, int64_t position_step) {
  Taps t;
  t.sources_ = in;
  t.first_.reserve(static_cast<size_t>(out) + 1);
  t.taps_.reserve(static_cast<size_t>(out * std::min(kernel, in)));
  for (int64_t i = 0; i < out; ++i) {
    const int64_t start = i * stride - padding;
    for (int64_t k = start < 0 ? (-start + dilation - 1) / dilation : 0; k < kernel; ++k) {
      const int64_t source = start + k * dilation;
      if (source >= in) break;
      t.taps_.push_back({static_cast<int32_t>(source), static_cast<int32_t>(k * position_step)});
    }
    t.first_.push_back(t.taps_.size());
  }
  return t;
}

Taps Taps::adaptive(int64_t in, int64_t out) {
  Taps t;
  t.sources_ = in;
  for (int64_t i = 0; i < out; ++i) {
    for (int64_t s = i * in / out; s < ((i + 1) * in + out - 1) / out; ++s)
      t.taps_.push_back({static_cast<int32_t>(s), 0});
    t.first_.push_back(t.taps_.size());
  }
  return t;
}

Taps Taps::transposed() const {
  Taps t;
  t.sources_ = targets();
  t.first_.assign(static_cast<size_t>(sources_) + 1, 0);
  for (const Tap& tap : taps_) ++t.first_[static_cast<size_t>(tap.source) + 1];
  for (size_t i = 1; i < t.first_.size(); ++i) t.first_[i] += t.first_[i - 1];
  t.taps_.resize(taps_.size());
  std::vector<size_t> next(t.first_.begin(), t.first_.end() - 1);
  for (int64_t i = 0; i < targets(); ++i)
    for (const Tap& tap : of(i))
      t.taps_[next[static_cast<size_t>(tap.source)]++] = {static_cast<int32_t>(i), tap.position};
  return t;
}

namespace {

// f(begin, end) over the rows of all planes' targets, some thousand elements at least.
template <class F>
void for_rows(const Pool& pool, F&& f) {
  const int64_t larger = std::max(pool.cols.targets(), pool.cols.sources());
  const int64_t grain = (1 << 14) / std::max<int64_t>(larger * pool.channels, 1) + 1;
  parallel_for(0, pool.planes * pool.rows.targets(), grain, f);
}

}  // namespace

void max_pool(const Pool& pool, const void* x, void* y, const Winners& winners) {
  for_rows(pool, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(max_rows)(pool, x, y, winners, begin, end);
  });
}
void max_pool_backward(const Pool& pool, const void* g, const Winners& winners, void* dx) {
  for_rows(pool, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(max_backward_rows)(pool, g, winners, dx, begin, end);
  });
}
void max_pool_gather(const Pool& pool, const void* x, const Winners& winners, void* y) {
  for_rows(pool, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(max_gather_rows)(pool, x, winners, y, begin, end);
  });
}
void avg_pool(const Pool& pool, const void* x, const std::vector<double>& row_share,
              const std::vector<double>& col_share, void* y) {
  for_rows(pool, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(avg_rows)(pool, x, row_share.data(), col_share.data(), y, begin, end);
  });
}
void avg_pool_backward(const Pool& pool, const void* g, const std::vector<double>& row_share,
                       const std::vector<double>& col_share, void* dx) {
  for_rows(pool, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(avg_backward_rows)
    (pool, g, row_share.data(), col_share.data(), dx, begin, end);
  });
}

void max_pool_indices(const Pool& pool, const Winners& winners, int64_t* indices) {
  const int64_t height = pool.rows.targets(), width = pool.cols.targets();
  const auto winner = [&](int64_t at) -> int64_t {
    return winners.bytes == 1 ? static_cast<const uint8_t*>(winners.data)[at]
                              : static_cast<const uint32_t*>(winners.data)[at];
  };
  for_rows(pool, [&](int64_t begin, int64_t end) {
    std::fill(indices + begin * width * pool.channels, indices + end * width * pool.channels, -1);
    for (int64_t pixel = begin * width; pixel < end * width; ++pixel)
      for (const Tap& row : pool.rows.of(pixel / width % height))
        for (const Tap& col : pool.cols.of(pixel % width))
          for (int64_t at = pixel * pool.channels; at < (pixel + 1) * pool.channels; ++at)
            if (winner(at) == row.position + col.position)
              indices[at] = row.source * pool.cols.sources() + col.source;
  });
}

}  // namespace rw::kernels
#endif
