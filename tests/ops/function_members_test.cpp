// Ops that are members too: each is its function.

#include "../check.h"

using namespace rw;

namespace {

// NaN counts as equal here.
void check_same(const Tensor& got, const Tensor& expected, const char* name) {
  BOOST_TEST(got.dtype() == expected.dtype(), name);
  BOOST_TEST(got.to(float64).allclose(expected.to(float64), 0, 0, true), name);
}

}  // namespace

BOOST_AUTO_TEST_CASE(members_of_one_operand) {
  const Tensor x = rand({3, 4}) * 1.5;
  check_same(x.tan(), tan(x), "tan");
  check_same(x.asin(), asin(x), "asin");
  check_same(x.acos(), acos(x), "acos");
  check_same(x.atan(), atan(x), "atan");
  check_same(x.sinh(), sinh(x), "sinh");
  check_same(x.cosh(), cosh(x), "cosh");
  check_same(x.asinh(), asinh(x), "asinh");
  check_same(x.acosh(), acosh(x), "acosh");
  check_same(x.atanh(), atanh(x), "atanh");
  check_same(x.exp2(), exp2(x), "exp2");
  check_same(x.log2(), log2(x), "log2");
  check_same(x.log10(), log10(x), "log10");
  check_same(x.sinc(), sinc(x), "sinc");
  check_same(x.erfc(), erfc(x), "erfc");
  check_same(x.erfinv(), erfinv(x), "erfinv");
  check_same(x.lgamma(), lgamma(x), "lgamma");
  check_same(x.digamma(), digamma(x), "digamma");
  check_same(x.deg2rad(), deg2rad(x), "deg2rad");
  check_same(x.rad2deg(), rad2deg(x), "rad2deg");
  check_same(x.trunc(), trunc(x), "trunc");
  check_same(x.fix(), fix(x), "fix");
  check_same(x.frac(), frac(x), "frac");
  check_same(x.positive(), positive(x), "positive");
  check_same(x.sgn(), sgn(x), "sgn");
  check_same(x.isinf(), isinf(x), "isinf");
  check_same(x.isposinf(), isposinf(x), "isposinf");
  check_same(x.isneginf(), isneginf(x), "isneginf");
  check_same(x.signbit(), signbit(x), "signbit");
  check_same(x.logit(), logit(x), "logit");
  check_same(x.nan_to_num(), nan_to_num(x), "nan_to_num");
  check_same(x.round(1), round(x, 1), "round");
  check_same(x.logit(0.1), logit(x, 0.1), "logit");
  check_same(x.polygamma(2), polygamma(2, x), "polygamma");
}

