// Included once per target by the pooling kernels: the ways through planes.
#if defined(REWIND_KERNELS_POOL_WALK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_POOL_WALK_INL_H_
#undef REWIND_KERNELS_POOL_WALK_INL_H_
#else
#define REWIND_KERNELS_POOL_WALK_INL_H_
#endif

#include <rewind/kernels/windows/pool_ops-inl.h>
#include <rewind/kernels/windows/pool_pairs-inl.h>
#include <rewind/kernels/windows/pool_rows-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// Rows [begin, end) of all planes' targets, with vectors of channels.
template <class D, class Op>
void walk(D d, const Pool& pool, int64_t begin, int64_t end, const Op& op) {
  const int64_t height = pool.rows.targets(), width = pool.cols.targets();
  Site site;
  site.channels = pool.channels;
  site.source_row = pool.cols.sources() * pool.channels;
  site.target = begin * width * pool.channels;
  for (int64_t line = begin; line < end; ++line) {
    site.i = line % height;
    site.plane = line / height * pool.rows.sources() * site.source_row;
    const std::span<const Tap> rows = pool.rows.of(site.i);
    for (site.j = 0; site.j < width; ++site.j, site.target += pool.channels)
      across(d, op, rows, pool.cols.of(site.j), site, pool.channels);
  }
}

template <class Op>
void run(const Pool& pool, int64_t begin, int64_t end, const Op& op) {
  if constexpr (!std::is_same_v<typename Op::Value, Float16>)
    if (goes_by_pairs<Op>(pool)) return walk_pairs(pool, begin, end, op);
  using P = Compute<typename Op::Value>;
  // From measurements: with few channels to a pixel, the way through its taps costs more than to
  // bring together what vectors along a row need. That is less for targets than for sources.
  const int64_t few = op.regular(pool.cols).step > 1 ? 3 : 16;
  if (pool.channels <= few) return RowWalk<Op>(pool, op)(begin, end);
  with_vectors_for<P>(pool.channels, [&](auto d) { walk(d, pool, begin, end, op); });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
