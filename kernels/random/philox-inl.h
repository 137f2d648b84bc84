// Included once per target by Highway sources: random bits, vectors at a time.
#if defined(REWIND_KERNELS_PHILOX_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_PHILOX_INL_H_
#undef REWIND_KERNELS_PHILOX_INL_H_
#else
#define REWIND_KERNELS_PHILOX_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

#include <rewind/tensor/generator.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// out[4 i + k] = number k of philox(seed, first + i) for i in [0, blocks), rounded up to whole
// vectors. As in tensor/generator.h (Philox4x32-10 of Salmon et al., 2011), but a vector of
// counters at once, with each 32-bit word in the lower half of a 64-bit lane; the upper halves hold
// what is left of products and do not matter.
inline void philox_numbers(uint64_t seed, uint64_t first, int64_t blocks, uint32_t* out) {
#if HWY_TARGET == HWY_SCALAR
  for (int64_t i = 0; i < blocks; ++i)
    std::copy_n(philox(seed, first + static_cast<uint64_t>(i)).v, 4, out + 4 * i);
#else
  const hn::ScalableTag<uint64_t> d;
  const hn::Repartition<uint32_t, decltype(d)> d32;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto multiply = [=](auto a, uint32_t b)
                            HWY_ATTR { return hn::MulEven(hn::BitCast(d32, a), hn::Set(d32, b)); };
  const auto low = hn::Set(d, 0xffffffffu);
  const auto step = hn::Set(d, static_cast<uint64_t>(lanes));
  auto counter = hn::Iota(d, first);
  for (int64_t i = 0; i < blocks; i += lanes, counter = hn::Add(counter, step)) {
    auto x0 = counter, x1 = hn::ShiftRight<32>(counter);
    auto x2 = hn::Zero(d), x3 = x2;
    auto k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
    for (int round = 0; round < 10; ++round, k0 += 0x9e3779b9u, k1 += 0xbb67ae85u) {
      const auto p = multiply(x0, 0xd2511f53u), q = multiply(x2, 0xcd9e8d57u);
      x0 = hn::Xor(hn::Xor(hn::ShiftRight<32>(q), x1), hn::Set(d, k0));
      x2 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p), x3), hn::Set(d, k1));
      x1 = q;
      x3 = p;
    }
    const auto front = hn::Or(hn::And(x0, low), hn::ShiftLeft<32>(x1));
    const auto back = hn::Or(hn::And(x2, low), hn::ShiftLeft<32>(x3));
    hn::StoreInterleaved2(front, back, d, reinterpret_cast<uint64_t*>(out + 4 * i));
  }
#endif
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
