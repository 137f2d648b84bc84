// Vectors of float or double from and to memory of a floating type. Included once per target, from
// files that Highway compiles for each.
#if defined(REWIND_OPS_KERNELS_LOAD_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_OPS_KERNELS_LOAD_INL_H
#undef REWIND_OPS_KERNELS_LOAD_INL_H
#else
#define REWIND_OPS_KERNELS_LOAD_INL_H
#endif

#include <hwy/highway.h>
#include <type_traits>

#include <rewind/tensor/dtype.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {

/// What a type is computed in.
template <class T>
using Compute = std::conditional_t<std::is_same_v<T, BFloat16>, float, T>;

template <class D>
hwy::HWY_NAMESPACE::Vec<D> load(D d, const hwy::HWY_NAMESPACE::TFromD<D>* p) {
  return hwy::HWY_NAMESPACE::LoadU(d, p);
}
template <class D>
hwy::HWY_NAMESPACE::Vec<D> load(D d, const BFloat16* p) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::Rebind<uint16_t, D> du16;
  const hn::RebindToUnsigned<D> du32;
  const auto bits = hn::LoadU(du16, reinterpret_cast<const uint16_t*>(p));
  return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(du32, bits)));
}

template <class D, class V>
void store(V v, D d, hwy::HWY_NAMESPACE::TFromD<D>* p) {
  hwy::HWY_NAMESPACE::StoreU(v, d, p);
}
/// Rounds to nearest even, like BFloat16's constructor.
template <class D, class V>
void store(V v, D, BFloat16* p) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::Rebind<uint16_t, D> du16;
  const hn::RebindToUnsigned<D> du32;
  const auto bits = hn::BitCast(du32, v);
  const auto upper = hn::ShiftRight<16>(bits);
  const auto odd = hn::And(upper, hn::Set(du32, 1));
  const auto rounded = hn::ShiftRight<16>(hn::Add(bits, hn::Add(hn::Set(du32, 0x7fff), odd)));
  const auto quiet_nan = hn::Or(upper, hn::Set(du32, 0x40));
  const auto is_nan = hn::RebindMask(du32, hn::IsNaN(v));
  hn::StoreU(hn::TruncateTo(du16, hn::IfThenElse(is_nan, quiet_nan, rounded)), du16,
             reinterpret_cast<uint16_t*>(p));
}

}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
