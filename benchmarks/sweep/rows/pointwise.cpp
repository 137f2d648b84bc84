#include "../rows.h"

namespace bench {
namespace {

using namespace lib;
using enum Types;

Rows pointwise() {
  const Kind e = Kind::elements;
  return {
      {"add", e, all, 2, smooth, [](In t) { return t[0] + t[1]; }},
      {"add, number", e, numbers, 1, smooth, [](In t) { return t[0] + 2; }},
      {"sub", e, numbers, 2, smooth, [](In t) { return t[0] - t[1]; }},
      {"mul", e, all, 2, smooth, [](In t) { return t[0] * t[1]; }},
      {"mul, number", e, numbers, 1, smooth, [](In t) { return t[0] * 2; }},
      {"div", e, numbers, 2, smooth, [](In t) { return t[0] / t[1]; }},
      {"pow", e, floating, 2, smooth, [](In t) { return pow(t[0], t[1]); }},
      {"pow, number", e, floating, 1, smooth, [](In t) { return pow(t[0], 1.7); }},
      {"pow, square", e, floating, 1, smooth, [](In t) { return pow(t[0], 2); }},
      {"remainder", e, numbers, 2, smooth, [](In t) { return remainder(t[0], t[1]); }},
      {"maximum", e, all, 2, smooth, [](In t) { return maximum(t[0], t[1]); }},
      {"minimum", e, all, 2, smooth, [](In t) { return minimum(t[0], t[1]); }},
      {"eq", e, all, 2, flat, [](In t) { return eq(t[0], t[1]); }},
      {"ne, number", e, all, 1, flat, [](In t) { return ne(t[0], 1); }},
      {"lt", e, all, 2, flat, [](In t) { return lt(t[0], t[1]); }},
      {"le", e, numbers, 2, flat, [](In t) { return le(t[0], t[1]); }},
      {"gt, number", e, numbers, 1, flat, [](In t) { return gt(t[0], 1); }},
      {"ge", e, numbers, 2, flat, [](In t) { return ge(t[0], t[1]); }},
      {"logical_not", e, all, 1, flat, [](In t) { return logical_inverse(t[0]); }},
      {"logical_and", e, all, 2, flat, [](In t) { return logical_and(t[0], t[1]); }},
      {"logical_or", e, all, 2, flat, [](In t) { return logical_or(t[0], t[1]); }},
      {"bitwise_and", e, integers, 2, flat, [](In t) { return bitwise_and(t[0], t[1]); }},
      {"bitwise_or", e, integers, 2, flat, [](In t) { return bitwise_or(t[0], t[1]); }},
      {"bitwise_xor", e, integers, 2, flat, [](In t) { return bitwise_xor(t[0], t[1]); }},
      {"bitwise_not", e, integers, 1, flat, [](In t) { return bitwise_not(t[0]); }},
      {"isnan", e, numbers, 1, flat, [](In t) { return isnan(t[0]); }},
      {"isfinite", e, numbers, 1, flat, [](In t) { return isfinite(t[0]); }},
      {"where", e, numbers, 3, smooth, [](In t) { return where(t[2] > 1, t[0], t[1]); }},
      {"clamp", e, numbers, 1, smooth, [](In t) { return clamp(t[0], 1, 2); }},
      {"clamp_min", e, numbers, 1, smooth, [](In t) { return clamp_min(t[0], 1); }},
      {"clamp_max", e, numbers, 1, smooth, [](In t) { return clamp_max(t[0], 1); }},
      {"abs", e, numbers, 1, smooth, [](In t) { return abs(t[0]); }},
      {"neg", e, numbers, 1, smooth, [](In t) { return neg(t[0]); }},
      {"sign", e, numbers, 1, smooth, [](In t) { return sign(t[0]); }},
      {"square", e, numbers, 1, smooth, [](In t) { return square(t[0]); }},
      {"sqrt", e, floating, 1, smooth, [](In t) { return sqrt(t[0]); }},
      {"rsqrt", e, floating, 1, smooth, [](In t) { return rsqrt(t[0]); }},
      {"reciprocal", e, floating, 1, smooth, [](In t) { return reciprocal(t[0]); }},
      {"exp", e, floating, 1, smooth, [](In t) { return exp(t[0]); }},
      {"expm1", e, floating, 1, smooth, [](In t) { return expm1(t[0]); }},
      {"log", e, floating, 1, smooth, [](In t) { return log(t[0]); }},
      {"log1p", e, floating, 1, smooth, [](In t) { return log1p(t[0]); }},
      {"sin", e, floating, 1, smooth, [](In t) { return sin(t[0]); }},
      {"cos", e, floating, 1, smooth, [](In t) { return cos(t[0]); }},
      {"erf", e, floating, 1, smooth, [](In t) { return erf(t[0]); }},
      {"floor", e, floating, 1, smooth, [](In t) { return floor(t[0]); }},
      {"ceil", e, floating, 1, smooth, [](In t) { return ceil(t[0]); }},
      {"round", e, floating, 1, smooth, [](In t) { return round(t[0]); }},
      {"tanh", e, floating, 1, smooth, [](In t) { return tanh(t[0]); }},
      {"sigmoid", e, floating, 1, smooth, [](In t) { return sigmoid(t[0]); }},
      {"relu", e, numbers, 1, smooth, [](In t) { return relu(t[0]); }},
      {"leaky_relu", e, floating, 1, smooth, [](In t) { return leaky_relu(t[0], 0.1); }},
      {"gelu", e, floating, 1, smooth, [](In t) { return gelu(t[0]); }},
      {"gelu, tanh", e, floating, 1, smooth, [](In t) { return gelu_by_tanh(t[0]); }},
      {"elu", e, floating, 1, smooth, [](In t) { return elu(t[0], 0.5); }},
      {"celu", e, floating, 1, smooth, [](In t) { return celu(t[0], 0.5); }},
      {"selu", e, floating, 1, smooth, [](In t) { return selu(t[0]); }},
      {"silu", e, floating, 1, smooth, [](In t) { return silu(t[0]); }},
      {"softplus", e, floating, 1, smooth, [](In t) { return softplus(t[0]); }},
      {"to, float32", e, all, 1, flat, [](In t) { return t[0].to(f32); }},
      {"to, float64", e, all, 1, flat, [](In t) { return t[0].to(f64); }},
      {"to, bfloat16", e, all, 1, flat, [](In t) { return t[0].to(bf16); }},
      {"to, int64", e, all, 1, flat, [](In t) { return t[0].to(i64); }},
      {"to, bool", e, all, 1, flat, [](In t) { return t[0].to(b8); }},
      {"clone", e, all, 1, smooth, [](In t) { return t[0].clone(); }},
      {"contiguous", e, all, 1, smooth, [](In t) { return t[0].contiguous(); }},
      {"dropout", e, floating, 1, smooth, [](In t) { return dropout(t[0], 0.3, true); }},
  };
}

const Family family(pointwise);

}  // namespace
}  // namespace bench
