#include <rewind/io/onnx_graph.h>

#include <limits>

#include <rewind/io/tensor_bytes.h>
#include <rewind/tensor/check.h>

namespace rw::onnx {

namespace {

// Numbers of fields and of kinds of attributes, from onnx.proto.
namespace field {
enum Node : uint32_t { input = 1, output = 2, node_name = 3, op_type = 4, attribute = 5 };
enum Attribute : uint32_t {
  name = 1,
  real = 2,
  integer = 3,
  string = 4,
  integers = 8,
  strings = 9,
  type = 20
};
enum Tensor : uint32_t { dims = 1, data_type = 2, tensor_name = 8, raw_data = 9, doc = 12 };
enum Graph : uint32_t { node = 1, graph_name = 2, initializer = 5, graph_input = 11, result = 12 };
enum Model : uint32_t { ir_version = 1, producer_name = 2, graph = 7, opset_import = 8 };
}  // namespace field
enum AttributeType : int64_t {
  float_type = 1,
  int_type = 2,
  string_type = 3,
  ints_type = 7,
  strings_type = 8
};

Message message_of(const NodeAttribute& a) {
  Message m;
  m.bytes(field::name, a.name);
  if (const auto* i = std::get_if<int64_t>(&a.value))
    m.number(field::integer, *i).number(field::type, int_type);
  else if (const auto* r = std::get_if<double>(&a.value))
    m.real(field::real, static_cast<float>(*r)).number(field::type, float_type);
  else if (const auto* s = std::get_if<std::string>(&a.value))
    m.bytes(field::string, *s).number(field::type, string_type);
  else if (const auto* texts = std::get_if<Names>(&a.value)) {
    for (const std::string& text : *texts) m.bytes(field::strings, text);
    m.number(field::type, strings_type);
  } else {
    for (const int64_t n : std::get<Ints>(a.value)) m.number(field::integers, n);
    m.number(field::type, ints_type);
  }
  return m;
}

// A ValueInfoProto: name, and a type, of a tensor, of an element type and a shape.
Message value_info(const std::string& name, DType dtype, const Extents& extents) {
  Message shape;
  for (const Extent& e : extents) {
    Message dim;
    if (e.is_fixed()) dim.number(1, e.constant);
    if (e.is_batch()) dim.bytes(2, "batch");
    shape.message(1, dim);
  }
  Message tensor;
  tensor.number(1, onnx_dtype("export_model", dtype)).message(2, shape);
  return Message().bytes(1, name).message(2, Message().message(1, tensor));
}

}  // namespace

int32_t onnx_dtype(const char* op, DType dtype) {
  switch (dtype) {
    case DType::float32:
      return 1;
    case DType::uint8:
      return 2;
    case DType::int8:
      return 3;
    case DType::int16:
      return 5;
    case DType::int32:
      return 6;
    case DType::int64:
      return 7;
    case DType::boolean:
      return 9;
    case DType::float16:
      return 10;
    case DType::float64:
      return 11;
    case DType::bfloat16:
      return 16;
    default:
      fail<DTypeError>("{}: ONNX has no {}", op, dtype);
  }
}

std::string bytes_of(const Tensor& t) { return std::string(io::bytes_of(t.detach().contiguous())); }

void Graph::node(const char* op_type, Names inputs, Names outputs, NodeAttributes attributes) {
  nodes_.push_back({op_type, std::move(inputs), std::move(outputs), std::move(attributes)});
}

bool Graph::rename(const std::string& from, const std::string& to) {
  bool made = false;
  for (Node& node : nodes_) {
    for (std::string& name : node.inputs)
      if (name == from) name = to;
    for (std::string& name : node.outputs) {
      if (name != from) continue;
      name = to;
      made = true;
    }
  }
  return made;
}

Message Graph::message_of(const Node& node, int64_t number) {
  Message m;
  for (const std::string& name : node.inputs) m.bytes(field::input, name);
  for (const std::string& name : node.outputs) m.bytes(field::output, name);
  m.bytes(field::node_name, std::string(node.op_type) + '_' + std::to_string(number));
  m.bytes(field::op_type, node.op_type);
  for (const NodeAttribute& a : node.attributes) m.message(field::attribute, onnx::message_of(a));
  return m;
}

void Graph::input(const std::string& name, DType dtype, const Extents& shape) {
  tensors_.message(field::graph_input, value_info(name, dtype, shape));
}
void Graph::output(const std::string& name, DType dtype, const Extents& shape) {
  tensors_.message(field::result, value_info(name, dtype, shape));
}

void Graph::initializer(const std::string& name, const Tensor& t, const char* note) {
  Message m;
  for (const int64_t n : t.shape()) m.number(field::dims, n);
  m.number(field::data_type, onnx_dtype("export_model", t.dtype()));
  m.bytes(field::tensor_name, name).bytes(field::raw_data, bytes_of(t));
  if (*note) m.bytes(field::doc, note);
  tensors_.message(field::initializer, m);
}

std::string Graph::constant(const Tensor& t) {
  const auto [place, is_new] = constants_.try_emplace(
      {t.dtype(), Ints(t.shape().begin(), t.shape().end()), bytes_of(t)}, std::string());
  if (is_new) initializer(place->second = unused("constant"), t, "constant");
  return place->second;
}

std::string Graph::unused(std::string_view name) {
  const auto place = names_.find(name);
  if (place == names_.end()) {
    names_.emplace(name, 0);
    return std::string(name);
  }
  std::string numbered;
  do numbered = std::string(name) + '_' + std::to_string(++place->second);
  while (names_.contains(numbered));
  names_.emplace(numbered, 0);
  return numbered;
}

std::string Graph::model(const char* op, int64_t opset) const {
  Message graph = tensors_;
  int64_t number = 0;
  for (const Node& node : nodes_) graph.message(field::node, message_of(node, number++));
  graph.bytes(field::graph_name, "model");
  constexpr size_t most = std::numeric_limits<int32_t>::max() - 1000;  // and what stands around it
  check<IOError>(graph.str().size() < most,
                 "{}: expected a model of less than 2 GB, the most that protobuf holds, got {} "
                 "bytes; convert it with model.to(float16), or export its parts",
                 op, graph.str().size());
  return Message()
      .number(field::ir_version, 8)
      .bytes(field::producer_name, "rewind")
      .message(field::graph, graph)
      .message(field::opset_import, Message().bytes(1, "").number(2, opset))
      .str();
}

}  // namespace rw::onnx
