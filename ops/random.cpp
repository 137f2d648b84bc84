#include <rewind/ops/random.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/random/random_kernel.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/leaf.h>
#include <rewind/tensor/number.h>
#include <rewind/tensor/parallel.h>
#include <rewind/tensor/precision.h>

namespace rw {

using namespace detail;

namespace {

constexpr int64_t grain = 1 << 15;

// The next number of type T below or above.
float next(float v, bool up) { return std::nextafter(v, up ? INFINITY : -INFINITY); }
double next(double v, bool up) { return std::nextafter(v, up ? HUGE_VAL : -HUGE_VAL); }
template <class T>
requires kernels::is_reduced<T> T next(T v, bool up) {
  if (v == 0.f)
    v.bits = up ? 0x0001 : 0x8001;
  else
    v.bits = static_cast<uint16_t>((v > 0.f) == up ? v.bits + 1 : v.bits - 1);
  return v;
}

}  // namespace

namespace detail {

// Rounding to T may reach `high`, which is excluded.
void fill_uniform(const char* op, const Tensor& t, double low, double high, Generator& gen) {
  check<DTypeError>(t.is_floating_point(), "{}: expected a floating dtype, got {}", op, t.dtype());
  check(low <= high, "{}: expected low <= high, got {} and {}", op, low, high);
  check(std::isfinite(high - low), "{}: the range from {} to {} is not finite", op, low, high);
  check_held(op, low, t.dtype());
  check_held(op, high, t.dtype());
  const double last = dispatch_floating(t.dtype(), [&]<class T>() -> double {
    return std::max<double>(static_cast<T>(low), next(static_cast<T>(high), false));
  });
  const uint64_t first = gen.reserve(kernels::random_blocks(t.dtype(), t.numel()));
  kernels::fill_uniform(t.dtype(), {gen.seed(), first}, {low, high - low, last}, t.raw_data(),
                        t.numel());
}

void fill_normal(const char* op, const Tensor& t, double mean, double std, Generator& gen) {
  check<DTypeError>(t.is_floating_point(), "{}: expected a floating dtype, got {}", op, t.dtype());
  check(std::isfinite(mean), "{}: expected a finite mean, got {}", op, mean);
  check(std >= 0 && std::isfinite(std), "{}: expected a standard deviation >= 0, got {}", op, std);
  const uint64_t first = gen.reserve(kernels::random_blocks(t.dtype(), t.numel()));
  kernels::fill_normal(t.dtype(), {gen.seed(), first}, mean, std, t.raw_data(), t.numel());
}

}  // namespace detail

Tensor rand(const Shape& shape, const TensorOptions& options, Generator& gen) {
  Tensor t = make_leaf("rand", shape, options);
  fill_uniform("rand", t, 0, 1, gen);
  return t;
}

Tensor randn(const Shape& shape, const TensorOptions& options, Generator& gen) {
  Tensor t = make_leaf("randn", shape, options);
  fill_normal("randn", t, 0, 1, gen);
  return t;
}

Tensor rand_like(const Tensor& t, const TensorOptions& options) {
  Tensor out = make_leaf_like("rand_like", t, options);
  fill_uniform("rand_like", out, 0, 1, default_generator());
  return out;
}

Tensor randn_like(const Tensor& t, const TensorOptions& options) {
  Tensor out = make_leaf_like("randn_like", t, options);
  fill_normal("randn_like", out, 0, 1, default_generator());
  return out;
}

// --- Integers -----------------------------------------------------------------------------------

namespace {

// Numbers of 64 bits, the first half of a block each.
class RandomIntegers {
 public:
  static constexpr int64_t most = 256;

