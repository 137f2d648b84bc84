#include "../rows.h"

namespace bench {
namespace {

using namespace lib;
using enum Types;

Rows special() {
  const Kind e = Kind::elements;
  return {
      {"tan", e, floating, 1, smooth, [](In t) { return tan(t[0]); }},
      {"asin", e, floating, 1, smooth, [](In t) { return asin(t[0]); }},
      {"acos", e, floating, 1, smooth, [](In t) { return acos(t[0]); }},
      {"atan", e, floating, 1, smooth, [](In t) { return atan(t[0]); }},
      {"atan2", e, floating, 2, smooth, [](In t) { return atan2(t[0], t[1]); }},
      {"sinh", e, floating, 1, smooth, [](In t) { return sinh(t[0]); }},
      {"cosh", e, floating, 1, smooth, [](In t) { return cosh(t[0]); }},
      {"asinh", e, floating, 1, smooth, [](In t) { return asinh(t[0]); }},
      {"acosh", e, floating, 1, smooth, [](In t) { return acosh(t[0]); }},
      {"atanh", e, floating, 1, smooth, [](In t) { return atanh(t[0]); }},
      {"deg2rad", e, floating, 1, smooth, [](In t) { return deg2rad(t[0]); }},
      {"rad2deg", e, floating, 1, smooth, [](In t) { return rad2deg(t[0]); }},
      {"hypot", e, floating, 2, smooth, [](In t) { return hypot(t[0], t[1]); }},
      {"exp2", e, floating, 1, smooth, [](In t) { return exp2(t[0]); }},
      {"log2", e, floating, 1, smooth, [](In t) { return log2(t[0]); }},
      {"log10", e, floating, 1, smooth, [](In t) { return log10(t[0]); }},
      {"logit", e, floating, 1, smooth, [](In t) { return logit(t[0]); }},
      {"xlogy", e, floating, 2, smooth, [](In t) { return xlogy(t[0], t[1]); }},
      {"xlog1py", e, floating, 2, smooth, [](In t) { return xlog1py_of(t[0], t[1]); }},
      {"logaddexp", e, floating, 2, smooth, [](In t) { return logaddexp(t[0], t[1]); }},
      {"logaddexp2", e, floating, 2, smooth, [](In t) { return logaddexp2(t[0], t[1]); }},
      {"sinc", e, floating, 1, smooth, [](In t) { return sinc(t[0]); }},
      {"erfc", e, floating, 1, smooth, [](In t) { return erfc(t[0]); }},
      {"erfinv", e, floating, 1, smooth, [](In t) { return erfinv(t[0]); }},
      {"lgamma", e, floating, 1, smooth, [](In t) { return lgamma(t[0]); }},
      {"digamma", e, floating, 1, smooth, [](In t) { return digamma(t[0]); }},
      {"polygamma", e, floating, 1, smooth, [](In t) { return polygamma(1, t[0]); }},
  };
}

Rows arithmetic() {
  const Kind e = Kind::elements;
  return {
      {"floor_divide", e, numbers, 2, flat, [](In t) { return floor_divide(t[0], t[1] + 1); }},
      {"true_divide", e, numbers, 2, smooth, [](In t) { return true_divide(t[0], t[1]); }},
      {"fmod", e, numbers, 2, smooth, [](In t) { return fmod(t[0], t[1] + 1); }},
      {"rsub", e, numbers, 2, smooth, [](In t) { return rsub(t[0], t[1]); }},
      {"float_power", e, floating, 2, smooth, [](In t) { return float_power(t[0], t[1]); }},
      {"lerp", e, floating, 3, smooth, [](In t) { return lerp(t[0], t[1], t[2]); }},
      {"lerp, number", e, floating, 2, smooth, [](In t) { return lerp(t[0], t[1], 0.3); }},
      {"addcmul", e, numbers, 3, smooth, [](In t) { return addcmul(t[0], t[1], t[2], 2); }},
      {"addcdiv", e, floating, 3, smooth, [](In t) { return addcdiv(t[0], t[1], t[2], 2); }},
      {"clamp, tensors", e, numbers, 3, smooth, [](In t) { return clamp(t[0], t[1], t[2]); }},
      {"clip", e, numbers, 1, smooth, [](In t) { return clip(t[0], 1, 2); }},
      {"max, of two", e, numbers, 2, smooth, [](In t) { return max(t[0], t[1]); }},
      {"min, of two", e, numbers, 2, smooth, [](In t) { return min(t[0], t[1]); }},
      {"fmax", e, numbers, 2, smooth, [](In t) { return fmax(t[0], t[1]); }},
      {"fmin", e, numbers, 2, smooth, [](In t) { return fmin(t[0], t[1]); }},
      {"copysign", e, floating, 2, smooth, [](In t) { return copysign(t[0], t[1]); }},
      {"heaviside", e, numbers, 2, flat, [](In t) { return heaviside(t[0], t[1]); }},
      {"nextafter", e, floating, 2, flat, [](In t) { return nextafter_of(t[0], t[1]); }},
      {"gcd", e, integers, 2, flat, [](In t) { return gcd(t[0].to(i64), t[1].to(i64)); }},
      {"lcm", e, integers, 2, flat, [](In t) { return lcm(t[0].to(i64), t[1].to(i64)); }},
      {"bitwise_left_shift", e, integers, 2, flat,
       [](In t) { return bitwise_left_shift(t[0].to(i64), t[1].to(i64)); }},
      {"bitwise_right_shift", e, integers, 2, flat,
       [](In t) { return bitwise_right_shift(t[0].to(i64), t[1].to(i64)); }},
      {"trunc", e, floating, 1, smooth, [](In t) { return trunc(t[0]); }},
      {"fix", e, floating, 1, smooth, [](In t) { return fix(t[0]); }},
      {"frac", e, floating, 1, smooth, [](In t) { return frac(t[0]); }},
      {"round, decimals", e, floating, 1, smooth, [](In t) { return round(t[0], 2); }},
      {"positive", e, numbers, 1, flat, [](In t) { return positive(t[0]); }},
      {"sgn", e, numbers, 1, smooth, [](In t) { return sgn(t[0]); }},
      {"nan_to_num", e, floating, 1, smooth, [](In t) { return nan_to_num(t[0]); }},
      {"logical_xor", e, all, 2, flat, [](In t) { return logical_xor(t[0], t[1]); }},
      {"isinf", e, floating, 1, flat, [](In t) { return isinf(t[0]); }},
      {"isposinf", e, floating, 1, flat, [](In t) { return isposinf(t[0]); }},
      {"isneginf", e, floating, 1, flat, [](In t) { return isneginf(t[0]); }},
      {"signbit", e, numbers, 1, flat, [](In t) { return signbit(t[0]); }},
      {"isclose", e, floating, 2, flat, [](In t) { return isclose(t[0], t[1]); }},
      {"tan, in place", e, floating, 1, flat, [](In t) { return t[0].clone().tan_(); }},
      {"exp, in place", e, floating, 1, flat, [](In t) { return t[0].clone().exp_(); }},
      {"addcmul, in place", e, floating, 3, flat,
       [](In t) { return t[0].clone().addcmul_(t[1], t[2]); }},
  };
}

Rows activations() {
  const Kind e = Kind::elements;
  return {
      {"hardtanh", e, floating, 1, smooth, [](In t) { return hardtanh_of(t[0]); }},
      {"relu6", e, floating, 1, smooth, [](In t) { return relu6(t[0]); }},
      {"hardsigmoid", e, floating, 1, smooth, [](In t) { return hardsigmoid(t[0]); }},
      {"hardswish", e, floating, 1, smooth, [](In t) { return hardswish(t[0]); }},
      {"mish", e, floating, 1, smooth, [](In t) { return mish(t[0]); }},
      {"logsigmoid", e, floating, 1, smooth, [](In t) { return logsigmoid_of(t[0]); }},
      {"softsign", e, floating, 1, smooth, [](In t) { return softsign_of(t[0]); }},
      {"tanhshrink", e, floating, 1, smooth, [](In t) { return tanhshrink_of(t[0]); }},
      {"hardshrink", e, floating, 1, smooth, [](In t) { return hardshrink(t[0], 0.5); }},
      {"softshrink", e, floating, 1, smooth, [](In t) { return softshrink(t[0], 0.5); }},
      {"threshold", e, floating, 1, smooth, [](In t) { return threshold(t[0], 0.5, 1); }},
      {"glu", e, floating, 1, smooth, [](In t) { return glu(t[0], 0); }},
      {"prelu", e, floating, 2, smooth,
       [](In t) { return prelu(t[0], t[1].reshape({-1}).slice(0, 0, 1)); }},
      {"rrelu", e, floating, 1, smooth, [](In t) { return rrelu(t[0], 0.1, 0.3, true); }},
      {"softmin", e, floating, 1, smooth, [](In t) { return softmin_of(t[0]); }},
      {"gumbel_softmax", e, floating, 1, smooth, [](In t) { return gumbel_softmax_of(t[0]); }},
      {"dropout1d", Kind::images, floating, 1, smooth,
       [](In t) { return dropout1d_of(t[0].flatten(2)); }},
      {"dropout2d", Kind::images, floating, 1, smooth, [](In t) { return dropout2d_of(t[0]); }},
      {"dropout3d", Kind::images, floating, 1, smooth, [](In t) { return dropout3d_of(t[0]); }},
      {"alpha_dropout", e, floating, 1, smooth,
       [](In t) { return alpha_dropout(t[0], 0.3, true); }},
      {"feature_alpha_dropout", Kind::images, floating, 1, smooth,
       [](In t) { return feature_alpha_dropout(t[0], 0.3, true); }},
  };
}

const Family special_family(special), arithmetic_family(arithmetic), activation_family(activations);

}  // namespace
}  // namespace bench
