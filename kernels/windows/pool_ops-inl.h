// Included once per target by the pooling kernels: what happens in a window, for a vector of
// targets.
#if defined(REWIND_KERNELS_POOL_OPS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_POOL_OPS_INL_H_
#undef REWIND_KERNELS_POOL_OPS_INL_H_
#else
#define REWIND_KERNELS_POOL_OPS_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/simd/lanes-inl.h>
#include <rewind/kernels/windows/taps.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

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
// source, or take() with its value, finish() with the target's offset and its row and column.
// regular() are the columns where this is always the same. W is void where no winners are wanted.
template <class T, class W>
struct Max {
  using Value = T;
  static constexpr bool is_gradient = false;
  const T* x;
  T* y;
  W* winners;
  Taps::Regular regular(const Taps& cols) const { return cols.regular(); }

  template <class D>
  struct State {
    hn::Vec<D> best;
    hn::Vec<DWinner<D>> winner;
  };
  // Where nothing is greater than that the first element wins.
  template <class D>
  State<D> start(D d, const Tap& row, const Tap& col) const {
    using Limits = std::numeric_limits<Compute<T>>;
    const auto least = Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
    return {hn::Set(d, least), place(DWinner<D>(), row, col)};
  }
  template <class D>
  void add(D d, State<D>& s, int64_t source, int64_t target, const Tap& row, const Tap& col) const {
    take(d, s, load(d, x + source), target, row, col);
  }
  template <class D>
  void take(D, State<D>& s, hn::Vec<D> v, int64_t, const Tap& row, const Tap& col) const {
    auto better = hn::Gt(v, s.best);
    if constexpr (!std::is_integral_v<T>) better = hn::Or(better, hn::IsNaN(v));
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
  static constexpr bool is_gradient = at_source;
  const T* x;
  T* y;
  const W* winners;
  Taps::Regular regular(const Taps& cols) const { return cols.regular(); }

  template <class D>
  using State = hn::Vec<D>;
  template <class D>
  State<D> start(D d, const Tap&, const Tap&) const {
    return hn::Zero(d);
  }
  template <class D>
  void add(D d, State<D>& sum, int64_t source, int64_t target, const Tap& row,
           const Tap& col) const {
    take(d, sum, load(d, x + source), at_source ? source : target, row, col);
  }
  template <class D>
  void take(D d, State<D>& sum, hn::Vec<D> v, int64_t window, const Tap& row,
            const Tap& col) const {
    const DWinner<D> du;
    const auto won = hn::Eq(load_winners(du, winners + window), place(du, row, col));
    sum = hn::Add(sum, hn::IfThenElseZero(hn::RebindMask(d, won), v));
  }
  template <class D>
  void finish(D d, const State<D>& sum, int64_t target, int64_t, int64_t) const {
    store(d, sum, y + target);
  }
};

// Each lane's quotient without its fraction. The least integer by -1 wraps.
template <class D>
hn::Vec<D> divided(D d, hn::Vec<D> v, hn::TFromD<D> by) {
  if (by == -1) return hn::Neg(v);
  HWY_ALIGN hn::TFromD<D> lanes[hn::MaxLanes(d)];
  hn::Store(v, d, lanes);
  for (size_t l = 0; l < hn::Lanes(d); ++l) lanes[l] /= by;
  return hn::Load(d, lanes);
}

template <class T>
struct Average {
  using Value = T;
  static constexpr bool is_gradient = false;
  const T* x;
  T* y;
  const double* row_share;
  const double* col_share;
  Taps::Regular regular(const Taps& cols) const { return cols.regular(col_share); }

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
  void take(D, State<D>& sum, hn::Vec<D> v, int64_t, const Tap&, const Tap&) const {
    sum = hn::Add(sum, v);
  }
  template <class D>
  void finish(D d, const State<D>& sum, int64_t target, int64_t i, int64_t j) const {
    const double share = row_share[i] * col_share[j];
    if constexpr (std::is_integral_v<T>)
      store(d, divided(d, sum, static_cast<T>(std::round(1 / share))), y + target);
    else
      store(d, hn::Mul(sum, hn::Set(d, static_cast<Compute<T>>(share))), y + target);
  }
};

// x is g, and y is dx.
template <class T>
struct AverageBackward {
  using Value = T;
  static constexpr bool is_gradient = true;
  const T* x;
  T* y;
  const double* row_share;
  const double* col_share;
  Taps::Regular regular(const Taps& cols) const { return cols.regular(nullptr, col_share); }

  template <class D>
  using State = hn::Vec<D>;
  template <class D>
  State<D> start(D d, const Tap&, const Tap&) const {
    return hn::Zero(d);
  }
  template <class D>
  void add(D d, State<D>& sum, int64_t source, int64_t, const Tap& row, const Tap& col) const {
    const auto share = static_cast<Compute<T>>(row_share[row.source] * col_share[col.source]);
    sum = hn::MulAdd(load(d, x + source), hn::Set(d, share), sum);
  }
  template <class D>
  void finish(D d, const State<D>& sum, int64_t target, int64_t, int64_t) const {
    store(d, sum, y + target);
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

// Targets [0, n) from a pixel on. The last vector overlaps the one before it, which does no harm
// since targets are only written.
template <class D, class Op>
void across(D d, const Op& op, std::span<const Tap> rows, std::span<const Tap> cols,
            const Site& site, int64_t n) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t at = 0;
  for (; at + 4 * lanes <= n; at += 4 * lanes) pixel<4>(d, op, rows, cols, site, at);
  for (; at < n; at += lanes) pixel<1>(d, op, rows, cols, site, std::min(at, n - lanes));
}

// Calls f with the widest vectors that n targets fill.
template <class T, class F>
void with_vectors_for(int64_t n, F&& f) {
  const hn::ScalableTag<T> full;
  if (n >= static_cast<int64_t>(hn::Lanes(full)))
    f(full);
  else if (n >= 8)
    f(hn::CappedTag<T, 8>());
  else if (n >= 4)
    f(hn::CappedTag<T, 4>());
  else
    f(hn::CappedTag<T, 1>());
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
