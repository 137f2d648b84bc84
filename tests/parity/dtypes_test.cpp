// Every dtype and every pair of them against PyTorch, whose answers dtypes.py stored.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

using In = const Tensor&;

const std::map<std::string, std::function<Tensor(In)>> unary = {
#define REWIND_CALL(f)            \
  {                               \
#f, [](In x) { return f(x); } \
  }
    REWIND_CALL(abs),
    REWIND_CALL(neg),
    REWIND_CALL(sign),
    REWIND_CALL(square),
    REWIND_CALL(sqrt),
    REWIND_CALL(rsqrt),
    REWIND_CALL(reciprocal),
    REWIND_CALL(exp),
    REWIND_CALL(expm1),
    REWIND_CALL(log),
    REWIND_CALL(log1p),
    REWIND_CALL(sin),
    REWIND_CALL(cos),
    REWIND_CALL(erf),
    REWIND_CALL(floor),
    REWIND_CALL(ceil),
    REWIND_CALL(round),
    REWIND_CALL(tanh),
    REWIND_CALL(sigmoid),
    REWIND_CALL(relu),
    REWIND_CALL(isnan),
    REWIND_CALL(isfinite),
    REWIND_CALL(logical_not),
    REWIND_CALL(bitwise_not),
    REWIND_CALL(sum),
    REWIND_CALL(prod),
    REWIND_CALL(mean),
    REWIND_CALL(var),
    REWIND_CALL(amax),
    REWIND_CALL(amin),
    REWIND_CALL(argmax),
    REWIND_CALL(argmin),
    REWIND_CALL(any),
    REWIND_CALL(all),
    REWIND_CALL(nonzero),
    REWIND_CALL(leaky_relu),
    REWIND_CALL(silu),
    REWIND_CALL(gelu),
    REWIND_CALL(softplus),
    REWIND_CALL(zeros_like),
#undef REWIND_CALL
    {"std", [](In x) { return x.std(); }},
    {"clone", [](In x) { return x.clone(); }},
    {"softmax", [](In x) { return softmax(x, 0); }},
    {"log_softmax", [](In x) { return log_softmax(x, 0); }},
    {"logsumexp", [](In x) { return logsumexp(x, 0); }},
    {"clamp", [](In x) { return clamp(x, 0, 2); }},
    {"tril",
     [](In x) {
       return tril(x.view({2, 3}));
     }},
    {"pad",
     [](In x) {
       return pad(x, {1, 2});
     }},
    {"layer_norm", [](In x) { return layer_norm(x, {6}); }},
    {"max_pool2d",
     [](In x) {
       return max_pool2d(x.view({1, 2, 3}), 2, {.stride = 1});
     }},
    {"avg_pool2d",
     [](In x) {
       return avg_pool2d(x.view({1, 2, 3}), 2, {.stride = 1});
     }},
    {"full_like", [](In x) { return full_like(x, 1); }},
};

const std::map<std::string, std::function<Tensor(In, In)>> binary = {
#define REWIND_CALL(f)                     \
  {                                        \
#f, [](In x, In y) { return f(x, y); } \
  }
    REWIND_CALL(add),         REWIND_CALL(sub),       REWIND_CALL(mul),
    REWIND_CALL(div),         REWIND_CALL(pow),       REWIND_CALL(maximum),
    REWIND_CALL(minimum),     REWIND_CALL(remainder), REWIND_CALL(eq),
    REWIND_CALL(lt),          REWIND_CALL(ge),        REWIND_CALL(bitwise_and),
    REWIND_CALL(bitwise_xor), REWIND_CALL(matmul),    REWIND_CALL(logical_and),
#undef REWIND_CALL
};

const std::map<std::string, std::function<Tensor(In, Scalar)>> with_scalar = {
#define REWIND_CALL(f)                         \
  {                                            \
#f, [](In x, Scalar s) { return f(x, s); } \
  }
    REWIND_CALL(add), REWIND_CALL(sub),       REWIND_CALL(mul), REWIND_CALL(div),
    REWIND_CALL(pow), REWIND_CALL(remainder), REWIND_CALL(eq),  REWIND_CALL(lt),
#undef REWIND_CALL
};

DType dtype_named(const std::string& wanted) {
  for (const DType d : all_dtypes)
    if (name(d) == wanted) return d;
  throw Error("no dtype " + wanted);
}

Scalar scalar_of(const std::string& kind) {
  if (kind == "bool") return true;
  return kind == "int" ? Scalar(3) : Scalar(0.5);
}

