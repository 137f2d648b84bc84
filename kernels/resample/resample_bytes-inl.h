// Included once per target by the resampling of bytes: weighted sums of whole numbers.
#if defined(REWIND_KERNELS_RESAMPLE_BYTES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REWIND_KERNELS_RESAMPLE_BYTES_INL_H_
#undef REWIND_KERNELS_RESAMPLE_BYTES_INL_H_
#else
#define REWIND_KERNELS_RESAMPLE_BYTES_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include <rewind/kernels/resample/axis_weights.h>
#include <rewind/tensor/allocator.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR
constexpr bool has_vectors = true;
// Vectors of 16 bytes: what is gathered by a shuffle lies within so many.
using U8 = hn::Full128<uint8_t>;
using I16 = hn::Full128<int16_t>;
using I32 = hn::Full128<int32_t>;
constexpr U8 du8{};
constexpr I16 di16{};
constexpr I32 di32{};
#else
constexpr bool has_vectors = false;
#endif

// Weights as whole numbers of 16 bits, times a power of two.
struct WholeWeights {
  explicit WholeWeights(const AxisWeights& w) : most(w.most), values(w.weights.size()) {
    double greatest = 0;
    for (const double v : w.weights) greatest = std::max(greatest, v);
    while (bits < 22 && static_cast<int>(0.5 + greatest * (2 << bits)) < 1 << 15) ++bits;
    for (size_t i = 0; i < values.size(); ++i) {
      const double v = w.weights[i] * (1 << bits);
      values[i] = static_cast<int16_t>(v < 0 ? v - 0.5 : v + 0.5);
    }
  }
  const int16_t* of(int64_t target) const { return values.data() + target * most; }

  int64_t most;
  int bits = 0;
  std::vector<int16_t> values;
};

HWY_INLINE int32_t half_of(int bits) { return bits > 0 ? 1 << (bits - 1) : 0; }
HWY_INLINE uint8_t byte_of(int32_t sum, int bits) {
  return static_cast<uint8_t>(std::clamp(sum >> bits, 0, 255));
}

#if HWY_TARGET != HWY_SCALAR

// Sums of products of neighbours, added to `sum`; both bytes and weights are below 2^15.
HWY_INLINE hn::Vec<I32> add_products(hn::Vec<I16> bytes, hn::Vec<I16> weights, hn::Vec<I32> sum) {
  auto other = hn::Zero(di32);
  sum = hn::ReorderWidenMulAccumulate(di32, bytes, weights, sum, other);
  return hn::RearrangeToOddPlusEven(sum, other);
}
// A pair of weights in every pair of lanes.
HWY_INLINE hn::Vec<I16> pair_of(int16_t first, int16_t second) {
  const auto low = static_cast<uint16_t>(first), high = static_cast<uint16_t>(second);
  const uint32_t both = low | static_cast<uint32_t>(high) << 16;
  return hn::BitCast(di16, hn::Set(di32, static_cast<int32_t>(both)));
}
// Eight sums as bytes.
HWY_INLINE void store_bytes(hn::Vec<I32> a, hn::Vec<I32> b, int bits, uint8_t* y) {
  const hn::Half<U8> du8x8;
  const auto words =
      hn::ReorderDemote2To(di16, hn::ShiftRightSame(a, bits), hn::ShiftRightSame(b, bits));
  hn::StoreU(hn::DemoteTo(du8x8, words), du8x8, y);
}

// As much of the sum below as fills vectors; how much that is.
HWY_INLINE int64_t sum_vectors(const uint8_t* x, int64_t step, const int16_t* weights,
                               int64_t count, int bits, int64_t n, uint8_t* y) {
  const auto zero = hn::Zero(du8);
  const auto start = hn::Set(di32, half_of(bits));
  const auto words = [](auto bytes) HWY_ATTR { return hn::BitCast(di16, bytes); };
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) {
    auto a = start, b = start, c = start, d = start;
    for (int64_t k = 0; k < count; k += 2) {
      const bool both = k + 1 < count;
      const uint8_t* from = x + k * step + i;
      const auto u = hn::LoadU(du8, from), v = both ? hn::LoadU(du8, from + step) : zero;
      const auto w = pair_of(weights[k], both ? weights[k + 1] : int16_t{0});
      const auto low = hn::InterleaveLower(du8, u, v), high = hn::InterleaveUpper(du8, u, v);
      a = add_products(words(hn::InterleaveLower(du8, low, zero)), w, a);
      b = add_products(words(hn::InterleaveUpper(du8, low, zero)), w, b);
      c = add_products(words(hn::InterleaveLower(du8, high, zero)), w, c);
      d = add_products(words(hn::InterleaveUpper(du8, high, zero)), w, d);
    }
    store_bytes(a, b, bits, y + i);
    store_bytes(c, d, bits, y + i + 8);
  }
  return i;
}