BOOST_AUTO_TEST_CASE(members_of_two_operands) {
  const Tensor x = rand({3, 4}) + 0.5, y = rand({3, 4}) + 0.5;
  check_same(x.atan2(y), atan2(x, y), "atan2");
  check_same(x.hypot(y), hypot(x, y), "hypot");
  check_same(x.xlogy(y), xlogy(x, y), "xlogy");
  check_same(x.logaddexp(y), logaddexp(x, y), "logaddexp");
  check_same(x.logaddexp2(y), logaddexp2(x, y), "logaddexp2");
  check_same(x.max(y), max(x, y), "max");
  check_same(x.min(y), min(x, y), "min");
  check_same(x.fmax(y), fmax(x, y), "fmax");
  check_same(x.fmin(y), fmin(x, y), "fmin");
  check_same(x.copysign(y), copysign(x, y), "copysign");
  check_same(x.heaviside(y), heaviside(x, y), "heaviside");
  check_same(x.nextafter(y), nextafter(x, y), "nextafter");
  check_same(x.logical_xor(y), logical_xor(x, y), "logical_xor");
  check_same(x.fmod(y), fmod(x, y), "fmod");
  check_same(x.floor_divide(y), floor_divide(x, y), "floor_divide");
  check_same(x.true_divide(y), true_divide(x, y), "true_divide");
  check_same(x.float_power(y), float_power(x, y), "float_power");
  check_same(x.clamp_min(y), clamp_min(x, y), "clamp_min");
  check_same(x.clamp_max(y), clamp_max(x, y), "clamp_max");
  check_same(x.isclose(y), isclose(x, y), "isclose");
  check_same(x.xlogy(0.75), xlogy(x, 0.75), "xlogy");
  check_same(x.copysign(0.75), copysign(x, 0.75), "copysign");
  check_same(x.fmod(0.75), fmod(x, 0.75), "fmod");
  check_same(x.floor_divide(0.75), floor_divide(x, 0.75), "floor_divide");
  check_same(x.true_divide(0.75), true_divide(x, 0.75), "true_divide");
  check_same(x.float_power(0.75), float_power(x, 0.75), "float_power");
  check_same(x.div(y, Rounding::floor), div(x, y, Rounding::floor), "div");
  check_same(x.div(0.3, Rounding::trunc), div(x, 0.3, Rounding::trunc), "div");
  const Tensor i = randint(1, 30, {6}), k = randint(1, 5, {6});
  check_same(i.gcd(k), gcd(i, k), "gcd");
  check_same(i.lcm(k), lcm(i, k), "lcm");
  check_same(i.bitwise_left_shift(k), bitwise_left_shift(i, k), "bitwise_left_shift");
  check_same(i.bitwise_right_shift(k), bitwise_right_shift(i, k), "bitwise_right_shift");
  check_same(i.bitwise_left_shift(2), i << 2, "bitwise_left_shift");
  check_same(i.bitwise_right_shift(2), i >> 2, "bitwise_right_shift");
  check_same(i << k, bitwise_left_shift(i, k), "<<");
  check_same(i >> k, bitwise_right_shift(i, k), ">>");
}

BOOST_AUTO_TEST_CASE(members_of_three_operands) {
  const Tensor x = randn({3, 4}), y = randn({3, 4}), z = rand({3, 4}) + 0.5;
  check_same(x.clamp(y, z), clamp(x, y, z), "clamp");
  check_same(x.clip(y, z), clip(x, y, z), "clip");
  check_same(x.clip(-0.5, 0.5), clip(x, -0.5, 0.5), "clip");
  check_same(x.clamp({}, 0.5), clamp_max(x, 0.5), "clamp");
  check_same(x.lerp(y, z), lerp(x, y, z), "lerp");
  check_same(x.lerp(y, 0.3), lerp(x, y, 0.3), "lerp");
  check_same(x.addcmul(y, z, 2), addcmul(x, y, z, 2), "addcmul");
  check_same(x.addcdiv(y, z, 2), addcdiv(x, y, z, 2), "addcdiv");
}

// A change in place gives what the function gives, whether or not it is recorded, and of a view.
namespace {

template <class F, class G>
void check_in_place(const char* name, const Tensor& x, const F& change, const G& function) {
  const Tensor expected = function(x);
  Tensor plain = x.clone();
  change(plain);
  check_same(plain, expected, name);
  const Tensor leaf = x.clone().requires_grad_();
  Tensor recorded = leaf * 1;
  change(recorded);
  check_same(recorded.detach(), expected, name);
  Tensor wide = stack({x, x}, -1);
  Tensor part = wide.select(-1, 1);
  change(part);
  check_same(wide.select(-1, 1), expected, name);
  check_same(wide.select(-1, 0), x, name);
  BOOST_CHECK_THROW(
      {
        Tensor t = leaf;
        change(t);
      },
      AutogradError);
  check_same(leaf.detach(), x, name);
}

}  // namespace