// As in dtypes.py.
Tensor numbers(DType dtype, bool second = false) {
  using Values = std::vector<double>;
  if (dtype == boolean)
    return from(second ? Values{1, 1, 1, 1, 0, 1} : Values{1, 0, 1, 1, 0, 0}).to(boolean);
  if (dtype == uint8)
    return from(second ? Values{2, 1, 3, 200, 5, 4} : Values{0, 1, 2, 3, 7, 250}).to(uint8);
  if (is_integer(dtype))
    return from(second ? Values{2, -1, 3, 1, -2, 4} : Values{-3, -1, 0, 1, 2, 5}).to(dtype);
  return from(second ? Values{1, 2, -0.5, 4, 0.25, -3} : Values{-2, -0.5, 0, 0.75, 1, 3}).to(dtype);
}

struct Line {
  std::string kind, op;
  std::vector<std::string> arguments, result;
};

std::vector<Line> stored() {
  std::ifstream file(REWIND_PARITY_DTYPES);
  if (!file) throw IOError("parity: cannot read " REWIND_PARITY_DTYPES);
  std::vector<Line> all;
  for (std::string text; std::getline(file, text);) {
    if (text.starts_with('#')) continue;
    std::istringstream words(text);
    Line line;
    words >> line.kind >> line.op;
    std::string word;
    while (words >> word && word != "->") line.arguments.push_back(word);
    while (words >> word) line.result.push_back(word);
    all.push_back(line);
  }
  return all;
}

Tensor call(const Line& line) {
  const DType first = dtype_named(line.arguments[0]);
  const Tensor x = numbers(first);
  if (line.kind == "unary") return unary.at(line.op)(x);
  if (line.kind == "scalar") return with_scalar.at(line.op)(x, scalar_of(line.arguments[1]));
  if (line.kind == "index") {
    const Tensor table = arange(12, float32).view({6, 2});
    const Tensor index = first == boolean ? x : clamp(abs(x), 0, 5);
    return line.op == "index" ? table.index({index}) : index_select(table, 0, index);
  }
  const DType second = dtype_named(line.arguments[1]);
  if (line.kind == "cast") return (is_floating(first) ? abs(x) : x).to(second);
  return binary.at(line.op)(x, numbers(second, true));
}

std::string words(const std::vector<std::string>& list) {
  std::string s;
  for (const std::string& w : list) s += " " + w;
  return s;
}

bool near(double got, double wanted, DType dtype) {
  if (std::isnan(wanted)) return std::isnan(got);
  const double eps = is_floating(dtype) ? 4 * epsilon(dtype == float64 ? float32 : dtype) : 0;
  return got == wanted || std::abs(got - wanted) <= eps * std::max(1.0, std::abs(wanted));
}

// Where the two are meant to differ. Any integer is an index, but uint8, which PyTorch takes for a
// mask, and masks select as well. Activations of integers and the place of a bool's greatest are
// defined, and C++'s true is a number.
bool differs(const Line& line) {
  const DType first = dtype_named(line.arguments[0]);
  if (line.op == "index") return first == uint8 || first == int16 || first == int8;
  if (line.op == "argmax" || line.op == "argmin") return first == boolean;
  if (line.kind == "scalar" && line.arguments[1] == "bool")
    return line.op == "sub" || (line.op == "pow" && first == boolean);
  const std::string activations[] = {"leaky_relu", "silu", "gelu", "softplus"};
  if (std::count(std::begin(activations), std::end(activations), line.op))
    return !is_floating(first);
  return line.op == "index_select" && is_integer(first);
}

void check_line(const Line& line) {
  const std::string what = line.kind + " " + line.op + words(line.arguments);
  const bool refused = line.result[0] == "refused";
  Tensor got;
  try {
    got = call(line);
  } catch (const Error& e) {
    BOOST_TEST(refused, what << ": " << e.what());
    return;
  }
  BOOST_TEST(!refused, what << " is refused by PyTorch, but gives " << got);
  if (refused) return;
  BOOST_TEST(name(got.dtype()) == line.result[0],
             what << " gives " << got.dtype() << ", in PyTorch " << line.result[0]);
  const auto values = got.to_vector<double>();
  BOOST_TEST_REQUIRE(values.size() == line.result.size() - 1, what);
  for (size_t i = 0; i < values.size(); ++i)
    BOOST_TEST(
        near(values[i], std::stod(line.result[i + 1]), got.dtype()),
        what << ": element " << i << " is " << values[i] << ", in PyTorch " << line.result[i + 1]);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_dtype_gives_what_it_gives_in_pytorch) {
  const std::vector<Line> lines = stored();
  BOOST_TEST(lines.size() > 2000);
  for (const Line& line : lines)
    if (!differs(line)) check_line(line);
}

BOOST_AUTO_TEST_CASE(promotion_is_the_same_table) {
  for (const Line& line : stored())
    if (line.op == "add" && line.kind == "binary") {
      const DType a = dtype_named(line.arguments[0]), b = dtype_named(line.arguments[1]);
      BOOST_TEST(promote_types(a, b) == dtype_named(line.result[0]), a << " and " << b);
    }
}
