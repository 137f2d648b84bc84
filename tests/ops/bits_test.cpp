// Remainders, bits, and choices between numbers.

#include <cmath>
#include <limits>
#include <vector>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

const auto per_element = boost::test_tools::per_element();

std::vector<int64_t> whole(const Tensor& t) { return t.to_vector<int64_t>(); }

}  // namespace

BOOST_AUTO_TEST_CASE(remainders_have_the_sign_of_the_divisor) {
  using V = std::vector<int64_t>;
  const Tensor a = from<int64_t>({7, -7, 7, -7, 6, -6, 0}),
               b = from<int64_t>({3, 3, -3, -3, 3, -3, 5});
  BOOST_TEST(whole(a % b) == (V{1, 2, -2, -1, 0, 0, 0}), per_element);
  BOOST_TEST(whole(a % 4) == (V{3, 1, 3, 1, 2, 2, 0}), per_element);
  BOOST_TEST(whole(a % -4) == (V{-1, -3, -1, -3, -2, -2, 0}), per_element);
  BOOST_TEST(whole(20 % b) == (V{2, 2, -1, -1, 2, -1, 0}), per_element);
  BOOST_TEST(whole(remainder(a.view({7, 1}), b).select(0, 1)) == (V{2, 2, -1, -1, 2, -1, 3}),
             per_element);
  const int64_t least = std::numeric_limits<int64_t>::min();
  const Tensor extremes = from<int64_t>({least, least, least + 1});
  BOOST_TEST(whole(extremes % from<int64_t>({-1, least, least})) == (V{0, 0, least + 1}),
             per_element);
  const Tensor bytes = from<int64_t>({0, 5, 255}).to(uint8);
  BOOST_TEST((bytes % 3).to_vector<int>() == (std::vector<int>{0, 2, 0}), per_element);
  BOOST_TEST(((bytes % 3).dtype() == uint8));
  BOOST_TEST(((bytes % 2.5).dtype() == float32));
  BOOST_TEST(whole(from<int64_t>({1, 0}).to(boolean) % 3) == (V{1, 0}), per_element);
  BOOST_CHECK_EXCEPTION(a % (b - 3), Error, saying("remainder: an integer can't be divided by"));
  BOOST_CHECK_EXCEPTION(bytes % 0, Error, saying("remainder: an integer can't be divided by zero"));
  BOOST_CHECK_EXCEPTION(a.to(boolean) % b.to(boolean), DTypeError, saying("remainder: expected"));
  BOOST_CHECK_EXCEPTION(Tensor() % 2, Error, saying("remainder: the input is undefined"));
}

BOOST_AUTO_TEST_CASE(remainders_of_floating_numbers) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const DType dtype : test::floating_dtypes) {
    const Tensor a = from<double>({5.5, -5.5, 5.5, -5.5, 3, -1}).to(dtype);
    const Tensor b = from<double>({2, 2, -2, -2, 1.5, infinity}).to(dtype);
    BOOST_TEST(
        (a % b).to_vector<double>() == (std::vector<double>{1.5, 0.5, -0.5, -1.5, 0, infinity}),
        per_element);
    BOOST_TEST(((a % b).dtype() == dtype));
    BOOST_TEST(std::isnan((a % 0).to_vector<double>()[0]));
    BOOST_TEST(std::isnan((infinity % b).to_vector<double>()[0]));
  }
  const Tensor x = from<double>({5.3, -5.3, 5.3, -5.3, 0.2}).requires_grad_();
  const Tensor y = from<double>({2, 2, -2, -2, 0.7}).requires_grad_();
  check_gradients([](const std::vector<Tensor>& in) { return (in[0] % in[1]).square(); }, {x, y});
  check_gradients([](const std::vector<Tensor>& in) { return (in[0] % 1.7).square(); }, {x});
  check_gradients([](const std::vector<Tensor>& in) { return (4.1 % in[0]).square(); }, {y});
}

