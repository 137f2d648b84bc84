// Included once per target by the pooling kernels: windows of two columns, side by side, in planes
// of one channel.
#if defined(REWIND_KERNELS_POOL_PAIRS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_POOL_PAIRS_INL_H_
#undef REWIND_KERNELS_POOL_PAIRS_INL_H_
#else
#define REWIND_KERNELS_POOL_PAIRS_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include <rewind/kernels/windows/pool_kernel.h>
#include <rewind/kernels/windows/pool_ops-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// Whether each target of a row takes two sources; where the op is a gradient, whether each source
// of a row is given to two targets.
template <class Op>
bool goes_by_pairs(const Pool& pool) {
  if (pool.channels != 1) return false;
  return Op::is_gradient ? pool.cols.gives_pairs() : pool.cols.takes_pairs();
}

// Numbers 0, 2, 4, ... and 1, 3, 5, ... from p on.
template <class D, class T>
void load_two(D d, const T* p, hn::Vec<D>& even, hn::Vec<D>& odd) {
  if constexpr (std::is_same_v<T, BFloat16>) {
    const hn::RebindToUnsigned<D> du;
    const auto pairs = hn::LoadU(du, reinterpret_cast<const uint32_t*>(p));
    even = hn::BitCast(d, hn::ShiftLeft<16>(pairs));
    odd = hn::BitCast(d, hn::And(pairs, hn::Set(du, 0xffff0000u)));
  } else {
    hn::LoadInterleaved2(d, p, even, odd);
  }
}
template <class D, class T>
void store_two(D d, hn::Vec<D> even, hn::Vec<D> odd, T* p) {
  if constexpr (std::is_same_v<T, BFloat16>)
    store_pairs(d, even, odd, p, 2 * static_cast<int64_t>(hn::Lanes(d)));
  else
    hn::StoreInterleaved2(even, odd, d, p);
}

// The n targets of row i, which begins at `target`; the sources' plane begins at `plane`. The last
// vector overlaps the one before it. `rows` is how many rows they take, or 0 for any number: what
// is known is unrolled, and kept in registers.
template <size_t rows, class D, class Op>
HWY_INLINE void take_row(D d, const Op& op, const Pool& pool, int64_t plane, int64_t target,
                         int64_t i, int64_t n) {
  const auto taps = pool.rows.of(i);
  const Tap left = pool.cols.of(0)[0], right = pool.cols.of(0)[1];
  const Tap first = taps.empty() ? Tap{0, 0} : taps[0], second = rows == 2 ? taps[1] : first;
  const int64_t width = pool.cols.sources(), lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t j = 0; j < n; j += lanes) {
    const int64_t at = std::min(j, n - lanes);
    auto state = op.start(d, first, left);
    const auto take = [&](const Tap& row) HWY_ATTR {
      hn::Vec<D> even, odd;
      load_two(d, op.x + plane + row.source * width + 2 * at, even, odd);
      op.take(d, state, even, target + at, row, left);
      op.take(d, state, odd, target + at, row, right);
    };
    if constexpr (rows == 2) {
      take(first);
      take(second);
    } else {
      for (const Tap& row : taps) take(row);
    }
    op.finish(d, state, target + at, i, 0);
  }
}

// The targets of row i, which begins at `target`, two for each of n sources.
template <size_t rows, class D, class Op>
HWY_INLINE void give_row(D d, const Op& op, const Pool& pool, int64_t plane, int64_t target,
                         int64_t i, int64_t n) {
  const auto taps = pool.rows.of(i);
  const Tap left = pool.cols.of(0)[0], right = pool.cols.of(1)[0];
  const Tap only = taps.empty() ? Tap{0, 0} : taps[0];
  const int64_t width = pool.cols.sources(), lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t j = 0; j < n; j += lanes) {
    const int64_t at = std::min(j, n - lanes);
    auto even = op.start(d, left, left), odd = even;
    const auto give = [&](const Tap& row) HWY_ATTR {
      const int64_t source = plane + row.source * width + at;
      op.add(d, even, source, target, row, left);
      op.add(d, odd, source, target, row, right);
    };
    if constexpr (rows == 1)
      give(only);
    else
      for (const Tap& row : taps) give(row);
    store_two(d, even, odd, op.y + target + 2 * at);
  }
}

// Rows [begin, end) of all planes' targets, which take (or are given from) so many rows each.
template <size_t rows, class D, class Op>
HWY_NOINLINE void walk_rows(D d, const Pool& pool, int64_t begin, int64_t end, const Op op) {
  const int64_t height = pool.rows.targets(), width = pool.cols.targets();
  const int64_t n = Op::is_gradient ? pool.cols.sources() : width;
  const int64_t plane_size = pool.rows.sources() * pool.cols.sources();
  for (int64_t line = begin; line < end; ++line) {
    const int64_t i = line % height, plane = line / height * plane_size;
    if constexpr (Op::is_gradient)
      give_row<rows>(d, op, pool, plane, line * width, i, n);
    else
      take_row<rows>(d, op, pool, plane, line * width, i, n);
  }
}

template <class Op>
void walk_pairs(const Pool& pool, int64_t begin, int64_t end, const Op& op) {
  constexpr size_t usual = Op::is_gradient ? 1 : 2;
  const int64_t n = Op::is_gradient ? pool.cols.sources() : pool.cols.targets();
  bool are_usual = true;
  for (int64_t i = 0; i < pool.rows.targets(); ++i)
    are_usual = are_usual && pool.rows.of(i).size() == usual;
  with_vectors_for<Compute<typename Op::Value>>(n, [&](auto d) {
    are_usual ? walk_rows<usual>(d, pool, begin, end, op) : walk_rows<0>(d, pool, begin, end, op);
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
