// Numbers and types: what elements can hold, and where random numbers end.

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>
#include <limits>

#include <rewind/rewind.h>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using rw::test::saying;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity(), no_number = NAN;

// Everything that writes a number into elements.
struct Writer {
  const char* name;
  std::function<Tensor(Scalar, DType)> write;
};
const Writer writers[] = {
    {"full", [](Scalar v, DType d) { return full({2}, v, d); }},
    {"full_like", [](Scalar v, DType d) { return full_like(zeros({2}, d), v); }},
    {"scalar_tensor", [](Scalar v, DType d) { return scalar_tensor(v, d); }},
    {"fill_", [](Scalar v, DType d) { return zeros({2}, d).fill_(v); }},
    {"masked_fill",
     [](Scalar v, DType d) { return masked_fill(zeros({2}, d), ones({2}, boolean), v); }},
    {"masked_fill_",
     [](Scalar v, DType d) { return zeros({2}, d).masked_fill_(ones({2}, boolean), v); }},
    {"pad",
     [](Scalar v, DType d) {
       return pad(zeros({2}, d), {1, 1}, PaddingMode::zeros, v.to_double()).slice(0, 0, 1);
     }},
};

struct Limit {
  DType dtype;
  std::vector<Scalar> held, refused;
};
const Limit limits[] = {
    {uint8, {0, 255, 255.0, true}, {256, -256, 300, -0.5, 1e30, infinite, -infinite, no_number}},
    {int64, {1 << 30, -3, -0x1p63, 2.5}, {0x1p63, -0x1.1p63, infinite, -infinite, no_number}},
    {boolean, {0, 2, -1.5, infinite}, {}},
    {bfloat16, {3e38, -3e38, infinite}, {3.4e38, -1e39, 1e300}},
    {float32, {3.4e38, -3.4e38, 1e-300, infinite}, {1e39, -1e300}},
    {float64, {1e308, -infinite, 7}, {}},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(numbers)

BOOST_AUTO_TEST_CASE(what_a_dtype_can_not_hold_is_refused) {
  for (const Limit& limit : limits)
    for (const Writer& writer : writers) BOOST_TEST_CONTEXT(writer.name << " in " << limit.dtype) {
        for (const Scalar v : limit.held) {
          const double written = writer.write(v, limit.dtype).reshape(-1)[0].item<double>();
          const double expected = limit.dtype == boolean     ? v.to_double() != 0
                                  : is_floating(limit.dtype) ? v.to_double()
                                                             : double(v.to_int64());
          BOOST_TEST((written == expected || std::abs(written / expected - 1) < 0.01 ||
                      std::abs(written - expected) < 1e-30),
                     written << " for " << expected);
        }
        for (const Scalar v : limit.refused)
          BOOST_CHECK_EXCEPTION(writer.write(v, limit.dtype), Error,
                                saying(std::string("does not fit into ") + name(limit.dtype)));
      }
  // As in PyTorch, integers down to -255 are counted from 256.
  for (const Writer& writer : writers)
    if (writer.name != std::string("pad"))
      BOOST_TEST(writer.write(-1, uint8).reshape(-1)[0].item<int64_t>() == 255, writer.name);
  BOOST_CHECK_EXCEPTION(full({1}, 300, uint8), Error,
                        saying("full: a number of 300 does not fit into uint8"));
  BOOST_CHECK_EXCEPTION(where(ones({2}, boolean), ones({2}, uint8), 300), Error,
                        saying("where: a number of 300 does not fit into uint8"));
}

// A comparison says what is true of numbers that the dtype can't hold, too.
BOOST_AUTO_TEST_CASE(comparisons_with_any_number) {
  const Tensor small = from({uint8_t{44}}), large = from({std::numeric_limits<float>::infinity()});
  BOOST_TEST(!eq(small, 300).item<bool>());
  BOOST_TEST(lt(small, 300).item<bool>());
  BOOST_TEST(gt(small, -1).item<bool>());
  BOOST_TEST(gt(large, 1e300).item<bool>());
  BOOST_TEST(!le(large, 1e300).item<bool>());
}

BOOST_AUTO_TEST_CASE(scalars_of_any_type) {
  const Tensor i = ones({2}, int64), f = ones({2});
  const auto integer = [&](auto v) {
    BOOST_TEST((i + v).dtype() == int64);
    BOOST_TEST((f + v).dtype() == float32);
    BOOST_TEST(equal(v * i, full({2}, 3)));
    BOOST_TEST(equal(i.clone().fill_(v), full({2}, 3)));
  };
  integer(char(3));
  integer((signed char)(3));
  integer((unsigned char)(3));
  integer(short(3));
  integer((unsigned short)(3));
  integer(3);
  integer(3u);
  integer(3l);
  integer(3ul);
  integer(3ll);
  integer(3ull);
  integer(wchar_t(3));
  for (const Tensor& t : {i + 1.5, i + 1.5f, i + 1.5L, i + BFloat16(1.5f)}) {
    BOOST_TEST(t.dtype() == float32);
    BOOST_TEST(t[0].item() == 2.5f);
  }
  BOOST_TEST((ones({2}, boolean) * true).dtype() == boolean);
  BOOST_CHECK_EXCEPTION(i + std::numeric_limits<uint64_t>::max(), Error,
                        saying("18446744073709551615 is too large"));
  BOOST_TEST(Scalar(1e300).to_int64() == std::numeric_limits<int64_t>::max());
  BOOST_TEST(Scalar(-1e300).to_int64() == std::numeric_limits<int64_t>::min());
  BOOST_TEST(Scalar(no_number).to_int64() == 0);
}

// --- Random numbers -----------------------------------------------------------------------------

namespace {

void check_within(const std::string& what, const Tensor& t, double low, double high) {
  const double min = t.to(float64).min().item<double>(), max = t.to(float64).max().item<double>();
  BOOST_TEST(min >= low, what << " in " << t.dtype() << " gives " << min);
  BOOST_TEST(max < high, what << " in " << t.dtype() << " gives " << max);
}

}  // namespace

BOOST_AUTO_TEST_CASE(random_numbers_stay_below_the_upper_bound) {
  manual_seed(3);
  const int64_t n = 1 << 20;
  for (const DType dtype : test::floating_dtypes) {
    check_within("rand", rand({n}, dtype), 0, 1);
    check_within("rand_like", rand_like(zeros({n}, dtype)), 0, 1);
    for (const auto& [low, high] : {std::pair{5.0, 6.0}, {-6.0, -5.0}, {-1.0, 0.0}, {255.0, 256.0}})
      check_within("uniform_", empty({n}, dtype).uniform_(low, high), low, high);
    const Tensor narrow = empty({n}, dtype).uniform_(0.1, 0.7);
    BOOST_TEST(!ge(narrow, 0.7).any().item<bool>());
    BOOST_TEST(empty({2}, dtype).uniform_(3, 3)[1].item() == 3);
    BOOST_TEST(empty({2}, dtype).uniform_(1, std::nextafter(1.0, 2.0))[1].item() == 1);
  }
}

BOOST_AUTO_TEST_CASE(random_integers_stay_within_their_bounds) {
  manual_seed(3);
  const int64_t n = 1 << 16, two24 = 1 << 24;
  constexpr int64_t top = std::numeric_limits<int64_t>::max(), bottom = -top - 1;
  for (const DType dtype : {uint8, int64, bfloat16, float32, float64})
    for (const auto& [low, high] : {std::pair{0, 256}, {3, 4}, {250, 256}})
      check_within("randint", randint(low, high, {n}, dtype), low, high);
  for (const DType dtype : {int64, bfloat16, float32, float64}) {
    check_within("randint", randint(0, 1000, {n}, dtype), 0, 1000);
    check_within("randint", randint(-1001, -700, {n}, dtype), -1001, -700);
  }
  check_within("randint", randint(two24, two24 + 4, {n}, float32), two24, two24 + 4);
  check_within("randint", randint(two24 - 3, two24 + 3, {n}, float32), two24 - 3, two24 + 3);
  check_within("randint", randint(top - 5000, top, {n}, float64), double(top - 6000), double(top));
  const Tensor all = randint(bottom, top, {n});
  BOOST_TEST(all.min().item<int64_t>() < bottom / 2);
  BOOST_TEST(all.max().item<int64_t>() > top / 2);
  BOOST_TEST(randint(0, 2, {n}, boolean).to(float64).mean().item() > 0.4);
}

BOOST_AUTO_TEST_CASE(random_numbers_that_can_not_be) {
  Tensor x = empty({3}), low = empty({3}, bfloat16);
  BOOST_CHECK_EXCEPTION(x.normal_(0, -1), Error, saying("normal_: expected a standard deviation"));
  BOOST_CHECK_EXCEPTION(x.normal_(0, NAN), Error, saying("normal_: expected a standard deviation"));
  BOOST_CHECK_EXCEPTION(x.normal_(NAN, 1), Error, saying("normal_: expected a finite mean"));
  BOOST_CHECK_EXCEPTION(x.uniform_(2, 1), Error, saying("uniform_: expected low <= high, got 2"));
  BOOST_CHECK_EXCEPTION(x.uniform_(NAN, 1), Error, saying("uniform_: expected low <= high"));
  BOOST_CHECK_EXCEPTION(x.uniform_(0, NAN), Error, saying("uniform_: expected low <= high"));
  BOOST_CHECK_EXCEPTION(x.uniform_(0, infinite), Error, saying("is not finite"));
  BOOST_CHECK_EXCEPTION(x.uniform_(0, 1e300), Error, saying("does not fit into float32"));
  BOOST_CHECK_EXCEPTION(x.bernoulli_(NAN), Error, saying("bernoulli_: expected a probability"));
  BOOST_CHECK_EXCEPTION(zeros({2}, int64).uniform_(), DTypeError,
                        saying("uniform_: expected a fl"));
  BOOST_CHECK_EXCEPTION(randint(0, 3000, {1}, uint8), Error,
                        saying("randint: integers from 0 to 2999 do not fit into uint8"));
  BOOST_CHECK_EXCEPTION(randint(-1, 3, {1}, uint8), Error, saying("do not fit into uint8"));
  BOOST_CHECK_EXCEPTION(randint(0, 3, {1}, boolean), Error, saying("do not fit into bool"));
  BOOST_CHECK_EXCEPTION(randint(1001, 1003, {1}, bfloat16), Error,
                        saying("randint: bfloat16 holds no integer from 1001 to 1002"));
  BOOST_CHECK_EXCEPTION(randperm(-1), Error, saying("randperm: expected n >= 0"));
}

template <class T>
void check_reading(int64_t v) {
  const Tensor x = full({1}, v, int64);
  if (std::in_range<T>(v)) {
    BOOST_TEST(x.item<T>() == static_cast<T>(v));
    return;
  }
  const auto named = std::to_string(v);
  BOOST_CHECK_EXCEPTION(x.item<T>(), Error, saying("can't hold " + named));
}

BOOST_AUTO_TEST_CASE(integers_are_read_as_what_can_hold_them) {
  for (const int64_t v :
       {INT64_MIN, INT64_MIN + 1, int64_t{INT32_MIN} - 1, int64_t{-129}, int64_t{-128}, int64_t{-1},
        int64_t{0}, int64_t{127}, int64_t{128}, int64_t{255}, int64_t{256}, int64_t{65536},
        int64_t{1} << 31, int64_t{1} << 32, INT64_MAX}) {
    check_reading<int8_t>(v);
    check_reading<uint8_t>(v);
    check_reading<int16_t>(v);
    check_reading<uint16_t>(v);
    check_reading<int32_t>(v);
    check_reading<uint32_t>(v);
    check_reading<int64_t>(v);
    check_reading<uint64_t>(v);
    BOOST_TEST(full({1}, v, int64).item<bool>() == (v != 0));
    BOOST_TEST(full({1}, v, int64).item<double>() == static_cast<double>(v));
  }
  const Tensor x = from<int64_t>({1, 300});
  BOOST_CHECK_EXCEPTION(x.to_vector<uint8_t>(), Error, saying("to_vector: uint8 can't hold 300"));
  BOOST_TEST(x.to_vector<int>() == (std::vector<int>{1, 300}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
