// Included once per target by the pooling kernels: windows of 2 x 2, side by side, in planes of one
// channel.
#if defined(REWIND_KERNELS_POOL_PAIRS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_POOL_PAIRS_INL_H_
#undef REWIND_KERNELS_POOL_PAIRS_INL_H_
#else
#define REWIND_KERNELS_POOL_PAIRS_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

#include <rewind/kernels/windows/pool_kernel.h>
#include <rewind/kernels/windows/pool_ops-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// Whether each target takes two sources by two; where the op is a gradient, whether each source is
// given to two targets by two.
template <class Op>
bool goes_by_pairs(const Pool& pool) {
  if (pool.channels != 1) return false;
  if constexpr (Op::is_gradient)
    return pool.rows.gives_pairs() && pool.cols.gives_pairs();
  else
    return pool.rows.takes_pairs() && pool.cols.takes_pairs();
}

// Targets [at, at + lanes) of row i, which begins at `target`, from the two rows that begin at
// `source`.
template <class D, class Op>
void take_pairs(D d, const Op& op, const Pool& pool, int64_t source, int64_t target, int64_t i,
                int64_t at) {
  const auto rows = pool.rows.of(i), cols = pool.cols.of(0);
  auto state = op.start(d, rows[0], cols[0]);
  for (size_t a = 0; a < 2; ++a, source += pool.cols.sources()) {
    hn::Vec<D> even, odd;
    hn::LoadInterleaved2(d, op.x + source + 2 * at, even, odd);
    op.take(d, state, even, target + at, rows[a], cols[0]);
    op.take(d, state, odd, target + at, rows[a], cols[1]);
  }
  op.finish(d, state, target + at, i, 0);
}

// Targets [2 at, 2 (at + lanes)) of row i, which begins at `target`, from the row that begins at
// `source`.
template <class D, class Op>
void give_pairs(D d, const Op& op, const Pool& pool, int64_t source, int64_t target, int64_t i,
                int64_t at) {
  const Tap row = pool.rows.of(i)[0], left = pool.cols.of(0)[0], right = pool.cols.of(1)[0];
  auto even = op.start(d, row, left), odd = op.start(d, row, right);
  op.add(d, even, source + at, target, row, left);
  op.add(d, odd, source + at, target, row, right);
  hn::StoreInterleaved2(even, odd, d, op.y + target + 2 * at);
}

// Rows [begin, end) of all planes' targets. The last vector of a row overlaps the one before it.
template <class Op>
void walk_pairs(const Pool& pool, int64_t begin, int64_t end, const Op& op) {
  const int64_t height = pool.rows.targets(), width = pool.cols.targets();
  const int64_t n = Op::is_gradient ? pool.cols.sources() : width;
  with_vectors_for<typename Op::Value>(n, [&](auto d) {
    const auto lanes = static_cast<int64_t>(hn::Lanes(d));
    for (int64_t line = begin; line < end; ++line) {
      const int64_t i = line % height, row = line / height * pool.rows.sources();
      const int64_t source = (row + pool.rows.of(i)[0].source) * pool.cols.sources();
      for (int64_t j = 0; j < n; j += lanes) {
        const int64_t at = std::min(j, n - lanes);
        if constexpr (Op::is_gradient)
          give_pairs(d, op, pool, source, line * width, i, at);
        else
          take_pairs(d, op, pool, source, line * width, i, at);
      }
    }
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
