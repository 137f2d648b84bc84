#include <rewind/io/onnx_forms.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/from.h>

namespace rw::onnx {

OpCall::Option OpCall::find(const detail::TracedOp& op, std::string_view option) {
  for (const detail::Attribute& a : op.attributes)
    if (a.name == option) return &a;
  return nullptr;
}

template <class T>
T OpCall::get(std::string_view option) const {
  const Option a = find(first_, option), b = find(second_, option);
  if (!a || !b) refuse(fmt::format("its {} is not told", option));
  if (a->value != b->value) refuse(fmt::format("its {} depends on the size of the batch", option));
  return std::get<T>(a->value);
}

bool OpCall::knows(std::string_view option) const { return find(first_, option) != nullptr; }
int64_t OpCall::integer(std::string_view option) const { return get<int64_t>(option); }
Ints OpCall::integers(std::string_view option) const { return get<Ints>(option); }
double OpCall::real(std::string_view option) const { return get<double>(option); }

bool OpCall::is_size(std::string_view option, int64_t dim) const {
  const auto in = [&](const detail::TracedOp& op) {
    const Option a = find(op, option);
    return a && std::get<int64_t>(a->value) == op.inputs[0].tensor.size(dim);
  };
  return in(first_) && in(second_);
}

int64_t OpCall::fixed(const Extent& e) const {
  if (!e.is_fixed()) refuse("a size that it goes by depends on the size of the batch");
  return e.constant;
}
Ints OpCall::fixed(const Extents& extents) const {
  Ints sizes;
  for (const Extent& e : extents) sizes.push_back(fixed(e));
  return sizes;
}

std::string OpCall::node(const char* op_type, Names inputs, NodeAttributes attributes) {
  std::string result = to_.graph.unused(name());
  to_.graph.node(op_type, std::move(inputs), {result}, std::move(attributes));
  return result;
}

Names OpCall::input_names() const {
  Names names;
  for (const Value& v : inputs) names.push_back(v.name);
  return names;
}

Names OpCall::nodes(size_t count, const char* op_type, Names inputs, NodeAttributes attributes) {
  Names names;
  for (size_t i = 0; i < count; ++i) names.push_back(to_.graph.unused(name()));
  to_.graph.node(op_type, std::move(inputs), names, std::move(attributes));
  return names;
}

void OpCall::node_of_results(const char* op_type, Names inputs, NodeAttributes attributes) {
  Names names = nodes(results.size(), op_type, std::move(inputs), std::move(attributes));
  for (size_t i = 0; i < results.size(); ++i) results[i].name = std::move(names[i]);
}

std::string OpCall::number(double value, DType dtype) {
  return constant(full({}, value, float64).to(dtype));
}
std::string OpCall::ints(const Ints& values) { return constant(from(values)); }

std::string OpCall::batch() {
  if (to_.batch.empty())
    to_.batch = node("Gather", {node("Shape", {to_.first_input}), ints({0})}, {{"axis", 0}});
  return to_.batch;
}

std::string OpCall::shape(const Extents& extents) {
  Names parts;
  Ints known;
  const auto flush = [&] {
    if (!known.empty()) parts.push_back(ints(known));
    known.clear();
  };
  for (const Extent& e : extents) {
    if (e.is_fixed()) {
      known.push_back(e.constant);
      continue;
    }
    flush();
    // Two runs can't tell products of the batch with itself from its multiples, which are rarely
    // made smaller by a constant.
    if (e.factor < 1 || (e.factor > 1 && e.constant < 0))
      refuse("a size depends on the size of the batch, and not by a factor");
    std::string size = batch();
    if (e.factor != 1) size = node("Mul", {size, ints({e.factor})});
    if (e.constant != 0) size = node("Add", {size, ints({e.constant})});
    parts.push_back(size);
  }
  if (parts.empty()) return ints(known);
  flush();
  return parts.size() == 1 ? parts[0] : node("Concat", parts, {{"axis", 0}});
}

// One size may be left open.
std::string OpCall::reshape(const std::string& x, const Extents& extents) {
  Ints sizes;
  int open = 0;
  for (const Extent& e : extents) {
    sizes.push_back(e.is_fixed() ? e.constant : -1);
    open += !e.is_fixed();
  }
  return node("Reshape", {x, open <= 1 ? ints(sizes) : shape(extents)}, {{"allowzero", open == 0}});
}

void OpCall::refuse(const std::string& why) const {
  const auto& given = first_.inputs;
  const Shape shape =
      given.empty() || !given[0].tensor.defined() ? Shape() : given[0].tensor.shape();
  fail("export_model: '{}' of an input of shape {} has no ONNX form: {}", name(), shape, why);
}

}  // namespace rw::onnx
