// Included once per target by Highway sources: columns of memory become vectors.
#if defined(REWIND_KERNELS_TRANSPOSE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_TRANSPOSE_INL_H_
#undef REWIND_KERNELS_TRANSPOSE_INL_H_
#else
#define REWIND_KERNELS_TRANSPOSE_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR
// The columns that transpose_columns takes together: a block of 16 bytes of each row.
template <class T>
constexpr size_t block_columns = 16 / sizeof(T);

// A vector whose blocks come from rows that are `step` elements apart.
template <class D>
HWY_INLINE hn::Vec<D> load_blocks(D d, const hn::TFromD<D>* x, int64_t step) {
  constexpr size_t blocks = hn::MaxLanes(D()) * sizeof(hn::TFromD<D>) / 16;
  if constexpr (blocks == 1) {
    return hn::LoadU(d, x);
  } else {
    const hn::Half<D> half;
    constexpr auto half_blocks = static_cast<int64_t>(blocks / 2);
    return hn::Combine(d, load_blocks(half, x + half_blocks * step, step),
                       load_blocks(half, x, step));
  }
}

// `columns` = the first columns at x of as many rows, `step` elements apart, as a vector has lanes.
// Every vector takes one block of each n-th row. Interleaving the two halves of n vectors moves one
// bit of the row number into the column number: log2(n) rounds transpose all their blocks.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE void transpose_columns(D d, const T* x, int64_t step,
                                  hn::Vec<D> (&columns)[block_columns<T>]) {
  constexpr size_t n = block_columns<T>;
  for (size_t i = 0; i < n; ++i)
    columns[i] = load_blocks(d, x + static_cast<int64_t>(i) * step, static_cast<int64_t>(n) * step);
  for (size_t round = 1; round < n; round *= 2) {
    hn::Vec<D> mixed[n];
    for (size_t i = 0; i < n / 2; ++i) {
      mixed[2 * i] = hn::InterleaveLower(d, columns[i], columns[i + n / 2]);
      mixed[2 * i + 1] = hn::InterleaveUpper(d, columns[i], columns[i + n / 2]);
    }
    for (size_t i = 0; i < n; ++i) columns[i] = mixed[i];
  }
}
#endif

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
