#include <cmath>

#include <rewind/io/onnx_forms.h>

namespace rw::onnx {

namespace {

// A node of ONNX that takes what the op takes.
Form same(const char* op_type) {
  return [op_type](OpCall& c) { return c.node(op_type, c.input_names()); };
}

// Of two operands, the second of which may be a number.
Form of_two(const char* op_type) {
  return [op_type](OpCall& c) {
    return c.node(op_type, {c.in(0), c.has(1) ? c.in(1) : c.number(c.real("other"))});
  };
}
// The same the other way round.
Form number_and(const char* op_type) {
  return [op_type](OpCall& c) { return c.node(op_type, {c.number(c.real("other")), c.in()}); };
}

// With a number of the op as an attribute.
Form with(const char* op_type, const char* attribute) {
  return [=](OpCall& c) { return c.node(op_type, {c.in()}, {{attribute, c.real("a")}}); };
}

std::string clip(OpCall& c) {
  const double least = c.real("a"), most = c.real("b");
  return c.node("Clip", {c.in(), std::isinf(least) ? "" : c.number(least),
                         std::isinf(most) ? "" : c.number(most)});
}

// x (1 + erf(x / sqrt 2)) / 2
std::string gelu(OpCall& c) {
  const std::string e = c.node("Erf", {c.node("Mul", {c.in(), c.number(std::sqrt(0.5))})});
  const std::string half = c.node("Mul", {c.in(), c.number(0.5)});
  return c.node("Mul", {half, c.node("Add", {e, c.number(1)})});
}

// x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2
std::string gelu_tanh(OpCall& c) {
  const std::string square = c.node("Mul", {c.in(), c.in()});
  const std::string factor =
      c.node("Add", {c.node("Mul", {square, c.number(0.044715)}), c.number(1)});
  const std::string inner = c.node("Mul", {c.in(), c.number(0.7978845608028654)});
  const std::string t = c.node("Tanh", {c.node("Mul", {inner, factor})});
  const std::string half = c.node("Mul", {c.in(), c.number(0.5)});
  return c.node("Mul", {half, c.node("Add", {t, c.number(1)})});
}

// log(1 + exp(beta x)) / beta. ONNX has no threshold; beyond PyTorch's, of 20 by default, the two
// differ by less than 3e-9.
std::string softplus(OpCall& c) {
  const double beta = c.real("a");
  if (c.real("b") < 15) c.refuse("its threshold is below 15");
  if (beta == 1) return c.node("Softplus", {c.in()});
  const std::string y = c.node("Softplus", {c.node("Mul", {c.in(), c.number(beta)})});
  return c.node("Div", {y, c.number(beta)});
}

std::string threshold(OpCall& c) {
  const std::string above = c.node("Greater", {c.in(), c.number(c.real("a"))});
  return c.node("Where", {above, c.in(), c.number(c.real("b"))});
}

// The halves of x along dim; a sigmoid(b).
std::string glu(OpCall& c) {
  int64_t dim = c.integer("dim");
  if (dim < 0) dim += c.rank();
  const int64_t half = c.fixed(c.results[0].shape[static_cast<size_t>(dim)]);
  const auto part = [&](int64_t first) {
    return c.node("Slice", {c.in(), c.ints({first}), c.ints({first + half}), c.ints({dim})});
  };
  return c.node("Mul", {part(0), c.node("Sigmoid", {part(half)})});
}

// The names of PyTorch whose functions ONNX has under its own.
constexpr std::pair<const char*, const char*> renamed[] = {
    {"relu", "Relu"},         {"relu_", "Relu"},
    {"sigmoid", "Sigmoid"},   {"tanh", "Tanh"},
    {"exp", "Exp"},           {"log", "Log"},
    {"sqrt", "Sqrt"},         {"reciprocal", "Reciprocal"},
    {"abs", "Abs"},           {"neg", "Neg"},
    {"sign", "Sign"},         {"floor", "Floor"},
    {"ceil", "Ceil"},         {"round", "Round"},
    {"erf", "Erf"},           {"sin", "Sin"},
    {"cos", "Cos"},           {"tan", "Tan"},
    {"asin", "Asin"},         {"acos", "Acos"},
    {"atan", "Atan"},         {"sinh", "Sinh"},
    {"cosh", "Cosh"},         {"asinh", "Asinh"},
    {"acosh", "Acosh"},       {"atanh", "Atanh"},
    {"softsign", "Softsign"}, {"hardswish", "HardSwish"},
    {"prelu", "PRelu"},       {"maximum", "Max"},
    {"minimum", "Min"},       {"eq", "Equal"},
    {"lt", "Less"},           {"le", "LessOrEqual"},
    {"gt", "Greater"},        {"ge", "GreaterOrEqual"},
    {"logical_and", "And"},   {"logical_or", "Or"},
    {"where", "Where"},       {"selu", "Selu"},
};

Forms make_forms() {
  Forms forms = {
      {"add", of_two("Add")},
      {"sub", of_two("Sub")},
      {"mul", of_two("Mul")},
      {"div", of_two("Div")},
      {"pow", of_two("Pow")},
      {"rsub", number_and("Sub")},
      {"rdiv", number_and("Div")},
      {"leaky_relu", with("LeakyRelu", "alpha")},
      {"celu", with("Celu", "alpha")},
      {"elu", with("Elu", "alpha")},
      {"hardtanh", clip},
      {"relu6", clip},
      {"clamp", clip},
      {"gelu", gelu},
      {"gelu_tanh", gelu_tanh},
      {"softplus", softplus},
      {"threshold", threshold},
      {"glu", glu},
      {"square",
       [](OpCall& c) {
         return c.node("Mul", {c.in(), c.in()});
       }},
      {"rsqrt", [](OpCall& c) { return c.node("Reciprocal", {c.node("Sqrt", {c.in()})}); }},
      {"expm1",
       [](OpCall& c) {
         return c.node("Sub", {c.node("Exp", {c.in()}), c.number(1)});
       }},
      {"log1p",
       [](OpCall& c) {
         return c.node("Log", {c.node("Add", {c.in(), c.number(1)})});
       }},
      {"silu",
       [](OpCall& c) {
         return c.node("Mul", {c.in(), c.node("Sigmoid", {c.in()})});
       }},
      {"mish",
       [](OpCall& c) {
         return c.node("Mul", {c.in(), c.node("Tanh", {c.node("Softplus", {c.in()})})});
       }},
      {"logsigmoid",
       [](OpCall& c) { return c.node("Neg", {c.node("Softplus", {c.node("Neg", {c.in()})})}); }},
      {"hardsigmoid",
       [](OpCall& c) {
         return c.node("HardSigmoid", {c.in()}, {{"alpha", 1 / 6.0}, {"beta", 0.5}});
       }},
      {"ne",
       [](OpCall& c) {
         return c.node("Not", {c.node("Equal", {c.in(0), c.in(1)})});
       }},
      {"masked_fill",
       [](OpCall& c) {
         return c.node("Where", {c.in(1), c.number(c.real("value")), c.in(0)});
       }},
  };
  for (const auto& [name, op_type] : renamed) forms.emplace(name, same(op_type));
  return forms;
}

}  // namespace

const Forms& pointwise_forms() {
  static const Forms forms = make_forms();
  return forms;
}

}  // namespace rw::onnx
