// Included once per target by Highway sources: folding vectors of values into one.
#if defined(REWIND_KERNELS_FOLD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_FOLD_INL_H_
#undef REWIND_KERNELS_FOLD_INL_H_
#else
#define REWIND_KERNELS_FOLD_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>

#include <rewind/kernels/simd/lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// One value for all lanes of v, halves folded into each other: fold(a, b).
template <class D, class V, class F>
HWY_INLINE hn::TFromD<D> fold_lanes([[maybe_unused]] D d, V v, [[maybe_unused]] F&& fold) {
#if HWY_TARGET != HWY_SCALAR
  if constexpr (hn::MaxLanes(D()) > 1) {
    const hn::Half<D> half;
    return fold_lanes(half, fold(hn::LowerHalf(half, v), hn::UpperHalf(half, v)), fold);
  }
#endif
  return hn::GetLane(v);
}

// Asks for the `n` values that come some time after those at p: what a fold computes leaves too
// little room for reads that wait for memory.
template <class T>
HWY_INLINE void prefetch_ahead(const T* p, int64_t n) {
  constexpr int64_t ahead = 2048, line = 64;
  for (int64_t i = 0; i < n * static_cast<int64_t>(sizeof(T)); i += line)
    __builtin_prefetch(reinterpret_cast<const char*>(p) + ahead + i);
}

// Folds n adjacent values at p, with `none` where there are no more: fold(acc, x), and
// combine(acc, acc) of the accumulators, several of which hide the time that each takes.
template <class D, class T, class F, class C>
HWY_INLINE hn::TFromD<D> fold_row(D d, const T* p, int64_t n, hn::TFromD<D> none, F&& fold,
                                  C&& combine) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto a0 = hn::Set(d, none), a1 = a0, a2 = a0, a3 = a0;
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    prefetch_ahead(p + i, 4 * lanes);
    a0 = fold(a0, load(d, p + i));
    a1 = fold(a1, load(d, p + i + lanes));
    a2 = fold(a2, load(d, p + i + 2 * lanes));
    a3 = fold(a3, load(d, p + i + 3 * lanes));
  }
  for (; i + lanes <= n; i += lanes) a0 = fold(a0, load(d, p + i));
  if (i > 0) a0 = combine(combine(a0, a1), combine(a2, a3));
  auto total = fold_lanes(d, a0, combine);
  if (i == n) return total;
  // The rest in a vector of which only those lanes count.
  HWY_ALIGN hn::TFromD<D> rest[hn::MaxLanes(d)];
  hn::Store(fold(hn::Set(d, none), load_part(d, p + i, n - i, hn::TFromD<D>(1))), d, rest);
  using One = hn::CappedTag<hn::TFromD<D>, 1>;
  for (int64_t k = 0; k < n - i; ++k)
    total = hn::GetLane(combine(hn::Set(One(), total), hn::Set(One(), rest[k])));
  return total;
}

// acc[i] = fold(acc[i], p[r * stride + i], i) for all rows r: vectors of columns after each other,
// each down all rows in registers. fold(acc, x, i) gets the first column of a vector.
template <class D, class T, class F>
HWY_INLINE void fold_rows(D d, const T* p, int64_t rows, int64_t stride, int64_t n,
                          hn::TFromD<D>* acc, F&& fold) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    auto* a = acc + i;
    auto a0 = hn::LoadU(d, a), a1 = hn::LoadU(d, a + lanes), a2 = hn::LoadU(d, a + 2 * lanes),
         a3 = hn::LoadU(d, a + 3 * lanes);
    const T* q = p + i;
    for (int64_t r = 0; r < rows; ++r, q += stride) {
      a0 = fold(a0, load(d, q), i);
      a1 = fold(a1, load(d, q + lanes), i + lanes);
      a2 = fold(a2, load(d, q + 2 * lanes), i + 2 * lanes);
      a3 = fold(a3, load(d, q + 3 * lanes), i + 3 * lanes);
    }
    hn::StoreU(a0, d, a);
    hn::StoreU(a1, d, a + lanes);
    hn::StoreU(a2, d, a + 2 * lanes);
    hn::StoreU(a3, d, a + 3 * lanes);
  }
  for (; i < n; i += lanes) {
    auto a = load_up_to(d, acc + i, n - i);
    const T* q = p + i;
    for (int64_t r = 0; r < rows; ++r, q += stride) a = fold(a, load_up_to(d, q, n - i), i);
    store_up_to(d, a, acc + i, n - i);
  }
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
