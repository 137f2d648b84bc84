// Included once per target by Highway sources: what elementary functions are made of.
#if defined(REWIND_KERNELS_NUMBER_PARTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_NUMBER_PARTS_INL_H_
#undef REWIND_KERNELS_NUMBER_PARTS_INL_H_
#else
#define REWIND_KERNELS_NUMBER_PARTS_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// c[0] + c[1] x + c[2] x^2 + …
template <class D, class V, size_t n>
HWY_INLINE V polynomial(D d, V x, const hn::TFromD<D> (&c)[n]) {
  V y = hn::Set(d, c[n - 1]);
  for (size_t k = n - 1; k-- > 0;) y = hn::MulAdd(y, x, hn::Set(d, c[k]));
  return y;
}

// The same by pairs of terms, pairs of pairs and so on (Estrin): a few operations more, but fewer
// one after another, where a long polynomial would keep the next vectors waiting.
template <class D, class V, size_t n>
HWY_INLINE V paired_polynomial(D d, V x, const V (&terms)[n]) {
  if constexpr (n == 1) {
    return terms[0];
  } else {
    V pairs[(n + 1) / 2];
    for (size_t k = 0; k < n / 2; ++k) pairs[k] = hn::MulAdd(terms[2 * k + 1], x, terms[2 * k]);
    if (n % 2) pairs[n / 2] = terms[n - 1];
    return paired_polynomial(d, hn::Mul(x, x), pairs);
  }
}
template <class D, class V, size_t n>
HWY_INLINE V paired_polynomial(D d, V x, const hn::TFromD<D> (&c)[n]) {
  V terms[n];
  for (size_t k = 0; k < n; ++k) terms[k] = hn::Set(d, c[k]);
  return paired_polynomial(d, x, terms);
}

// Whether a times b plus c is rounded once.
constexpr bool has_fused = HWY_NATIVE_FMA != 0;

// a b + c, rounded once or nearly so: float32 in float64 where the target has no such instruction.
// float64 then has no such function.
template <class D, class V>
HWY_INLINE V fused(D d, V a, V b, V c) {
  if constexpr (has_fused) {
    return hn::MulAdd(a, b, c);
  } else {
    HWY_ALIGN float v[3][hn::MaxLanes(d)];
    hn::Store(a, d, v[0]);
    hn::Store(b, d, v[1]);
    hn::Store(c, d, v[2]);
    for (size_t i = 0; i < hn::Lanes(d); ++i)
      v[0][i] = static_cast<float>(static_cast<double>(v[0][i]) * v[1][i] + v[2][i]);
    return hn::Load(d, v[0]);
  }
}

// f of each lane: for arguments that are rare.
template <class D, class V, class F>
HWY_NOINLINE V by_element(D d, V x, F f) {
  using T = hn::TFromD<D>;
  HWY_ALIGN T v[hn::MaxLanes(d)];
  hn::Store(x, d, v);
  for (size_t i = 0; i < hn::Lanes(d); ++i) v[i] = static_cast<T>(f(v[i]));
  return hn::Load(d, v);
}
template <class D, class V, class F>
HWY_NOINLINE V by_element(D d, V x, V y, F f) {
  using T = hn::TFromD<D>;
  HWY_ALIGN T v[hn::MaxLanes(d)], w[hn::MaxLanes(d)];
  hn::Store(x, d, v);
  hn::Store(y, d, w);
  for (size_t i = 0; i < hn::Lanes(d); ++i) v[i] = static_cast<T>(f(v[i], w[i]));
  return hn::Load(d, v);
}

// f(d, x...) of vectors of float64, which float32's are widened to: where float32 would not do, or
// is not worth tables of its own.
template <class D, class F, class... V>
HWY_INLINE hn::Vec<D> in_float64(D d, F f, V... x) {
  if constexpr (sizeof(hn::TFromD<D>) == 8) {
    return f(d, x...);
  } else {
#if HWY_TARGET == HWY_SCALAR
    const hn::Rebind<double, D> dd;
    return hn::DemoteTo(d, f(dd, hn::PromoteTo(dd, x)...));
#else
    const hn::Half<D> half;
    const hn::Rebind<double, hn::Half<D>> dd;
    const auto low = f(dd, hn::PromoteTo(dd, hn::LowerHalf(half, x))...);
    const auto high = f(dd, hn::PromoteTo(dd, hn::UpperHalf(half, x))...);
    return hn::Combine(d, hn::DemoteTo(half, high), hn::DemoteTo(half, low));
#endif
  }
}

// The lesser and the greater of x and a number; NaN where x is.
template <class D, class V>
HWY_INLINE V at_most(D d, V x, hn::TFromD<D> limit) {
  const V most = hn::Set(d, limit);
  return hn::IfThenElse(hn::Gt(x, most), most, x);
}
template <class D, class V>
HWY_INLINE V at_least(D d, V x, hn::TFromD<D> limit) {
  const V least = hn::Set(d, limit);
  return hn::IfThenElse(hn::Lt(x, least), least, x);
}
// x, but no further from zero than `most`; NaN stays.
template <class D, class V>
HWY_INLINE V within(D d, V x, hn::TFromD<D> most) {
  return at_least(d, at_most(d, x, most), -most);
}

// x, or 0 where it is too small for its full precision. What fades away, such as a moment of
// gradients that have become 0, would get there, and each such number takes the processor a hundred
// times as long.
template <class D, class V>
HWY_INLINE V normal_or_zero(D d, V x) {
  const V least = hn::Set(d, std::numeric_limits<hn::TFromD<D>>::min());
  return hn::IfThenZeroElse(hn::Lt(hn::Abs(x), least), x);
}

template <class T>
struct Format;
template <>
struct Format<float> {
  static constexpr int fraction_bits = 23;
  static constexpr int32_t bias = 127;
  static constexpr int32_t root_of_half = 0x3f3504f3;  // the bits of sqrt(1/2)
  // x + round_at - round_at is the nearest integer to x, which the low bits of x + round_at hold.
  static constexpr float round_at = 0x1.8p23f;
};
template <>
struct Format<double> {
  static constexpr int fraction_bits = 52;
  static constexpr int64_t bias = 1023;
  static constexpr int64_t root_of_half = 0x3fe6a09e667f3bcd;
  static constexpr double round_at = 0x1.8p52;
};

// 2^n for the integers n where that is a normal number.
template <class D, class VI>
HWY_INLINE hn::Vec<D> power_of_2(D d, VI n) {
  using F = Format<hn::TFromD<D>>;
  const hn::RebindToSigned<D> di;
  return hn::BitCast(d, hn::ShiftLeft<F::fraction_bits>(hn::Add(n, hn::Set(di, F::bias))));
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
