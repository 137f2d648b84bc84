#include "table.h"

namespace rw::test {

static Rows special_rows() {
  const Tensor x = normal({2, 3}), y = normal({2, 3}), v = normal({3});
  const Tensor p = positive({2, 3}), q = positive({3});
  return {
      {"tan", [](In a) { return tan(a); }, {x}},
      {"sinh", [](In a) { return sinh(a); }, {x}},
      {"cosh", [](In a) { return cosh(a); }, {x}},
      {"asinh", [](In a) { return asinh(a); }, {x}},
      {"atan", [](In a) { return atan(a); }, {x}},
      {"exp2", [](In a) { return exp2(a); }, {x}},
      {"sinc", [](In a) { return sinc(a); }, {x}},
      {"erfc", [](In a) { return erfc(a); }, {x}},
      {"deg2rad", [](In a) { return deg2rad(a); }, {x}},
      {"rad2deg", [](In a) { return rad2deg(a); }, {x}},
      {"asin", [](In a) { return asin(a * 0.5); }, {p}},
      {"acos", [](In a) { return acos(a * 0.5); }, {p}},
      {"atanh", [](In a) { return atanh(a * 0.5); }, {p}},
      {"logit", [](In a) { return logit(a * 0.5); }, {p}},
      {"erfinv", [](In a) { return erfinv(a * 0.5); }, {p}},
      {"acosh", [](In a) { return acosh(a + 1); }, {p}},
      {"log2", [](In a) { return log2(a); }, {p}},
      {"log10", [](In a) { return log10(a); }, {p}},
      {"lgamma", [](In a) { return lgamma(a); }, {p}},
      {"digamma", [](In a) { return digamma(a); }, {p}},
      {"logit, with bounds", [](In a) { return logit(a, 0.2).square(); }, {distinct({2, 3})}},
      {"lgamma, below 0", [](In a) { return lgamma(a * 0.5 - 1); }, {p}},
      {"polygamma", [](In a) { return polygamma(0, a) + polygamma(1, a) + polygamma(3, a); }, {p}},
      {"atan2", [](In a, In b) { return atan2(a, b); }, {x, q}},
      {"hypot", [](In a, In b) { return hypot(a, b); }, {p, v}},
      {"xlogy", [](In a, In b) { return xlogy(a, b); }, {x, q}},
      {"xlog1py", [](In a, In b) { return xlog1py(a, b); }, {x, q}},
      {"xlogy", [](In a) { return xlogy(a, 1.5).square(); }, {x}},
      {"xlogy", [](In a) { return xlogy(1.5, a); }, {p}},
      {"xlog1py", [](In a) { return xlog1py(a, 1.5).square(); }, {x}},
      {"xlog1py", [](In a) { return xlog1py(1.5, a); }, {p}},
      {"logaddexp", [](In a, In b) { return logaddexp(a, b); }, {x, v}},
      {"logaddexp2", [](In a, In b) { return logaddexp2(a, b); }, {x, y}},
  };
}

static Rows arithmetic_rows() {
  const Tensor x = normal({2, 3}), y = normal({2, 3}), v = normal({3});
  const Tensor p = positive({2, 3}), q = positive({3});
  const Tensor d = distinct({2, 3}), e = distinct({2, 3}, 0.15), f = distinct({3}, 0.05);
  return {
      {"div, to the floor", [](In a, In b) { return div(a * 4, b, Rounding::floor) * a; }, {x, p}},
      {"div, to zero", [](In a) { return div(a * 4, 1.3, Rounding::trunc) * a; }, {x}},
      {"div, to no whole number", [](In a, In b) { return div(a, b, Rounding::none); }, {x, q}},
      {"div, by a number", [](In a) { return div(a, 1.3, Rounding::none); }, {x}},
      {"floor_divide", [](In a, In b) { return floor_divide(a * 4, b) * a; }, {x, q}},
      {"floor_divide", [](In a) { return floor_divide(a * 4, 1.3) * a; }, {x}},
      {"true_divide", [](In a, In b) { return true_divide(a, b); }, {x, q}},
      {"true_divide", [](In a) { return true_divide(a, 1.5).square(); }, {x}},
      {"fmod", [](In a, In b) { return fmod(a * 4, b).square(); }, {x, p}},
      {"fmod", [](In a) { return fmod(a * 4, -1.25).square(); }, {x}},
      {"rsub", [](In a, In b) { return rsub(a, b, 2).square(); }, {x, v}},
      {"rsub", [](In a) { return rsub(a, 1.5, 2).square(); }, {x}},
      {"float_power", [](In a, In b) { return float_power(a, b).to(float64); }, {p, v}},
      {"float_power", [](In a) { return float_power(a, 1.5).to(float64); }, {p}},
      {"float_power", [](In a) { return float_power(1.5, a).to(float64); }, {x}},
      {"lerp", [](In a, In b, In c) { return lerp(a, b, c).square(); }, {x, v, p}},
      {"lerp", [](In a, In b) { return lerp(a, b, 0.3).square(); }, {x, v}},
      {"lerp, from the end", [](In a, In b) { return lerp(a, b, 0.8).square(); }, {v, x}},
      {"addcmul", [](In a, In b, In c) { return addcmul(a, b, c, 2).square(); }, {v, x, p}},
      {"addcdiv", [](In a, In b, In c) { return addcdiv(a, b, c, 1.5).square(); }, {x, v, p}},
      {"clamp", [](In a, In b, In c) { return clamp(a, b - 0.5, c + 0.5).square(); }, {d, e, f}},
      {"clamp, one bound", [](In a) { return clamp(a, -0.4).square() + clamp(a, {}, 0.5); }, {d}},
      {"clamp, by one tensor",
       [](In a, In b) { return clamp(a, b, Tensor()).square() + clamp(a, Tensor(), b); },
       {d, e}},
      {"clip", [](In a, In b) { return clip(a, b, b + 0.5).square(); }, {d, e}},
      {"clamp_min", [](In a, In b) { return clamp_min(a, b).square(); }, {d, e}},
      {"clamp_max", [](In a, In b) { return clamp_max(a, b).square(); }, {d, e}},
      {"max", [](In a, In b) { return max(a, b).square(); }, {d, e}},
      {"min", [](In a, In b) { return min(a, b).square(); }, {d, e}},
      {"fmax", [](In a, In b) { return fmax(a, b).square(); }, {d, e}},
      {"fmin", [](In a, In b) { return fmin(a, b).square(); }, {d, e}},
      {"Tensor::max", [](In a, In b) { return a.max(b).square(); }, {d, e}},
      {"Tensor::min", [](In a, In b) { return a.min(b).square(); }, {d, e}},
      {"Tensor::clamp", [](In a, In b) { return a.clamp(b, b + 0.5).square(); }, {d, e}},
      {"copysign", [](In a, In b) { return copysign(a, b).square() * a; }, {d, e}},
      {"copysign", [](In a) { return copysign(a, -1) * a; }, {d}},
      {"heaviside", [](In a, In b) { return heaviside(a, b) * a; }, {d, e}},
      {"heaviside, of zeros",
       [](In a, In b) { return heaviside(a - a.detach(), b).square() * a; },
       {d, e}},
      {"nextafter", [](In a, In b) { return nextafter(a, b).square(); }, {d, e}},
      {"trunc", [](In a) { return trunc(a) * a; }, {d}},
      {"fix", [](In a) { return fix(a) * a; }, {d}},
      {"frac", [](In a) { return frac(a).square(); }, {d}},
      {"round", [](In a) { return round(a, 1) * a; }, {distinct({2, 3}, 0.01)}},
      {"round, to tens", [](In a) { return round(a * 30, -1) * a; }, {d}},
      {"positive", [](In a) { return positive(a).square(); }, {x}},
      {"sgn", [](In a) { return sgn(a) * a; }, {d}},
      {"nan_to_num", [](In a) { return nan_to_num(a, 1, 2, 3).square(); }, {x}},
  };
}

static Rows activation_rows() {
  const Tensor x = normal({2, 3}), d = distinct({2, 3}), e = distinct({2, 4});
  const Tensor images = distinct({2, 3, 2, 2}), w = normal({3}), one = normal({1});
  return {
      {"hardtanh", [](In a) { return hardtanh(a, -0.7, 0.8).square(); }, {d}},
      {"relu6", [](In a) { return relu6(a).square(); }, {d}},
      {"softsign", [](In a) { return softsign(a).square(); }, {d}},
      {"hardshrink", [](In a) { return hardshrink(a).square(); }, {d}},
      {"hardsigmoid", [](In a) { return hardsigmoid(a * 3).square(); }, {d}},
      {"hardswish", [](In a) { return hardswish(a * 3); }, {d}},
      {"mish", [](In a) { return mish(a); }, {x}},
      {"logsigmoid", [](In a) { return logsigmoid(a); }, {x}},
      {"tanhshrink", [](In a) { return tanhshrink(a); }, {x}},
      {"softshrink", [](In a) { return softshrink(a, 0.3).square(); }, {d}},
      {"threshold", [](In a) { return threshold(a, 0.3, 2).square(); }, {d}},
      {"glu", [](In a) { return glu(a); }, {e}},
      {"glu, of the first dimension", [](In a) { return glu(a, 0); }, {e}},
      {"prelu", [](In a, In b) { return prelu(a, b).square(); }, {images, w}},
      {"prelu, by one weight", [](In a, In b) { return prelu(a, b).square(); }, {d, one}},
      {"rrelu", [](In a) { return rrelu(a, 0.1, 0.4).square(); }, {d}},
      {"rrelu, training",
       [](In a) {
         manual_seed(1);
         return rrelu(a, 0.1, 0.4, true).square();
       },
       {d}},
      {"softmin", [](In a) { return softmin(a, 1); }, {x}},
      {"gumbel_softmax",
       [](In a) {
         manual_seed(1);
         return gumbel_softmax(a, 0.8);
       },
       {x}},
  };
}

static Rows dropout_rows() {
  const Tensor lines = normal({2, 3, 4}), images = normal({2, 3, 2, 2}), x = normal({2, 5});
  const auto seeded = [](const char* name, Tensor (*f)(const Tensor&, double, bool), In at) {
    return Row(name,
               [f](In a) {
                 manual_seed(1);
                 return f(a, 0.4, true).square();
               },
               {at});
  };
  return {seeded("dropout1d", dropout1d, lines),
          seeded("dropout1d, of one", dropout1d, x),
          seeded("dropout2d", dropout2d, images),
          seeded("dropout3d", dropout3d, images),
          seeded("alpha_dropout", alpha_dropout, x),
          seeded("feature_alpha_dropout", feature_alpha_dropout, images)};
}

static const Family special_family(special_rows);
static const Family arithmetic_family(
    arithmetic_rows,
    {{"gives bool", {"isclose", "isinf", "isneginf", "isposinf", "logical_xor", "signbit"}},
     {"gives integers or bool",
      {"bitwise_left_shift", "bitwise_right_shift", "gcd", "lcm", "operator<<", "operator>>",
       "Tensor::bitwise_and_", "Tensor::bitwise_or_", "Tensor::bitwise_xor_",
       "Tensor::bitwise_left_shift_", "Tensor::bitwise_right_shift_", "Tensor::bitwise_not_",
       "Tensor::gcd_", "Tensor::lcm_"}},
     {"is its function, which has rows (tests/ops/function_members_test.cpp)",
      {"Tensor::tan",
       "Tensor::asin",
       "Tensor::acos",
       "Tensor::atan",
       "Tensor::sinh",
       "Tensor::cosh",
       "Tensor::asinh",
       "Tensor::acosh",
       "Tensor::atanh",
       "Tensor::exp2",
       "Tensor::log2",
       "Tensor::log10",
       "Tensor::sinc",
       "Tensor::erfc",
       "Tensor::erfinv",
       "Tensor::lgamma",
       "Tensor::digamma",
       "Tensor::deg2rad",
       "Tensor::rad2deg",
       "Tensor::trunc",
       "Tensor::fix",
       "Tensor::frac",
       "Tensor::positive",
       "Tensor::sgn",
       "Tensor::isinf",
       "Tensor::isposinf",
       "Tensor::isneginf",
       "Tensor::signbit",
       "Tensor::logit",
       "Tensor::polygamma",
       "Tensor::nan_to_num",
       "Tensor::atan2",
       "Tensor::hypot",
       "Tensor::xlogy",
       "Tensor::logaddexp",
       "Tensor::logaddexp2",
       "Tensor::fmax",
       "Tensor::fmin",
       "Tensor::copysign",
       "Tensor::heaviside",
       "Tensor::nextafter",
       "Tensor::gcd",
       "Tensor::lcm",
       "Tensor::logical_xor",
       "Tensor::fmod",
       "Tensor::floor_divide",
       "Tensor::true_divide",
       "Tensor::float_power",
       "Tensor::bitwise_left_shift",
       "Tensor::bitwise_right_shift",
       "Tensor::clip",
       "Tensor::lerp",
       "Tensor::addcmul",
       "Tensor::addcdiv",
       "Tensor::isclose"}}});
static const Family activation_family(activation_rows);
static const Family dropout_family(dropout_rows);

}  // namespace rw::test
