#include <rewind/kernels/random/random_kernel.h>

#include <algorithm>
#include <type_traits>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/random/random_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/random/philox-inl.h>
#include <rewind/kernels/simd/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// No fused products and sums here, neither by hand nor (by its options) by the compiler: with them
// numbers would differ between targets that have these instructions and others.

template <class D, class V, size_t n>
HWY_INLINE V unfused_polynomial(D d, V x, const hn::TFromD<D> (&c)[n]) {
  V y = hn::Set(d, c[n - 1]);
  for (size_t k = n - 1; k-- > 0;) y = hn::Add(hn::Mul(y, x), hn::Set(d, c[k]));
  return y;
}

// log(1 + f) = 2 s + s^3 log(s^2) with s = f / (2 + f), and the angle of the least bit of a turn.
template <class T>
struct Series;
template <>
struct Series<float> {
  static constexpr float log[] = {0.66666667f, 0.4f, 0.28571429f, 0.22222222f};
  static constexpr float angle = 0x1.921fb6p-24f;  // 2 pi / 2^26
};
template <>
struct Series<double> {
  static constexpr double log[] = {0.66666666666666663, 0.4000000000000225,  0.2857142857010237,
                                   0.22222222519442456, 0.18181784407612248, 0.15386755533464078,
                                   0.13256858130357924, 0.13195966815924939};
  static constexpr double angle = 0x1.921fb54442d18p-53;  // 2 pi / 2^55
};

// sqrt(-2 log(u)) for u in (0, 1].
template <class D, class V>
HWY_INLINE V radius_of(D d, V u) {
  using T = hn::TFromD<D>;
  using S = Series<T>;
  using F = Format<T>;
  const hn::RebindToSigned<D> di;
  const auto bits = hn::BitCast(di, u);
  const auto n = hn::ShiftRight<F::fraction_bits>(hn::Sub(bits, hn::Set(di, F::root_of_half)));
  const V m = hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<F::fraction_bits>(n)));
  const V one = hn::Set(d, T(1)), s = hn::Div(hn::Sub(m, one), hn::Add(m, one));
  const V z = hn::Mul(s, s);
  const V rest = hn::Mul(hn::Mul(s, z), unfused_polynomial(d, z, S::log));
  const V log = hn::Add(hn::Mul(hn::ConvertTo(d, n), hn::Set(d, T(0.69314718055994531))),
                        hn::Add(hn::Add(s, s), rest));
  return hn::Sqrt(hn::Max(hn::Zero(d), hn::Mul(hn::Set(d, T(-2)), log)));
}

// The sine and cosine of a turn by bits / 2^k, where the lanes have k bits.
template <class D, class VI>
HWY_INLINE void sine_and_cosine(D d, VI bits, hn::Vec<D>& sine, hn::Vec<D>& cosine) {
  using T = hn::TFromD<D>;
  constexpr int width = 8 * sizeof(T);
  const hn::RebindToSigned<D> di;
  const hn::RebindToUnsigned<D> du;
  using U = hn::TFromD<decltype(du)>;
  const auto quarter = hn::ShiftRight<width - 2>(hn::Add(bits, hn::Set(du, U{1} << (width - 3))));
  const auto rest = hn::BitCast(di, hn::Sub(bits, hn::ShiftLeft<width - 2>(quarter)));
  // As many bits as the type holds: conversion is exact then.
  constexpr int surplus = width - Format<T>::fraction_bits - 3;
  const auto r =
      hn::Mul(hn::ConvertTo(d, hn::ShiftRight<surplus>(rest)), hn::Set(d, Series<T>::angle));
  const auto z = hn::Mul(r, r);
  const auto one = hn::Set(d, T(1));
  const auto s = hn::Add(r, hn::Mul(hn::Mul(r, z), unfused_polynomial(d, z, Sine<T>::s)));
  const auto c = hn::Add(hn::Sub(one, hn::Mul(z, hn::Set(d, T(0.5)))),
                         hn::Mul(hn::Mul(z, z), unfused_polynomial(d, z, Sine<T>::c)));
  const auto odd = hn::MaskFromVec(
      hn::BitCast(d, hn::Neg(hn::BitCast(di, hn::And(quarter, hn::Set(du, U{1}))))));
  const auto minus = [&](auto q) HWY_ATTR {
    return hn::BitCast(d, hn::ShiftLeft<width - 2>(hn::And(q, hn::Set(du, U{2}))));
  };
  sine = hn::Xor(hn::IfThenElse(odd, c, s), minus(quarter));
  cosine = hn::Xor(hn::IfThenElse(odd, s, c), minus(hn::Add(quarter, hn::Set(du, U{1}))));
}

// (0, 1] of all bits but the last.
template <class D, class VU>
HWY_INLINE hn::Vec<D> unit_of(D d, VU bits) {
  using T = hn::TFromD<D>;
  constexpr int spare = sizeof(T) == 4 ? 1 : 11;
  const hn::RebindToSigned<D> di;
  const T scale = sizeof(T) == 4 ? T(0x1p-31) : T(0x1p-53);
  const auto u = hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<spare>(bits)));
  return hn::Add(hn::Mul(u, hn::Set(d, scale)), hn::Set(d, scale / 2));
}

constexpr int64_t chunk = 128;  // blocks, a multiple of the lanes of any vector

