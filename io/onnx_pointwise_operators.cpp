#include <cmath>

#include <rewind/io/onnx_operators.h>
#include <rewind/ops/activation.h>
#include <rewind/ops/arithmetic.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/predicates.h>
#include <rewind/ops/special.h>
#include <rewind/tensor/factories.h>

namespace rw::onnx {

namespace {

// Of one tensor, whose memory may be used.
template <class F>
auto of_one(F f) {
  return [f](Node&) -> Step { return [f](Arguments& in) -> Tensor { return f(in.take(0)); }; };
}
// Of one tensor and a number.
template <class F>
auto with(const char* attribute, double otherwise, F f) {
  return [=](Node& n) -> Step {
    return
        [f, a = n.real(attribute, otherwise)](Arguments& in) -> Tensor { return f(in.take(0), a); };
  };
}
// Of two tensors.
template <class F>
auto of_two(F f) {
  return [f](Node&) -> Step { return [f](Arguments& in) -> Tensor { return f(in[0], in[1]); }; };
}
// Of any number of tensors, two by two.
template <class F>
Tensor joined(const Arguments& in, F f) {
  Tensor y = in[0];
  for (size_t i = 1; i < in.size(); ++i) y = f(y, in[i]);
  return y;
}
template <class F>
auto of_many(F f) {
  return [f](Node&) -> Step { return [f](Arguments& in) { return joined(in, f); }; };
}
Step mean_of_many(Node&) {
  return [](Arguments& in) {
    const auto sum = [](const Tensor& a, const Tensor& b) { return a + b; };
    return joined(in, sum) / static_cast<double>(in.size());
  };
}

// Whole numbers stay whole, cut off towards zero.
Tensor quotient(const Tensor& a, const Tensor& b) {
  return is_floating(a.dtype()) ? div(a, b) : div(a, b, Rounding::trunc);
}

Step modulus(Node& n) {
  const bool sign_of_dividend = n.integer("fmod", 0) != 0;
  return [=](Arguments& in) {
    return sign_of_dividend ? fmod(in[0], in[1]) : remainder(in[0], in[1]);
  };
}

// Before version 11 by attributes.
Step clip(Node& n) {
  using Bound = std::optional<double>;
  constexpr double greatest = std::numeric_limits<float>::max();
  const double least = n.opset() < 11 ? n.real("min", -greatest) : 0,
               most = n.opset() < 11 ? n.real("max", greatest) : 0;
  if (n.opset() < 11) return [=](Arguments& in) { return clamp(in[0], Bound(least), Bound(most)); };
  return [](Arguments& in) {
    Tensor y = in[0];
    if (!is_floating(y.dtype())) {
      if (in.has(1)) y = maximum(y, in[1]);
      return in.has(2) ? minimum(y, in[2]) : y;
    }
    const Bound low = in.has(1) ? Bound(in[1].item<double>()) : Bound(),
                high = in.has(2) ? Bound(in[2].item<double>()) : Bound();
    return low || high ? clamp(y, low, high) : y;
  };
}

Step hard_sigmoid(Node& n) {
  const double alpha = n.real("alpha", 0.2), beta = n.real("beta", 0.5);
  return [=](Arguments& in) { return clamp(in[0] * alpha + beta, 0.0, 1.0); };
}

Step selu_of(Node& n) {
  const double alpha = n.real("alpha", 1.67326319217681884765625),
               gamma = n.real("gamma", 1.05070102214813232421875);
  return [=](Arguments& in) { return elu(in.take(0), alpha) * gamma; };
}

Step gelu_of(Node& n) {
  const std::string form = n.text("approximate", "none");
  if (form != "none" && form != "tanh") n.refuse("its approximate is '" + form + "'");
  const Gelu which = form == "tanh" ? Gelu::tanh : Gelu::exact;
  return [=](Arguments& in) { return gelu(in.take(0), which); };
}

Step shrink(Node& n) {
  const double lambd = n.real("lambd", 0.5), bias = n.real("bias", 0);
  return [=](Arguments& in) {
    const Tensor& x = in[0];
    return where(x < -lambd, x + bias, where(x > lambd, x - bias, zeros_like(x)));
  };
}

Step is_infinite(Node& n) {
  const bool negative = n.integer("detect_negative", 1) != 0,
             positive = n.integer("detect_positive", 1) != 0;
  return [=](Arguments& in) {
    const Tensor& x = in[0];
    if (negative && positive) return isinf(x);
    if (negative) return isneginf(x);
    return positive ? isposinf(x) : zeros_like(x, {.dtype = boolean});
  };
}

Step shifted_bits(Node& n) {
  const std::string direction = n.text("direction", "");
  if (direction != "LEFT" && direction != "RIGHT")
    n.refuse("its direction is '" + direction + "', expected LEFT or RIGHT");
  return [left = direction == "LEFT"](Arguments& in) {
    return left ? bitwise_left_shift(in[0], in[1]) : bitwise_right_shift(in[0], in[1]);
  };
}

Step cast(Node& n) {
  n.integer("saturate", 1);  // of numbers of 8 bits, which there are none of
  return [dtype = n.dtype("to")](Arguments& in) { return in[0].to(dtype); };
}

// Multiplies by the slope where x is negative.
Tensor prelu_of(const Tensor& x, const Tensor& slope) { return where(x > 0, x, x * slope); }

}  // namespace

#define OF_ONE(f) of_one([](Tensor&& x) { return f(std::move(x)); })
#define OF_TWO(f) of_two([](const Tensor& a, const Tensor& b) { return f(a, b); })
#define OF_MANY(f) of_many([](const Tensor& a, const Tensor& b) { return f(a, b); })

const Operators& pointwise_operators() {
  static const Operators operators = {
      {"Abs", {1, 1, OF_ONE(abs)}},
      {"Neg", {1, 1, OF_ONE(neg)}},
      {"Sign", {9, 1, OF_ONE(sign)}},
      {"Floor", {1, 1, OF_ONE(floor)}},
      {"Ceil", {1, 1, OF_ONE(ceil)}},
      {"Round", {11, 1, OF_ONE(round)}},
      {"Reciprocal", {1, 1, OF_ONE(reciprocal)}},
      {"Sqrt", {1, 1, OF_ONE(sqrt)}},
      {"Exp", {1, 1, OF_ONE(exp)}},
      {"Log", {1, 1, OF_ONE(log)}},
      {"Erf", {9, 1, OF_ONE(erf)}},
      {"Sin", {7, 1, OF_ONE(sin)}},
      {"Cos", {7, 1, OF_ONE(cos)}},
      {"Tan", {7, 1, OF_ONE(tan)}},
      {"Asin", {7, 1, OF_ONE(asin)}},
      {"Acos", {7, 1, OF_ONE(acos)}},
      {"Atan", {7, 1, OF_ONE(atan)}},
      {"Sinh", {9, 1, OF_ONE(sinh)}},
      {"Cosh", {9, 1, OF_ONE(cosh)}},
      {"Asinh", {9, 1, OF_ONE(asinh)}},
      {"Acosh", {9, 1, OF_ONE(acosh)}},
      {"Atanh", {9, 1, OF_ONE(atanh)}},
      {"Sigmoid", {1, 1, OF_ONE(sigmoid)}},
      {"Tanh", {1, 1, OF_ONE(tanh)}},
      {"Relu", {1, 1, OF_ONE(relu)}},
      {"Softplus", {1, 1, OF_ONE(softplus)}},
      {"Softsign", {1, 1, OF_ONE(softsign)}},
      {"HardSwish", {14, 1, OF_ONE(hardswish)}},
      {"Mish", {18, 1, OF_ONE(mish)}},
      {"Not", {1, 1, OF_ONE(logical_not)}},
      {"BitwiseNot", {18, 1, OF_ONE(bitwise_not)}},
      {"IsNaN", {9, 1, OF_ONE(isnan)}},
      {"Identity", {1, 1, of_one([](Tensor&& x) { return x; })}},
      {"LeakyRelu",
       {1, 1,
        with("alpha", 0.01, [](Tensor&& x, double a) { return leaky_relu(std::move(x), a); })}},
      {"Elu", {1, 1, with("alpha", 1, [](Tensor&& x, double a) { return elu(std::move(x), a); })}},
      {"Celu",
       {12, 1, with("alpha", 1, [](Tensor&& x, double a) { return celu(std::move(x), a); })}},
      {"ThresholdedRelu",
       {10, 1,
        with("alpha", 1, [](Tensor&& x, double a) { return threshold(std::move(x), a, 0); })}},
      {"Selu", {1, 1, selu_of}},
      {"Gelu", {20, 1, gelu_of}},
      {"HardSigmoid", {1, 1, hard_sigmoid}},
      {"Shrink", {9, 1, shrink}},
      {"Clip", {1, {1, 3}, clip}},
      {"IsInf", {10, 1, is_infinite}},
      {"Cast", {1, 1, cast}},
      {"CastLike",
       {15, 2,
        [](Node& n) {
          n.integer("saturate", 1);
          return [](Arguments& in) { return in[0].to(in[1].dtype()); };
        }}},
      {"PRelu", {1, 2, OF_TWO(prelu_of)}},
      {"Add", {7, 2, OF_TWO(add)}},
      {"Sub", {7, 2, OF_TWO(sub)}},
      {"Mul", {7, 2, OF_TWO(mul)}},
      {"Div", {7, 2, OF_TWO(quotient)}},
      {"Pow",
       {7, 2, of_two([](const Tensor& a, const Tensor& b) { return pow(a, b).to(a.dtype()); })}},
      {"Mod", {10, 2, modulus}},
      {"Equal", {7, 2, OF_TWO(eq)}},
      {"Less", {7, 2, OF_TWO(lt)}},
      {"LessOrEqual", {12, 2, OF_TWO(le)}},
      {"Greater", {7, 2, OF_TWO(gt)}},
      {"GreaterOrEqual", {12, 2, OF_TWO(ge)}},
      {"And", {7, 2, OF_TWO(logical_and)}},
      {"Or", {7, 2, OF_TWO(logical_or)}},
      {"Xor", {7, 2, OF_TWO(logical_xor)}},
      {"BitwiseAnd", {18, 2, OF_TWO(bitwise_and)}},
      {"BitwiseOr", {18, 2, OF_TWO(bitwise_or)}},
      {"BitwiseXor", {18, 2, OF_TWO(bitwise_xor)}},
      {"BitShift", {11, 2, shifted_bits}},
      {"Where",
       {9, 3, [](Node&) { return [](Arguments& in) { return where(in[0], in[1], in[2]); }; }}},
      {"Max", {8, {1, Count::any}, OF_MANY(maximum)}},
      {"Min", {8, {1, Count::any}, OF_MANY(minimum)}},
      {"Sum", {8, {1, Count::any}, OF_MANY(add)}},
      {"Mean", {8, {1, Count::any}, mean_of_many}},
  };
  return operators;
}

}  // namespace rw::onnx
