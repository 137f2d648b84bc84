// Conversions on every vector target, against C++'s own.
#include <bit>
#include <cmath>
#include <limits>

#include "../check.h"
#include "../dtypes.h"
#include "targets.h"

using namespace rw;
using namespace rw::test;

namespace {

bool same(double a, double b) {
  return std::isnan(a) ? std::isnan(b) : a == b && std::signbit(a) == std::signbit(b);
}

template <class F>
void on_every_target(F&& f) {
  for (const int64_t target : targets()) {
    choose(target);
    BOOST_TEST_CONTEXT(hwy::TargetName(target)) { f(); }
  }
}

// The nearest binary16 by definition, in float64.
double rounded_to_float16(float v) {
  if (!std::isfinite(v)) return v;
  int exponent = 0;
  std::frexp(v, &exponent);
  const double unit = std::ldexp(1.0, std::max(exponent - 11, -24));
  const double r = std::nearbyint(static_cast<double>(v) / unit) * unit;
  return std::copysign(std::abs(r) > 65504 ? std::numeric_limits<double>::infinity() : std::abs(r),
                       v);
}

}  // namespace

BOOST_AUTO_TEST_CASE(all_numbers_of_float16) {
  std::vector<int16_t> bits(1 << 16);
  for (size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<int16_t>(i);
  Tensor x = empty({1 << 16}, float16);
  std::copy(bits.begin(), bits.end(), static_cast<int16_t*>(x.raw_data()));
  on_every_target([&] {
    const auto wide = x.to(float32).to_vector<double>();
    const auto back = x.to(float32).to(float16);
    const auto* stored = static_cast<const uint16_t*>(back.raw_data());
    size_t wrong = 0;
    for (size_t i = 0; i < bits.size(); ++i) {
      const auto u = static_cast<uint16_t>(bits[i]);
      const int exponent = u >> 10 & 31, fraction = u & 1023;
      double v =
          exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
      if (exponent == 31) v = fraction ? NAN : INFINITY;
      if (u >> 15) v = -v;
      Float16 scalar;
      scalar.bits = u;
      const bool nan = exponent == 31 && fraction;
      wrong += !same(wide[i], v) || !same(static_cast<float>(scalar), v) ||
               (nan ? (stored[i] & 0x7c00) != 0x7c00 || !(stored[i] & 0x3ff) : stored[i] != u);
    }
    BOOST_TEST(wrong == 0U);
  });
}

BOOST_AUTO_TEST_CASE(float32_rounds_to_the_nearest) {
  std::vector<float> numbers;
  for (uint32_t i = 0; i < 1u << 20; ++i)  // all exponents, and ties among the fractions
    numbers.push_back(std::bit_cast<float>((i << 12) ^ (i % 3 ? 0u : i * 7u)));
  const Tensor x = from(numbers);
  on_every_target([&] {
    for (const DType dtype : {float16, bfloat16}) {
      const auto got = x.to(dtype).to_vector<double>();
      size_t wrong = 0;
      for (size_t i = 0; i < numbers.size(); ++i) {
        const double wanted = dtype == float16 ? rounded_to_float16(numbers[i])
                                               : static_cast<double>(BFloat16(numbers[i]));
        const double scalar = dtype == float16 ? static_cast<double>(Float16(numbers[i])) : wanted;
        wrong += !same(got[i], wanted) || !same(scalar, wanted);
      }
      BOOST_TEST(wrong == 0U, name(dtype));
    }
  });
}

BOOST_AUTO_TEST_CASE(every_pair_at_every_length) {
  for (const int64_t n : {1, 2, 7, 16, 33, 255, 256, 257, 1000}) {
    std::vector<double> numbers;
    for (int64_t i = 0; i < n; ++i) numbers.push_back(static_cast<double>(i * 37 % 120) / 2);
    on_every_target([&] {
      for (const DType a : all_dtypes)
        for (const DType b : all_dtypes) {
          const Tensor x = from(numbers).to(a);
          auto wanted = x.to_vector<double>();
          for (double& v : wanted) v = b == boolean ? v != 0 : is_floating(b) ? v : std::trunc(v);
          BOOST_TEST((x.to(b).to_vector<double>() == wanted), a << " to " << b << ", " << n);
          BOOST_TEST((x.slice(0, 0, 1).expand({n}).to(b).to_vector<double>() ==
                      std::vector<double>(static_cast<size_t>(n), wanted[0])));
        }
    });
  }
}

// Beyond an integer's range lies its nearest number, and NaN gives 0; integers wrap around.
BOOST_AUTO_TEST_CASE(out_of_range) {
  const double infinity = std::numeric_limits<double>::infinity();
  on_every_target([&] {
    for (const DType from_type : floating_dtypes)
      for (const DType to : integer_dtypes) {
        const Tensor x = rw::from<double>({infinity, -infinity, NAN}).to(from_type);
        const auto got = x.to(to).to_vector<int64_t>();
        const int bits = static_cast<int>(8 * itemsize(to)) - (to == uint8 ? 0 : 1);
        const auto most = static_cast<int64_t>(~uint64_t{0} >> (64 - bits));
        BOOST_TEST(got == (std::vector<int64_t>{most, to == uint8 ? 0 : -most - 1, 0}),
                   from_type << " to " << to);
      }
    BOOST_TEST(rw::from<int64_t>({-1, 300}).to(int8).to_vector<int64_t>() ==
               (std::vector<int64_t>{-1, 44}));
  });
}