  RandomIntegers(uint64_t seed, uint64_t first) : seed_(seed), first_(first) {}
  // From then on number 0 is that of block first + i.
  void draw(int64_t i, int64_t count) {
    kernels::random_words({seed_, first_ + static_cast<uint64_t>(i)}, (count + 7) / 8 * 8, words_);
  }
  // Uniform in [0, range) up to 2^-64 range: the high half of number k times range.
  uint64_t below(uint64_t range, int64_t k) const {
    const uint64_t bits = (static_cast<uint64_t>(words_[4 * k]) << 32) | words_[4 * k + 1];
    return static_cast<uint64_t>((static_cast<unsigned __int128>(bits) * range) >> 64);
  }

 private:
  uint64_t seed_, first_;
  alignas(64) uint32_t words_[size_t{4 * most}];
};

// The nearest number of type T that is not above v (below, for `up`). Integers of any size can be
// compared with it in 128 bits, as it has no fraction.
template <class T>
T rounded(int64_t v, bool up) {
  const T r = static_cast<T>(v);
  if constexpr (!std::is_integral_v<T>) {
    const auto exact = static_cast<__int128>(r);
    if (up ? exact < v : exact > v) return next(r, up);
  }
  return r;
}

// Of [low, high), what T holds.
template <class T>
T first_in_range(int64_t low, int64_t high) {
  const bool is_bool = std::is_same_v<T, bool>;
  if (is_bool ? low < 0 || high > 2 : !holds<T>(low) || !holds<T>(high - 1))
    fail("randint: integers from {} to {} do not fit into {}", low, high - 1, dtype_of<T>);
  const T first = rounded<T>(low, true);
  check(static_cast<__int128>(first) < high, "randint: {} holds no integer from {} to {}",
        dtype_of<T>, low, high - 1);
  return first;
}

}  // namespace

Tensor randint(int64_t low, int64_t high, const Shape& shape, const TensorOptions& options,
               Generator& gen) {
  check(low < high, "randint: expected low < high, got {} and {}", low, high);
  Tensor t = make_leaf("randint", shape, options, DType::int64);
  const auto offset = static_cast<uint64_t>(low), range = static_cast<uint64_t>(high) - offset;
  dispatch(t.dtype(), [&]<class T>() {
    T* p = static_cast<T*>(t.raw_data());
    const T lowest = first_in_range<T>(low, high);
    const bool exact = std::is_integral_v<T> ||
                       (low >= -detail::whole_up_to<T>() && high <= detail::whole_up_to<T>());
    const uint64_t first = gen.reserve(static_cast<uint64_t>(t.numel()));
    parallel_for(0, t.numel(), grain, [&](int64_t b, int64_t e) {
      RandomIntegers random(gen.seed(), first);
      for (; b < e; b += RandomIntegers::most) {
        const int64_t count = std::min(RandomIntegers::most, e - b);
        random.draw(b, count);
        for (int64_t k = 0; k < count; ++k) {
          const auto v = static_cast<int64_t>(offset + random.below(range, k));
          p[b + k] = exact ? static_cast<T>(v) : std::max(lowest, rounded<T>(v, false));
        }
      }
    });
  });
  return t;
}

// Fisher and Yates' shuffle: each element, from the last, changes places with one up to itself.
Tensor randperm(int64_t n, Generator& gen) {
  check(n >= 0, "randperm: expected n >= 0, got {}", n);
  const Tensor t = arange(n);
  auto* p = static_cast<int64_t*>(t.raw_data());
  RandomIntegers random(gen.seed(),
                        gen.reserve(static_cast<uint64_t>(std::max<int64_t>(n - 1, 0))));
  int64_t partners[RandomIntegers::most];
  for (int64_t left = n; left > 1; left -= RandomIntegers::most) {
    const int64_t count = std::min(RandomIntegers::most, left - 1);
    random.draw(n - left, count);
    for (int64_t k = 0; k < count; ++k) {
      partners[k] = static_cast<int64_t>(random.below(static_cast<uint64_t>(left - k), k));
      __builtin_prefetch(p + partners[k], 1);  // anywhere in memory
    }
    for (int64_t k = 0; k < count; ++k) std::swap(p[left - 1 - k], p[partners[k]]);
  }
  return t;
}

}  // namespace rw