#define OF_ONE(name) \
  check_in_place(    \
      #name, x, [](Tensor& t) { t.name##_(); }, [](const Tensor& t) -> Tensor { return name(t); })
#define OF_TWO(name) \
  check_in_place(    \
      #name, x, [&](Tensor& t) { t.name##_(y); }, [&](const Tensor& t) { return name(t, y); })
#define BY_NUMBER(name) \
  check_in_place(       \
      #name, x, [](Tensor& t) { t.name##_(0.75); }, [](const Tensor& t) { return name(t, 0.75); })

BOOST_AUTO_TEST_CASE(changes_in_place_are_their_functions) {
  const Tensor x = rand({3, 4}) + 0.25, y = rand({4}) + 0.5;
  OF_ONE(exp);
  OF_ONE(exp2);
  OF_ONE(expm1);
  OF_ONE(log);
  OF_ONE(log2);
  OF_ONE(log10);
  OF_ONE(log1p);
  OF_ONE(sqrt);
  OF_ONE(rsqrt);
  OF_ONE(reciprocal);
  OF_ONE(square);
  OF_ONE(floor);
  OF_ONE(ceil);
  OF_ONE(round);
  OF_ONE(trunc);
  OF_ONE(sign);
  OF_ONE(sin);
  OF_ONE(cos);
  OF_ONE(tan);
  OF_ONE(asin);
  OF_ONE(acos);
  OF_ONE(atan);
  OF_ONE(sinh);
  OF_ONE(cosh);
  OF_ONE(tanh);
  OF_ONE(asinh);
  OF_ONE(acosh);
  OF_ONE(atanh);
  OF_ONE(sigmoid);
  OF_ONE(erf);
  OF_ONE(erfc);
  OF_ONE(erfinv);
  OF_ONE(lgamma);
  OF_ONE(digamma);
  OF_ONE(sinc);
  OF_ONE(abs);
  OF_ONE(neg);
  OF_ONE(frac);
  OF_ONE(fix);
  OF_ONE(sgn);
  OF_ONE(deg2rad);
  OF_ONE(rad2deg);
  OF_ONE(logit);
  OF_ONE(nan_to_num);
  OF_TWO(pow);
  OF_TWO(remainder);
  OF_TWO(fmod);
  OF_TWO(floor_divide);
  OF_TWO(true_divide);
  OF_TWO(atan2);
  OF_TWO(hypot);
  OF_TWO(copysign);
  OF_TWO(nextafter);
  OF_TWO(heaviside);
  OF_TWO(xlogy);
  OF_TWO(clamp_min);
  OF_TWO(clamp_max);
  BY_NUMBER(pow);
  BY_NUMBER(remainder);
  BY_NUMBER(fmod);
  BY_NUMBER(floor_divide);
  BY_NUMBER(true_divide);
  BY_NUMBER(copysign);
  BY_NUMBER(xlogy);
  BY_NUMBER(clamp_min);
  BY_NUMBER(clamp_max);
}

BOOST_AUTO_TEST_CASE(changes_of_integers_in_place) {
  const Tensor x = randint(1, 30, {6}), y = randint(1, 5, {6});
  Tensor t = x.clone();
  check_same(t.copy_(x).bitwise_and_(y), bitwise_and(x, y), "bitwise_and");
  check_same(t.copy_(x).bitwise_or_(y), bitwise_or(x, y), "bitwise_or");
  check_same(t.copy_(x).bitwise_xor_(y), bitwise_xor(x, y), "bitwise_xor");
  check_same(t.copy_(x).bitwise_left_shift_(y), bitwise_left_shift(x, y), "bitwise_left_shift");
  check_same(t.copy_(x).bitwise_right_shift_(y), bitwise_right_shift(x, y), "bitwise_right_shift");
  check_same(t.copy_(x).gcd_(y), gcd(x, y), "gcd");
  check_same(t.copy_(x).lcm_(y), lcm(x, y), "lcm");
  check_same(t.copy_(x).remainder_(y), remainder(x, y), "remainder");
  check_same(t.copy_(x).fmod_(y), fmod(x, y), "fmod");
  check_same(t.copy_(x).floor_divide_(y), floor_divide(x, y), "floor_divide");
  check_same(t.copy_(x).bitwise_and_(3), bitwise_and(x, 3), "bitwise_and");
  check_same(t.copy_(x).bitwise_or_(3), bitwise_or(x, 3), "bitwise_or");
  check_same(t.copy_(x).bitwise_xor_(3), bitwise_xor(x, 3), "bitwise_xor");
  check_same(t.copy_(x).bitwise_left_shift_(3), bitwise_left_shift(x, 3), "bitwise_left_shift");
  check_same(t.copy_(x).bitwise_right_shift_(3), bitwise_right_shift(x, 3), "bitwise_right_shift");
  check_same(t.copy_(x).eq_(y), eq(x, y).to(int64), "eq");
  check_same(t.copy_(x).ne_(y), ne(x, y).to(int64), "ne");
  check_same(t.copy_(x).lt_(y), lt(x, y).to(int64), "lt");
  check_same(t.copy_(x).le_(y), le(x, y).to(int64), "le");
  check_same(t.copy_(x).gt_(y), gt(x, y).to(int64), "gt");
  check_same(t.copy_(x).ge_(y), ge(x, y).to(int64), "ge");
  check_same(t.copy_(x).logical_and_(y), logical_and(x, y).to(int64), "logical_and");
  check_same(t.copy_(x).logical_or_(y), logical_or(x, y).to(int64), "logical_or");
  check_same(t.copy_(x).logical_xor_(y), logical_xor(x, y).to(int64), "logical_xor");
  check_same(t.copy_(x).logical_not_(), logical_not(x).to(int64), "logical_not");
  check_same(t.copy_(x).bitwise_not_(), bitwise_not(x), "bitwise_not");
  check_same(t.copy_(x).abs_(), x, "abs");
  check_same(t.copy_(x).neg_(), -x, "neg");
  check_same(t.copy_(x).clamp_(y, y + 9), clamp(x, y, y + 9), "clamp");
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_changes_nothing) {
  const Tensor x = arange(1, 7);
  Tensor t = x.clone();
  BOOST_CHECK_EXCEPTION(
      t.exp_(), DTypeError,
      test::saying("exp_: a result of dtype float32 can't be stored in a tensor of dtype int64"));
  BOOST_CHECK_THROW(t.atan2_(x), DTypeError);
  BOOST_CHECK_THROW(t.pow_(0.5), DTypeError);
  BOOST_CHECK_THROW(t.floor_divide_(zeros_like(x)), Error);
  BOOST_CHECK_THROW(t.gcd_(x.view({6, 1})), ShapeError);
  BOOST_TEST(equal(t, x));
  Tensor narrow = rand({1, 4});
  BOOST_CHECK_THROW(narrow.hypot_(rand({3, 4})), ShapeError);
  BOOST_CHECK_THROW(narrow.addcmul_(rand({3, 4}), rand({4})), ShapeError);
  Tensor expanded = rand({1, 4}).expand({3, 4});
  BOOST_CHECK_THROW(expanded.sin_(), AutogradError);
  BOOST_CHECK_THROW(expanded.lerp_(rand({3, 4}), 0.5), AutogradError);
}

BOOST_AUTO_TEST_CASE(operands_may_share_memory) {
  Tensor t = arange(1, 7, 1, float64);
  const Tensor reversed = t.index_select(0, arange(5, -1, -1));
  Tensor all = t.clone();
  all.slice(0, 0, 5).hypot_(all.slice(0, 1, 6));
  BOOST_TEST(equal(all.slice(0, 0, 5), hypot(t.slice(0, 0, 5), t.slice(0, 1, 6))));
  Tensor matrix = t.view({2, 3}).clone();
  const Tensor before = matrix.clone();
  matrix.addcmul_(matrix[0], matrix);
  BOOST_TEST(equal(matrix, addcmul(before, before[0], before)));
}
