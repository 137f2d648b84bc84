#pragma once
// ONNX files that are made field by field, by the numbers of onnx.proto.

#include <string>
#include <string_view>
#include <vector>

#include <rewind/io/onnx.h>
#include <rewind/io/onnx_file.h>
#include <rewind/io/protobuf.h>
#include <rewind/rewind.h>

namespace rw::test::made {

using io::detail::Message;

inline Message attribute(const std::string& name, int64_t value) {
  return Message().bytes(1, name).number(3, value).number(20, 2);
}
inline Message attribute(const std::string& name, float value) {
  return Message().bytes(1, name).real(2, value).number(20, 1);
}
inline Message attribute(const std::string& name, const char* value) {
  return Message().bytes(1, name).bytes(4, value).number(20, 3);
}
inline Message attribute(const std::string& name, const std::vector<int64_t>& values) {
  Message m = Message().bytes(1, name).number(20, 7);
  for (const int64_t n : values) m.number(8, n);
  return m;
}
inline Message attribute(const std::string& name, const std::vector<std::string>& values) {
  Message m = Message().bytes(1, name).number(20, 8);
  for (const std::string& text : values) m.bytes(9, text);
  return m;
}
inline Message node(const std::string& op_type, const std::vector<std::string>& inputs,
                    const std::vector<std::string>& outputs,
                    const std::vector<Message>& attributes = {}, const std::string& domain = "") {
  Message m;
  for (const std::string& name : inputs) m.bytes(1, name);
  for (const std::string& name : outputs) m.bytes(2, name);
  m.bytes(4, op_type);
  for (const Message& a : attributes) m.message(5, a);
  if (!domain.empty()) m.bytes(7, domain);
  return m;
}

inline std::string_view raw(const Tensor& t) {
  return {static_cast<const char*>(t.raw_data()), t.nbytes()};
}
constexpr int64_t type_float = 1, type_int64 = 7;
/// ONNX's number of a type.
inline int64_t type_of(DType dtype) {
  int64_t type = 1;
  while (onnx::dtype_of_onnx(type) != dtype) ++type;
  return type;
}
inline Message tensor(const std::string& name, const Tensor& t) {
  Message m;
  for (const int64_t n : t.shape()) m.number(1, n);
  return m.number(2, type_of(t.dtype())).bytes(8, name).bytes(9, raw(t));
}

inline Message value(const std::string& name, int64_t type = type_float) {
  return Message().bytes(1, name).message(2, Message().message(1, Message().number(1, type)));
}

struct Made {
  std::vector<Message> nodes;
  std::vector<Message> tensors = {};
  std::vector<Message> inputs = {value("x")};
  std::vector<Message> outputs = {value("y")};
  int64_t opset = 17;

  std::string bytes() const {
    Message graph;
    for (const Message& n : nodes) graph.message(1, n);
    for (const Message& t : tensors) graph.message(5, t);
    for (const Message& v : inputs) graph.message(11, v);
    for (const Message& v : outputs) graph.message(12, v);
    return Message()
        .number(1, 8)
        .message(7, graph)
        .message(8, Message().bytes(1, "").number(2, opset))
        .str();
  }
};

inline std::string refusal(const std::string& bytes) {
  try {
    onnx::decode_model(bytes);
  } catch (const IOError& e) {
    return e.what();
  }
  return "";
}
inline std::string refusal(const Made& m) { return refusal(m.bytes()); }

/// A file of one node and its inputs, those that are undefined left out.
inline Made one(const std::string& op_type, const std::vector<Tensor>& inputs,
                const std::vector<Message>& attributes = {}, int64_t opset = 17,
                size_t results = 1) {
  Made m{.nodes = {}, .inputs = {}, .outputs = {}, .opset = opset};
  std::vector<std::string> names, made;
  for (const Tensor& t : inputs) {
    names.push_back(t.defined() ? "x" + std::to_string(names.size()) : "");
    if (t.defined()) m.inputs.push_back(value(names.back(), type_of(t.dtype())));
  }
  for (size_t i = 0; i < results; ++i) {
    made.push_back("y" + std::to_string(i));
    m.outputs.push_back(value(made.back()));
  }
  m.nodes.push_back(node(op_type, names, made, attributes));
  return m;
}
/// What such a node computes.
inline Tensor result(const std::string& op_type, const std::vector<Tensor>& inputs,
                     const std::vector<Message>& attributes = {}, int64_t opset = 17) {
  std::vector<Tensor> given;
  for (const Tensor& t : inputs)
    if (t.defined()) given.push_back(t);
  return onnx::decode_model(one(op_type, inputs, attributes, opset).bytes())(given)[0];
}

}  // namespace rw::test::made
