// Included once per target by Highway sources: the exponential of what a maximum was taken off, as
// softmax needs it.
#if defined(REWIND_KERNELS_EXP_TO_1_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_EXP_TO_1_INL_H_
#undef REWIND_KERNELS_EXP_TO_1_INL_H_
#else
#define REWIND_KERNELS_EXP_TO_1_INL_H_
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// exp(x) for x <= 0, and what rounding puts above; NaN comes through. Results below the least
// normal number are 0.
HWY_INLINE auto exp_to_1(hn::ScalableTag<double> d, hn::Vec<hn::ScalableTag<double>> x) {
  return hn::IfThenElse(hn::IsNaN(x), x, hn::Exp(d, x));
}
// x = n ln 2 + r with |r| <= ln 2 / 2; a polynomial for exp(r) from Cephes' expf. Adding a large
// number rounds to n, and leaves the bits of n + 127 where shifting makes 2^n of them.
HWY_INLINE auto exp_to_1(hn::ScalableTag<float> d, hn::Vec<hn::ScalableTag<float>> x) {
  const hn::RebindToSigned<decltype(d)> di;
  const auto c = [d](float v) HWY_ATTR { return hn::Set(d, v); };
  const auto shifter = c(0x1.8p23f + 127);
  const auto shifted = hn::MulAdd(x, c(1.44269504f), shifter);
  const auto n = hn::Sub(shifted, shifter);
  auto r = hn::NegMulAdd(n, c(0.693359375f), x);
  r = hn::NegMulAdd(n, c(-2.12194440e-4f), r);
  auto p = hn::MulAdd(c(1.9875691500e-4f), r, c(1.3981999507e-3f));
  p = hn::MulAdd(p, r, c(8.3334519073e-3f));
  p = hn::MulAdd(p, r, c(4.1665795894e-2f));
  p = hn::MulAdd(p, r, c(1.6666665459e-1f));
  p = hn::MulAdd(p, r, c(5.0000001201e-1f));
  p = hn::MulAdd(hn::MulAdd(p, r, c(1)), r, c(1));
  const auto power = hn::BitCast(d, hn::ShiftLeft<23>(hn::BitCast(di, shifted)));
  return hn::IfThenZeroElse(hn::Lt(x, c(-87.33654f)), hn::Mul(p, power));
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