BOOST_AUTO_TEST_CASE(bits) {
  using V = std::vector<int64_t>;
  const Tensor a = from<int64_t>({12, -1, 5, 0}), b = from<int64_t>({10, 6, -8, 7});
  BOOST_TEST(whole(a & b) == (V{8, 6, 0, 0}), per_element);
  BOOST_TEST(whole(a | b) == (V{14, -1, -3, 7}), per_element);
  BOOST_TEST(whole(a ^ b) == (V{6, -7, -3, 7}), per_element);
  BOOST_TEST(whole(~a) == (V{-13, 0, -6, -1}), per_element);
  BOOST_TEST(whole(a & 4) == (V{4, 4, 4, 0}), per_element);
  BOOST_TEST(whole(4 | a) == (V{12, -1, 5, 4}), per_element);
  BOOST_TEST(whole(1 ^ a) == (V{13, -2, 4, 1}), per_element);
  const Tensor bytes = a.to(boolean).to(uint8) * 200;  // 200, 200, 200, 0
  BOOST_TEST(whole(~bytes) == (V{55, 55, 55, 255}), per_element);
  BOOST_TEST(((bytes & 8).dtype() == uint8));
  BOOST_TEST(((bytes & a).dtype() == int64));

  const Tensor p = from<int64_t>({0, 0, 1, 1}).to(boolean),
               q = from<int64_t>({0, 1, 0, 1}).to(boolean);
  const std::pair<Tensor, V> cases[] = {{p & q, {0, 0, 0, 1}},    {p | q, {0, 1, 1, 1}},
                                        {p ^ q, {0, 1, 1, 0}},    {~p, {1, 1, 0, 0}},
                                        {p & true, {0, 0, 1, 1}}, {false | q, {0, 1, 0, 1}}};
  for (const auto& [got, wanted] : cases) {
    BOOST_TEST((got.dtype() == boolean));
    BOOST_TEST(whole(got) == wanted, per_element);
  }
  BOOST_TEST(((p & 1).dtype() == int64));
  BOOST_TEST(whole(p.view({4, 1}) & q).size() == 16u);
  BOOST_CHECK_EXCEPTION(a & ones({4}), DTypeError,
                        saying("bitwise_and: expected integers or bool, got int64 and float32"));
  BOOST_CHECK_EXCEPTION(a | 0.5, DTypeError, saying("bitwise_or: expected integers or bool"));
  BOOST_CHECK_EXCEPTION(~ones({4}), DTypeError, saying("bitwise_not: expected integers or bool"));
  BOOST_CHECK_EXCEPTION(a ^ ones({3}, int64), ShapeError, saying("bitwise_xor: shapes"));
  BOOST_CHECK_EXCEPTION(~Tensor(), Error, saying("bitwise_not: the input is undefined"));
}

BOOST_AUTO_TEST_CASE(choices_between_numbers) {
  const Tensor mask = from<int64_t>({1, 0}).to(boolean), wide = ones({2}, float64);
  const std::pair<Tensor, DType> cases[] = {
      {where(mask, 1, 0), int64},
      {where(mask, 1.0, 0), float32},
      {where(mask, true, 0), int64},
      {where(mask, true, false), boolean},
      {where(mask, true, 0.f), float32},
      {where(mask, wide.to(int64), 0.5), float32},
      {where(mask, 0.5, wide.to(uint8)), float32},
      {where(mask, wide, 0), float64},
      {where(mask, wide.to(bfloat16), 0.5), bfloat16},
      {where(mask, wide.to(boolean), 3), int64},
      {where(mask, wide.to(uint8), 3), uint8},
  };
  for (const auto& [got, dtype] : cases) BOOST_TEST((got.dtype() == dtype), got.dtype());
  BOOST_TEST(where(mask, 2.5, 1).to_vector() == (std::vector<float>{2.5, 1}), per_element);
  BOOST_CHECK_EXCEPTION(where(wide, 1, 0), DTypeError, saying("where: expected a bool mask"));
}
