// Included once per target by Highway sources: loads and stores of vectors in the type that values
// are computed in (float32 for reduced types), whole or in part.
#if defined(REWIND_KERNELS_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_LANES_INL_H_
#undef REWIND_KERNELS_LANES_INL_H_
#else
#define REWIND_KERNELS_LANES_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include <rewind/tensor/dtype.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
HWY_INLINE hn::Vec<D> load(D d, const hn::TFromD<D>* p) {
  return hn::LoadU(d, p);
}
template <class D>
requires(sizeof(hn::TFromD<D>) == 4) HWY_INLINE hn::Vec<D> load(D d, const BFloat16* p) {
  const hn::Rebind<uint16_t, D> du16;
  const hn::RebindToUnsigned<D> du32;
  const auto bits = hn::LoadU(du16, reinterpret_cast<const uint16_t*>(p));
  return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(du32, bits)));
}

#if HWY_TARGET <= HWY_AVX2
template <class D>
requires(sizeof(hn::TFromD<D>) == 4) HWY_INLINE hn::Vec<D> load(D d, const Float16* p) {
  const hn::Rebind<hwy::float16_t, D> d16;
  return hn::PromoteTo(d, hn::LoadU(d16, reinterpret_cast<const hwy::float16_t*>(p)));
}
#else
// As Float16 does it.
template <class D>
requires(sizeof(hn::TFromD<D>) == 4) HWY_INLINE hn::Vec<D> load(D d, const Float16* p) {
  const hn::Rebind<uint16_t, D> du16;
  const hn::RebindToSigned<D> di;
  const auto bits = hn::PromoteTo(di, hn::LoadU(du16, reinterpret_cast<const uint16_t*>(p)));
  const auto rest = hn::And(bits, hn::Set(di, 0x7fff));
  const auto shifted = hn::ShiftLeft<13>(rest);
  const auto finite = hn::Lt(rest, hn::Set(di, 0x7c00));
  const auto normal =
      hn::Add(shifted, hn::IfThenElse(finite, hn::Set(di, 0x38000000), hn::Set(di, 0x70000000)));
  const auto small =
      hn::Sub(hn::BitCast(d, hn::Add(shifted, hn::Set(di, 0x38800000))), hn::Set(d, 0x1p-14f));
  const auto v = hn::IfThenElse(hn::Lt(rest, hn::Set(di, 0x400)), hn::BitCast(di, small), normal);
  return hn::BitCast(d, hn::Or(v, hn::ShiftLeft<16>(hn::AndNot(hn::Set(di, 0x7fff), bits))));
}
#endif

// Into vectors of float64.
template <class D>
requires(sizeof(hn::TFromD<D>) == 8) HWY_INLINE hn::Vec<D> load(D d, const float* p) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<float, D>(), p));
}
template <class D>
requires(sizeof(hn::TFromD<D>) == 8) HWY_INLINE hn::Vec<D> load(D d, const Float16* p) {
  return hn::PromoteTo(d, load(hn::Rebind<float, D>(), p));
}
template <class D>
requires(sizeof(hn::TFromD<D>) == 8) HWY_INLINE hn::Vec<D> load(D d, const BFloat16* p) {
  return hn::PromoteTo(d, load(hn::Rebind<float, D>(), p));
}

template <class D>
HWY_INLINE void store(D d, hn::Vec<D> v, hn::TFromD<D>* p) {
  hn::StoreU(v, d, p);
}
// The bits of v rounded to nearest even in the upper half of each lane; NaN stays NaN.
template <class D>
HWY_INLINE hn::Vec<hn::RebindToUnsigned<D>> rounded_bits(D, hn::Vec<D> v) {
  const hn::RebindToUnsigned<D> du;
  const auto bits = hn::BitCast(du, v);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(du, 1));
  const auto rounded = hn::Add(bits, hn::Add(odd, hn::Set(du, 0x7fff)));
  const auto quiet = hn::Or(bits, hn::Set(du, 0x400000));
  return hn::IfThenElse(hn::RebindMask(du, hn::IsNaN(v)), quiet, rounded);
}
template <class D>
HWY_INLINE void store(D d, hn::Vec<D> v, BFloat16* p) {
  const hn::Rebind<uint16_t, D> du16;
  const hn::RebindToSigned<D> di32;
  const auto upper = hn::BitCast(di32, hn::ShiftRight<16>(rounded_bits(d, v)));
  hn::StoreU(hn::DemoteTo(du16, upper), du16, reinterpret_cast<uint16_t*>(p));
}