// 4 or 2 numbers of each of the blocks in `bits`, from pairs of words as wide as them.
template <class C>
void normals(const uint32_t* bits, int64_t blocks, C mean, C std, C* y) {
#if HWY_TARGET == HWY_SCALAR
  const hn::CappedTag<C, 1> d;
#else
  const hn::ScalableTag<C> d;
#endif
  const hn::RebindToUnsigned<decltype(d)> du;
  using U = hn::TFromD<decltype(du)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto* words = reinterpret_cast<const U*>(bits);
  const int64_t pairs = blocks * static_cast<int64_t>(8 / sizeof(U));
  const auto factor = hn::Set(d, std), offset = hn::Set(d, mean);
  for (int64_t i = 0; i < pairs; i += lanes) {
    hn::Vec<decltype(du)> first, second;
    hn::LoadInterleaved2(du, words + 2 * i, first, second);
    hn::Vec<decltype(d)> sine, cosine;
    sine_and_cosine(d, second, sine, cosine);
    const auto radius = hn::Mul(radius_of(d, unit_of(d, first)), factor);
    hn::StoreInterleaved2(hn::Add(offset, hn::Mul(radius, cosine)),
                          hn::Add(offset, hn::Mul(radius, sine)), d, y + 2 * i);
  }
}

template <class T>
void normal_blocks(RandomBlocks from, double mean, double std, T* y, int64_t n, int64_t begin,
                   int64_t end) {
  using C = Compute<T>;
  constexpr int64_t per_block = 16 / sizeof(C);
  HWY_ALIGN uint32_t bits[4 * chunk];
  HWY_ALIGN C numbers[size_t{per_block * chunk}];
  for (int64_t b = begin; b < end; b += chunk) {
    const int64_t blocks = std::min(chunk, end - b);
    philox_numbers(from.seed, from.first + static_cast<uint64_t>(b), blocks, bits);
    normals(bits, blocks, static_cast<C>(mean), static_cast<C>(std), numbers);
    const int64_t count = std::min(per_block * blocks, n - per_block * b);
    for (int64_t i = 0; i < count; ++i) y[per_block * b + i] = static_cast<T>(numbers[i]);
  }
}

// [0, 1) of as many bits as T holds.
template <class T>
HWY_INLINE double unit_number(const uint32_t* bits, int64_t i) {
  if constexpr (sizeof(T) == 8)
    return static_cast<double>(reinterpret_cast<const uint64_t*>(bits)[i] >> 11) * 0x1p-53;
  else
    return static_cast<double>(static_cast<int32_t>(bits[i] >> 8)) * 0x1p-24;
}

template <class T>
void uniform_blocks(RandomBlocks from, UniformRange range, T* y, int64_t n, int64_t begin,
                    int64_t end) {
  constexpr int64_t per_block = 16 / sizeof(Compute<T>);
  HWY_ALIGN uint32_t bits[4 * chunk];
  for (int64_t b = begin; b < end; b += chunk) {
    const int64_t blocks = std::min(chunk, end - b);
    philox_numbers(from.seed, from.first + static_cast<uint64_t>(b), blocks, bits);
    const int64_t count = std::min(per_block * blocks, n - per_block * b);
    for (int64_t i = 0; i < count; ++i) {
      const double v = range.low + range.range * unit_number<Compute<T>>(bits, i);
      y[per_block * b + i] = static_cast<T>(v < range.last ? v : range.last);
    }
  }
}

void Words(RandomBlocks from, int64_t count, uint32_t* words) {
  philox_numbers(from.seed, from.first, count, words);
}
void UniformBlocks(DType dtype, RandomBlocks from, UniformRange range, void* y, int64_t n,
                   int64_t begin, int64_t end) {
  dispatch_floating(
      dtype, [&]<class T>() { uniform_blocks(from, range, static_cast<T*>(y), n, begin, end); });
}
void NormalBlocks(DType dtype, RandomBlocks from, double mean, double std, void* y, int64_t n,
                  int64_t begin, int64_t end) {
  dispatch_floating(
      dtype, [&]<class T>() { normal_blocks(from, mean, std, static_cast<T*>(y), n, begin, end); });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(Words);
HWY_EXPORT(UniformBlocks);
HWY_EXPORT(NormalBlocks);

namespace {

constexpr int64_t grain = 1 << 12;  // blocks

}  // namespace

void random_words(RandomBlocks blocks, int64_t count, uint32_t* words) {
  HWY_DYNAMIC_DISPATCH(Words)(blocks, count, words);
}

uint64_t random_blocks(DType dtype, int64_t n) {
  const auto per_block = static_cast<int64_t>(dtype == float64 ? 2 : 4);
  return static_cast<uint64_t>((n + per_block - 1) / per_block);
}

void fill_uniform(DType dtype, RandomBlocks blocks, UniformRange range, void* y, int64_t n) {
  const auto run = HWY_DYNAMIC_DISPATCH(UniformBlocks);
  parallel_for(0, static_cast<int64_t>(random_blocks(dtype, n)), grain,
               [&](int64_t b, int64_t e) { run(dtype, blocks, range, y, n, b, e); });
}

void fill_normal(DType dtype, RandomBlocks blocks, double mean, double std, void* y, int64_t n) {
  const auto run = HWY_DYNAMIC_DISPATCH(NormalBlocks);
  parallel_for(0, static_cast<int64_t>(random_blocks(dtype, n)), grain,
               [&](int64_t b, int64_t e) { run(dtype, blocks, mean, std, y, n, b, e); });
}

}  // namespace rw::kernels
#endif
