// Forms of what goes by order and by index: scans, sorting, places of extremes, gathering.

#include <limits>

#include <rewind/io/onnx_forms.h>

namespace rw::onnx {

namespace {

std::string cumsum(OpCall& c) {
  if (c.rank() == 0) return c.in();
  return c.node("CumSum", {c.in(), c.number(static_cast<double>(c.integer("dim")), int64)},
                {{"reverse", c.integer("from_end")}});
}

// --- Order --------------------------------------------------------------------------------------

// The first `count` values along dim in order, and their places.
Names ordered(OpCall& c, const std::string& count, bool descending, bool sorted = true) {
  if (c.rank() == 0) c.refuse("it has no dimension");
  if (c.inputs[0].dtype == boolean) c.refuse("ONNX has no order of truth values");
  return c.nodes(
      2, "TopK", {c.in(), count},
      {{"axis", c.integer("dim")}, {"largest", int64_t{descending}}, {"sorted", int64_t{sorted}}});
}
// All of them.
Names sorted(OpCall& c) {
  const auto d = static_cast<size_t>(c.integer("dim"));
  return ordered(c, c.rank() ? c.shape({c.inputs[0].shape[d]}) : "", c.integer("descending") != 0);
}
// The names of both results.
std::string both(OpCall& c, const Names& names) {
  for (size_t i = 0; i < names.size(); ++i) c.results[i].name = names[i];
  return names[0];
}

std::string sort(OpCall& c) { return both(c, sorted(c)); }
std::string argsort(OpCall& c) { return sorted(c)[1]; }
std::string topk(OpCall& c) {
  return both(
      c, ordered(c, c.ints({c.integer("k")}), c.integer("largest") != 0, c.integer("sorted") != 0));
}

// The value of number k in order.
std::string at_place(OpCall& c, int64_t k) {
  Names all = ordered(c, c.ints({k + 1}), false);
  const std::string place =
      c.integer("keepdim") ? c.ints({k}) : c.number(static_cast<double>(k), int64);
  for (std::string& name : all)
    name = c.node("Gather", {name, place}, {{"axis", c.integer("dim")}});
  return both(c, all);
}
std::string kthvalue(OpCall& c) { return at_place(c, c.integer("k")); }
std::string median(OpCall& c) {
  if (!c.knows("dim")) c.refuse("it has no dimension");
  const auto d = static_cast<size_t>(c.integer("dim"));
  return at_place(c, (c.fixed(c.inputs[0].shape.at(d)) - 1) / 2);
}

Form place_of(const char* op_type) {
  return [op_type](OpCall& c) {
    if (c.rank() == 0) c.refuse("it has no dimension");
    return c.node(op_type, {c.in()},
                  {{"axis", c.integer("dim")}, {"keepdims", c.integer("keepdim")}});
  };
}

// --- Another order ------------------------------------------------------------------------------

std::string flip(OpCall& c) {
  const Ints dims = c.integers("dims");
  if (dims.empty() || c.rank() == 0) return c.in();
  const Ints last(dims.size(), -1), end(dims.size(), std::numeric_limits<int64_t>::min());
  return c.node("Slice", {c.in(), c.ints(last), c.ints(end), c.ints(dims), c.ints(last)});
}

// The last ones of each dimension to its front.
std::string roll(OpCall& c) {
  const Ints moves = c.integers("moves");
  std::string y = c.in();
  for (size_t d = 0; d < moves.size(); ++d) {
    if (moves[d] == 0) continue;
    const auto axis = static_cast<int64_t>(d);
    const auto part = [&](int64_t first, int64_t last) {
      return c.node("Slice", {y, c.ints({first}), c.ints({last}), c.ints({axis})});
    };
    const int64_t end = std::numeric_limits<int64_t>::max();
    y = c.node("Concat", {part(-moves[d], end), part(0, -moves[d])}, {{"axis", axis}});
  }
  return y;
}

// --- By index -----------------------------------------------------------------------------------

// ONNX takes indices of two types.
std::string index_of(OpCall& c, size_t i) {
  const DType dtype = c.inputs[i].dtype;
  if (dtype == int32 || dtype == int64) return c.in(i);
  return c.node("Cast", {c.in(i)}, {{"to", onnx_dtype("export_model", int64)}});
}
Form gather_by(const char* op_type) {
  return [op_type](OpCall& c) {
    return c.node(op_type, {c.in(0), index_of(c, 1)}, {{"axis", c.integer("dim")}});
  };
}

Form triangle(bool upper) {
  return [upper](OpCall& c) {
    return c.node("Trilu", {c.in(), c.number(static_cast<double>(c.integer("diagonal")), int64)},
                  {{"upper", int64_t{upper}}});
  };
}

}  // namespace

const Forms& order_forms() {
  static const Forms forms = {
      {"cumsum", cumsum},
      {"sort", sort},
      {"argsort", argsort},
      {"topk", topk},
      {"kthvalue", kthvalue},
      {"median", median},
      {"argmax", place_of("ArgMax")},
      {"argmin", place_of("ArgMin")},
      {"flip", flip},
      {"roll", roll},
      {"gather", gather_by("GatherElements")},
      {"index_select", gather_by("Gather")},
      {"tril", triangle(false)},
      {"triu", triangle(true)},
  };
  return forms;
}

}  // namespace rw::onnx