#if HWY_TARGET <= HWY_AVX2
template <class D>
HWY_INLINE void store(D, hn::Vec<D> v, Float16* p) {
  const hn::Rebind<hwy::float16_t, D> d16;
  hn::StoreU(hn::DemoteTo(d16, v), d16, reinterpret_cast<hwy::float16_t*>(p));
}
#else
template <class D>
HWY_INLINE void store(D d, hn::Vec<D> v, Float16* p) {
  const hn::Rebind<uint16_t, D> du16;
  const hn::RebindToSigned<D> di;
  const auto bits = hn::BitCast(di, v);
  const auto magnitude = hn::And(bits, hn::Set(di, 0x7fffffff));
  const auto sign = hn::And(hn::ShiftRight<16>(bits), hn::Set(di, 0x8000));
  const auto odd = hn::And(hn::ShiftRight<13>(magnitude), hn::Set(di, 1));
  const auto normal =
      hn::ShiftRight<13>(hn::Add(hn::Add(magnitude, odd), hn::Set(di, 0xfff - 0x38000000)));
  const auto small = hn::Sub(hn::BitCast(di, hn::Add(hn::BitCast(d, magnitude), hn::Set(d, 0.5f))),
                             hn::Set(di, 0x3f000000));
  const auto nan =
      hn::Or(hn::Set(di, 0x7e00), hn::And(hn::ShiftRight<13>(magnitude), hn::Set(di, 0x3ff)));
  auto rest = hn::IfThenElse(hn::Lt(magnitude, hn::Set(di, 0x38800000)), small, normal);
  rest = hn::IfThenElse(hn::Lt(magnitude, hn::Set(di, 0x47800000)), rest, hn::Set(di, 0x7c00));
  rest = hn::IfThenElse(hn::Gt(magnitude, hn::Set(di, 0x7f800000)), nan, rest);
  hn::StoreU(hn::DemoteTo(du16, hn::Or(sign, rest)), du16, reinterpret_cast<uint16_t*>(p));
}
#endif

// The first `n` values at p, fewer than a vector holds, and `fill` after them.
template <class D, class T>
HWY_INLINE hn::Vec<D> load_part(D d, const T* p, int64_t n, hn::TFromD<D> fill) {
#if !HWY_MEM_OPS_MIGHT_FAULT
  if constexpr (std::is_same_v<T, hn::TFromD<D>>) {
    const auto mask = hn::FirstN(d, static_cast<size_t>(n));
    return hn::IfThenElse(mask, hn::MaskedLoad(mask, d, p), hn::Set(d, fill));
  }
#endif
  HWY_ALIGN hn::TFromD<D> part[hn::MaxLanes(d)];
  hn::Store(hn::Set(d, fill), d, part);
  for (int64_t i = 0; i < n; ++i) part[i] = static_cast<hn::TFromD<D>>(p[i]);
  return hn::Load(d, part);
}
template <class D, class T>
HWY_INLINE void store_part(D d, hn::Vec<D> v, T* p, int64_t n) {
#if !HWY_MEM_OPS_MIGHT_FAULT
  if constexpr (std::is_same_v<T, hn::TFromD<D>>)
    return hn::BlendedStore(v, hn::FirstN(d, static_cast<size_t>(n)), d, p);
#endif
  HWY_ALIGN hn::TFromD<D> part[hn::MaxLanes(d)];
  hn::Store(v, d, part);
  for (int64_t i = 0; i < n; ++i) p[i] = static_cast<T>(part[i]);
}

// The `count` values at p, or as many of them as a vector holds.
template <class D, class T>
HWY_INLINE hn::Vec<D> load_up_to(D d, const T* p, int64_t count) {
  return count < static_cast<int64_t>(hn::Lanes(d)) ? load_part(d, p, count, 0) : load(d, p);
}
template <class D, class T>
HWY_INLINE void store_up_to(D d, hn::Vec<D> v, T* p, int64_t count) {
  if (count < static_cast<int64_t>(hn::Lanes(d)))
    store_part(d, v, p, count);
  else
    store(d, v, p);
}