#else

HWY_INLINE int64_t sum_vectors(const uint8_t*, int64_t, const int16_t*, int64_t, int, int64_t,
                               uint8_t*) {
  return 0;
}

#endif

// y = the sum of `count` rows of n bytes, which begin `step` apart, each by its weight.
HWY_INLINE void sum_rows(const uint8_t* x, int64_t step, const int16_t* weights, int64_t count,
                         int bits, int64_t n, uint8_t* y) {
  if (count == 1 && weights[0] == 1 << bits) {
    std::memcpy(y, x, static_cast<size_t>(n));
    return;
  }
  for (int64_t i = sum_vectors(x, step, weights, count, bits, n, y); i < n; ++i) {
    int32_t sum = half_of(bits);
    for (int64_t k = 0; k < count; ++k) sum += weights[k] * x[k * step + i];
    y[i] = byte_of(sum, bits);
  }
}

// Sums along rows. Of one channel, four targets are a vector: where all of their sources lie within
// 16 bytes, a shuffle brings those of one place in order, two places at once; sums of many sources
// go along these instead, and are added up in the end.
class ByteColumns {
 public:
  ByteColumns(const AxisWeights& w, int64_t channels)
      : w_(w),
        channels_(channels),
        whole_(w),
        targets_(w.targets()),
        by_fours_(has_vectors && channels == 1) {
    if (!by_fours_) return;
    most_ = *std::max_element(w.count.begin(), w.count.end());
    const int64_t groups = (targets_ + 3) / 4;
    base_.resize(static_cast<size_t>(4 * groups));
    is_near_ = true;
    for (int64_t t = 0; t < targets_; t += 4) is_near_ &= end_of(last_of(t)) - first_of(t) <= 16;
    length_ = is_near_ ? 16 : (most_ + 7) / 8 * 8;
    is_near_ ? prepare_near() : prepare_far();
  }

  // y [rows, to] of x, whose rows begin `step` apart.
  void run(const uint8_t* x, int64_t step, int64_t rows, uint8_t* y, int64_t to) const {
    if (!by_fours_) {
      for (int64_t r = 0; r < rows; ++r) run_pixels(x + r * step, y + r * to);
      return;
    }
    // What is read as a vector lies within a row, which has to have its length.
    const bool is_short = w_.sources < length_;
    detail::CachedVector<uint8_t> line(is_short ? static_cast<size_t>(length_) : 0);
    for (int64_t r = 0; r < rows; ++r) {
      const uint8_t* from = x + r * step;
      if (is_short) {
        std::copy_n(from, w_.sources, line.data());
        from = line.data();
      }
      is_near_ ? run_near(from, y + r * to) : run_far(from, y + r * to);
    }
  }

 private:
  int64_t first_of(int64_t t) const { return w_.first[static_cast<size_t>(t)]; }
  int64_t end_of(int64_t t) const { return first_of(t) + w_.count[static_cast<size_t>(t)]; }
  int64_t last_of(int64_t group) const { return std::min(group + 4, targets_) - 1; }
  // Where to read `length_` bytes from, so that they hold those from `first` on.
  int32_t base_of(int64_t first) const {
    return static_cast<int32_t>(std::max<int64_t>(std::min(first, w_.sources - length_), 0));
  }

  void prepare_near() {
    pairs_ = (most_ + 1) / 2;
    const auto size = static_cast<size_t>((targets_ + 3) / 4 * pairs_);
    places_.assign(size * 16, 0x80);  // nothing
    weights_.assign(size * 8, 0);
    for (int64_t t = 0; t < targets_; ++t) {
      const int64_t group = t / 4, lane = t % 4;
      const int32_t base = base_[static_cast<size_t>(group)] = base_of(first_of(group * 4));
      for (int64_t k = 0; k < end_of(t) - first_of(t); ++k) {
        const int64_t pair = group * pairs_ + k / 2;
        places_[static_cast<size_t>(pair * 16 + lane * 4 + k % 2 * 2)] =
            static_cast<uint8_t>(first_of(t) + k - base);
        weights_[static_cast<size_t>(pair * 8 + lane * 2 + k % 2)] = whole_.of(t)[k];
      }
    }
  }

