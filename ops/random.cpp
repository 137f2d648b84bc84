#include <rewind/ops/random.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/random/random_kernel.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/leaf.h>
#include <rewind/tensor/number.h>
#include <rewind/tensor/parallel.h>

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
    const uint64_t first = gen.reserve(static_cast<uint64_t>(t.numel()));
    parallel_for(0, t.numel(), grain, [&](int64_t b, int64_t e) {
      for (int64_t i = b; i < e; ++i) {
        const Philox4 r = philox(gen.seed(), first + static_cast<uint64_t>(i));
        const uint64_t bits = (static_cast<uint64_t>(r.v[0]) << 32) | r.v[1];
        // The high half of bits * range: uniform up to 2^-64 * range.
        const auto k = static_cast<uint64_t>((static_cast<unsigned __int128>(bits) * range) >> 64);
        p[i] = std::max(lowest, rounded<T>(static_cast<int64_t>(offset + k), false));
      }
    });
  });
  return t;
}

Tensor randperm(int64_t n, Generator& gen) {
  check(n >= 0, "randperm: expected n >= 0, got {}", n);
  Tensor t = arange(n);
  auto* p = static_cast<int64_t*>(t.raw_data());
  for (int64_t i = n - 1; i > 0; --i) {
    const auto wide = static_cast<unsigned __int128>(gen.next()) * static_cast<uint64_t>(i + 1);
    std::swap(p[i], p[static_cast<int64_t>(wide >> 64)]);
  }
  return t;
}

}  // namespace rw