// v, which was loaded for several uses. To GCC reading memory costs nothing, so that it would load
// v again for each; where loads straddle cache lines this halves the speed.
template <class V>
HWY_INLINE V in_register(V v) {
#if HWY_ARCH_X86 && defined(__GNUC__) && !defined(__clang__)
  asm("" : "+v"(v.raw));
#endif
  return v;
}

// Calls f(load, store) on one vector after another of [0, n). `load(p, fill)` and `store(v, p)`
// access the vector's place in the arrays at p.
template <class D, class F>
HWY_INLINE void for_each_vector(D d, int64_t n, F&& f) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes)
    f([&](auto* p, auto) HWY_ATTR { return load(d, p + i); },
      [&](auto v, auto* p) HWY_ATTR { store(d, v, p + i); });
  if (i < n)
    f([&](auto* p, auto fill) HWY_ATTR { return load_part(d, p + i, n - i, fill); },
      [&](auto v, auto* p) HWY_ATTR { store_part(d, v, p + i, n - i); });
}

// --- Pairs of bfloat16 ---------------------------------------------------------------------------

// The bits of the `count` pairs of numbers at p, or of as many as a vector holds, each pair as one
// lane; others are pairs of `fill`.
template <class D, class DU = hn::RebindToUnsigned<D>>
HWY_INLINE hn::Vec<DU> load_pairs(D d, const BFloat16* p, int64_t count, float fill) {
  const DU du;
  const auto numbers = 2 * static_cast<int64_t>(hn::Lanes(d));
  if (count >= numbers) return hn::LoadU(du, reinterpret_cast<const uint32_t*>(p));
  HWY_ALIGN BFloat16 part[2 * hn::MaxLanes(d)];
  std::fill(std::copy_n(p, count, part), part + numbers, BFloat16(fill));
  return hn::Load(du, reinterpret_cast<const uint32_t*>(part));
}
template <class D>
HWY_INLINE void store_pairs(D d, hn::Vec<D> even, hn::Vec<D> odd, BFloat16* p, int64_t count) {
  const hn::RebindToUnsigned<D> du;
  const auto numbers = 2 * static_cast<int64_t>(hn::Lanes(d));
  const auto pairs = hn::Or(hn::ShiftRight<16>(rounded_bits(d, even)),
                            hn::And(rounded_bits(d, odd), hn::Set(du, 0xffff0000u)));
  if (count >= numbers) return hn::StoreU(pairs, du, reinterpret_cast<uint32_t*>(p));
  HWY_ALIGN BFloat16 part[2 * hn::MaxLanes(d)];
  hn::Store(pairs, du, reinterpret_cast<uint32_t*>(part));
  std::copy_n(part, count, p);
}

// for_each_vector for what reads and writes only numbers of type T, in no order: of bfloat16 every
// other number makes a vector, which takes no move between lanes.
template <class T, class D, class F>
HWY_INLINE void for_each_vector_of(D d, int64_t n, F&& f) {
  if constexpr (std::is_same_v<T, BFloat16>) {
    const hn::RebindToUnsigned<D> du;
    const auto numbers = 2 * static_cast<int64_t>(hn::Lanes(d));
    for (int64_t i = 0; i < n; i += numbers) {
      hn::Vec<D> even;
      f(
          [&](auto* p, auto fill) HWY_ATTR {
            return hn::BitCast(d, hn::ShiftLeft<16>(load_pairs(d, p + i, n - i, fill)));
          },
          [&](auto v, auto*) HWY_ATTR { even = v; });
      f(
          [&](auto* p, auto fill) HWY_ATTR {
            const auto upper = hn::Set(du, 0xffff0000u);
            return hn::BitCast(d, hn::And(load_pairs(d, p + i, n - i, fill), upper));
          },
          [&](auto v, auto* p) HWY_ATTR { store_pairs(d, even, v, p + i, n - i); });
    }
  } else {
    for_each_vector(d, n, f);
  }
}

// n numbers from one type to another, both computed in float32.
template <class From, class To>
void convert_floats(const From* x, To* y, int64_t n) {
  for_each_vector(hn::ScalableTag<float>(), n,
                  [&](auto load, auto store) HWY_ATTR { store(load(x, 0.0f), y); });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
