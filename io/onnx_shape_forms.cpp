#include <algorithm>
#include <limits>
#include <numeric>

#include <rewind/io/onnx_forms.h>

namespace rw::onnx {

namespace {

std::string unchanged(OpCall& c) { return c.in(); }

// The shape is that of the result, whatever the op is called.
std::string reshaped(OpCall& c) { return c.reshape(c.in(), c.results[0].shape); }

std::string cast(OpCall& c) {
  return c.node("Cast", {c.in()}, {{"to", onnx_dtype("export_model", c.results[0].dtype)}});
}

std::string expand(OpCall& c) { return c.node("Expand", {c.in(), c.shape(c.results[0].shape)}); }

Ints identity(int rank) {
  Ints order(static_cast<size_t>(rank));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

std::string transpose(OpCall& c) {
  Ints order = identity(c.rank());
  if (order.empty()) return c.in();
  std::swap(order[static_cast<size_t>(c.integer("a"))], order[static_cast<size_t>(c.integer("b"))]);
  return c.node("Transpose", {c.in()}, {{"perm", order}});
}

std::string permute(OpCall& c) {
  const Ints inverse = c.integers("inverse");
  Ints order = inverse;
  for (size_t d = 0; d < inverse.size(); ++d)
    order[static_cast<size_t>(inverse[d])] = static_cast<int64_t>(d);
  return c.node("Transpose", {c.in()}, {{"perm", order}});
}

std::string index(OpCall& c, int64_t i) {
  return c.node("Gather", {c.in(), c.number(static_cast<double>(i), int64)},
                {{"axis", c.integer("dim")}});
}
std::string select(OpCall& c) { return index(c, c.integer("index")); }
std::string unbind(OpCall& c) {
  for (size_t i = 0; i < c.results.size(); ++i)
    c.results[i].name = index(c, static_cast<int64_t>(i));
  return c.results[0].name;
}

// A slice to the end of a dimension goes to the end of any batch.
std::string slice(OpCall& c) {
  const int64_t dim = c.integer("dim");
  const int64_t stop =
      c.is_size("stop", dim) ? std::numeric_limits<int64_t>::max() : c.integer("stop");
  return c.node("Slice", {c.in(), c.ints({c.integer("start")}), c.ints({stop}), c.ints({dim}),
                          c.ints({c.integer("step")})});
}

std::string split(OpCall& c) {
  c.node_of_results("Split", {c.in(), c.ints(c.integers("sizes"))}, {{"axis", c.integer("dim")}});
  return c.results[0].name;
}

// What is joined has the result's dtype.
Names joined(OpCall& c) {
  Names names = c.input_names();
  const DType dtype = c.results[0].dtype;
  for (size_t i = 0; i < names.size(); ++i)
    if (c.inputs[i].dtype != dtype)
      names[i] = c.node("Cast", {names[i]}, {{"to", onnx_dtype("export_model", dtype)}});
  return names;
}
std::string cat(OpCall& c) { return c.node("Concat", joined(c), {{"axis", c.integer("dim")}}); }
std::string stack(OpCall& c) {
  Names pieces = joined(c);
  for (std::string& name : pieces) name = c.node("Unsqueeze", {name, c.ints({c.integer("dim")})});
  return c.node("Concat", pieces, {{"axis", c.integer("dim")}});
}

// Of opset 18 on, axes are an input of all reductions; before, of ReduceSum alone.
Form reduction(const char* op_type) {
  const bool is_sum = std::string_view(op_type) == "ReduceSum";
  return [=](OpCall& c) {
    const Ints dims = c.integers("dims");
    const NodeAttribute keepdims = {"keepdims", c.integer("keepdim")};
    if (c.rank() == 0) return c.in();
    if (is_sum || c.opset() >= 18) return c.node(op_type, {c.in(), c.ints(dims)}, {keepdims});
    return c.node(op_type, {c.in()}, {{"axes", dims}, keepdims});
  };
}

// A greatest or least value along a dimension, and where it is.
Form extreme(const char* op_type, const char* place) {
  return [=, values = reduction(op_type)](OpCall& c) {
    if (c.results.size() > 1 && c.wanted[1])
      c.results[1].name = c.node(
          place, {c.in()}, {{"axis", c.integers("dims")[0]}, {"keepdims", c.integer("keepdim")}});
    return values(c);
  };
}

// sum (x - mean x)^2 / (n - correction)
std::string variance(OpCall& c) {
  const Ints dims = c.integers("dims");
  if (c.rank() == 0) c.refuse("it has no dimension");
  double count = 1;
  for (const int64_t d : dims)
    count *= static_cast<double>(c.fixed(c.inputs[0].shape[static_cast<size_t>(d)]));
  const std::string axes = c.ints(dims);
  const std::string sum = c.node("ReduceSum", {c.in(), axes}, {{"keepdims", 1}});
  const std::string rest = c.node("Sub", {c.in(), c.node("Div", {sum, c.number(count)})});
  const std::string squares = c.node("ReduceSum", {c.node("Mul", {rest, rest}), axes},
                                     {{"keepdims", c.integer("keepdim")}});
  return c.node("Div", {squares, c.number(std::max(count - c.real("correction"), 0.0))});
}
std::string deviation(OpCall& c) { return c.node("Sqrt", {variance(c)}); }

std::string pad(OpCall& c) {
  const Ints padding = c.integers("padding");
  const auto rank = static_cast<size_t>(c.rank());
  Ints before(rank), after(rank);
  for (size_t i = 0; i < padding.size(); ++i)
    (i % 2 ? after : before)[rank - 1 - i / 2] = padding[i];
  return padded(c, c.in(), c.inputs[0].shape, before, after,
                static_cast<PaddingMode>(c.integer("mode")), c.real("value"));
}

// --- Products -----------------------------------------------------------------------------------

std::string transposed_if(OpCall& c, size_t i, const char* option) {
  const int rank = c.rank(i);
  if (c.integer(option) == 0 || rank < 2) return c.in(i);
  Ints order = identity(rank);
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  return c.node("Transpose", {c.in(i)}, {{"perm", order}});
}

std::string product(OpCall& c) {
  if (c.rank(0) == 2 && c.rank(1) == 2 && is_floating(c.results[0].dtype)) {
    Names operands = {c.in(0), c.in(1)};
    if (c.has(2)) operands.push_back(c.in(2));
    return c.node("Gemm", operands,
                  {{"transA", c.integer("a_transposed")}, {"transB", c.integer("b_transposed")}});
  }
  const std::string y =
      c.node("MatMul", {transposed_if(c, 0, "a_transposed"), transposed_if(c, 1, "b_transposed")});
  return c.has(2) ? c.node("Add", {y, c.in(2)}) : y;
}

// One dimension's border, taken from the opposite side.
std::string wrapped(OpCall& c, const std::string& x, int64_t axis, int64_t size, int64_t before,
                    int64_t after) {
  const auto part = [&](int64_t first, int64_t last) {
    return c.node("Slice", {x, c.ints({first}), c.ints({last}), c.ints({axis})});
  };
  Names parts = {x};
  if (before > 0) parts.insert(parts.begin(), part(size - before, size));
  if (after > 0) parts.push_back(part(0, after));
  return parts.size() == 1 ? x : c.node("Concat", parts, {{"axis", axis}});
}

}  // namespace

std::string padded(OpCall& c, const std::string& x, const Extents& shape, const Ints& before,
                   const Ints& after, PaddingMode mode, double value) {
  if (mode == PaddingMode::circular) {
    std::string y = x;
    for (size_t d = 0; d < before.size(); ++d)
      if (before[d] || after[d])
        y = wrapped(c, y, static_cast<int64_t>(d), c.fixed(shape[d]), before[d], after[d]);
    return y;
  }
  Ints pads = before;
  pads.insert(pads.end(), after.begin(), after.end());
  const char* name = mode == PaddingMode::zeros     ? "constant"
                     : mode == PaddingMode::reflect ? "reflect"
                                                    : "edge";
  Names given = {x, c.ints(pads)};
  if (mode == PaddingMode::zeros) given.push_back(c.number(value));
  return c.node("Pad", given, {{"mode", name}});
}

const Forms& shape_forms() {
  static const Forms forms = {
      {"clone", unchanged},
      {"contiguous", unchanged},
      {"to", cast},
      {"view", reshaped},
      {"reshape", reshaped},
      {"squeeze", reshaped},
      {"unsqueeze", reshaped},
      {"expand", expand},
      {"transpose", transpose},
      {"permute", permute},
      {"select", select},
      {"unbind", unbind},
      {"slice", slice},
      {"split", split},
      {"cat", cat},
      {"stack", stack},
      {"pad", pad},
      {"sum", reduction("ReduceSum")},
      {"mean", reduction("ReduceMean")},
      {"amax", reduction("ReduceMax")},
      {"max", extreme("ReduceMax", "ArgMax")},
      {"amin", reduction("ReduceMin")},
      {"min", extreme("ReduceMin", "ArgMin")},
      {"prod", reduction("ReduceProd")},
      {"var", variance},
      {"std", deviation},
      {"logsumexp", reduction("ReduceLogSumExp")},
      {"linear", product},
      {"matmul", product},
      {"mm", product},
      {"bmm", product},
  };
  return forms;
}

}  // namespace rw::onnx