  void prepare_far() {
    weights_.assign(base_.size() * static_cast<size_t>(length_), 0);
    for (int64_t t = 0; t < targets_; ++t) {
      const int32_t base = base_[static_cast<size_t>(t)] = base_of(first_of(t));
      std::copy_n(whole_.of(t), end_of(t) - first_of(t),
                  weights_.begin() + t * length_ + first_of(t) - base);
    }
  }

#if HWY_TARGET != HWY_SCALAR
  // f(t) makes four sums from target t on.
  template <class F>
  HWY_INLINE void by_fours(uint8_t* y, F&& f) const {
    int64_t t = 0;
    for (; t + 8 <= targets_; t += 8) store_bytes(f(t), f(t + 4), whole_.bits, y + t);
    if (t == targets_) return;
    HWY_ALIGN uint8_t rest[8];
    store_bytes(f(t), t + 4 < targets_ ? f(t + 4) : hn::Zero(di32), whole_.bits, rest);
    std::copy_n(rest, targets_ - t, y + t);
  }

  void run_near(const uint8_t* x, uint8_t* y) const {
    by_fours(y, [&](int64_t t) HWY_ATTR {
      const int64_t group = t / 4;
      const uint8_t* places = places_.data() + group * pairs_ * 16;
      const int16_t* weights = weights_.data() + group * pairs_ * 8;
      const auto bytes = hn::LoadU(du8, x + base_[static_cast<size_t>(group)]);
      auto sum = hn::Set(di32, half_of(whole_.bits));
      for (int64_t k = 0; k < pairs_; ++k) {
        const auto pairs = hn::TableLookupBytesOr0(bytes, hn::LoadU(du8, places + k * 16));
        sum = add_products(hn::BitCast(di16, pairs), hn::LoadU(di16, weights + k * 8), sum);
      }
      return sum;
    });
  }

  void run_far(const uint8_t* x, uint8_t* y) const {
    by_fours(y, [&](int64_t t) HWY_ATTR {
      const auto a = dot(x, t), b = dot(x, t + 1), c = dot(x, t + 2), d = dot(x, t + 3);
      const auto ab = hn::Add(hn::InterleaveLower(di32, a, b), hn::InterleaveUpper(di32, a, b));
      const auto cd = hn::Add(hn::InterleaveLower(di32, c, d), hn::InterleaveUpper(di32, c, d));
      const auto sums =
          hn::Add(hn::ConcatLowerLower(di32, cd, ab), hn::ConcatUpperUpper(di32, cd, ab));
      return hn::Add(sums, hn::Set(di32, half_of(whole_.bits)));
    });
  }
  // Four parts of target t's sum. Targets up to a multiple of four have weights, if only zeros.
  HWY_INLINE hn::Vec<I32> dot(const uint8_t* x, int64_t t) const {
    const hn::Half<U8> du8x8;
    x += base_[static_cast<size_t>(t)];
    const int16_t* weights = weights_.data() + t * length_;
    auto sum = hn::Zero(di32);
    for (int64_t k = 0; k < length_; k += 8)
      sum = add_products(hn::PromoteTo(di16, hn::LoadU(du8x8, x + k)), hn::LoadU(di16, weights + k),
                         sum);
    return sum;
  }

#else
  void run_near(const uint8_t*, uint8_t*) const {}
  void run_far(const uint8_t*, uint8_t*) const {}
#endif

  void run_pixels(const uint8_t* x, uint8_t* y) const {
    for (int64_t t = 0; t < targets_; ++t)
      sum_rows(x + first_of(t) * channels_, channels_, whole_.of(t),
               w_.count[static_cast<size_t>(t)], whole_.bits, channels_, y + t * channels_);
  }

  const AxisWeights& w_;
  const int64_t channels_;
  const WholeWeights whole_;
  const int64_t targets_;
  const bool by_fours_;
  int64_t most_ = 0, length_ = 0, pairs_ = 0;
  bool is_near_ = false;
  std::vector<int32_t> base_;  // of each group where sources are near, of each target otherwise
  std::vector<uint8_t> places_;
  std::vector<int16_t> weights_;
};

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
