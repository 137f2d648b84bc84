#pragma once
// Private to the library's sources: a graph as ONNX files have it, and their bytes.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <rewind/io/protobuf.h>
#include <rewind/tensor/tensor.h>

namespace rw::onnx {

using io::detail::Message;
using Ints = std::vector<int64_t>;
using Names = std::vector<std::string>;

/// An attribute of a node.
struct NodeAttribute {
  NodeAttribute(const char* n, int v) : name(n), value(int64_t{v}) {}
  NodeAttribute(const char* n, int64_t v) : name(n), value(v) {}
  NodeAttribute(const char* n, double v) : name(n), value(v) {}
  NodeAttribute(const char* n, Ints v) : name(n), value(std::move(v)) {}
  NodeAttribute(const char* n, const char* v) : name(n), value(std::string(v)) {}
  NodeAttribute(const char* n, std::vector<std::string> v) : name(n), value(std::move(v)) {}

  const char* name;
  std::variant<int64_t, double, Ints, std::string, std::vector<std::string>> value;
};
using NodeAttributes = std::vector<NodeAttribute>;

/// Size of a dimension, which may depend on the batch: factor * batch + constant.
struct Extent {
  int64_t constant = 0;
  int64_t factor = 0;

  bool is_fixed() const { return factor == 0; }
  bool is_batch() const { return factor == 1 && constant == 0; }
};
using Extents = std::vector<Extent>;

/// A graph that nodes are appended to, each after what it takes.
class Graph {
 public:
  /// Appends a node.
  void node(const char* op_type, Names inputs, Names outputs, NodeAttributes attributes);
  /// Gives what a node has made another name; whether one has made it.
  bool rename(const std::string& from, const std::string& to);
  ///@{
  /// Declares an input or result.
  void input(const std::string& name, DType dtype, const Extents& shape);
  void output(const std::string& name, DType dtype, const Extents& shape);
  ///@}
  /// Stores the tensor under this name, with a note what it is, if it is no parameter.
  void initializer(const std::string& name, const Tensor& t, const char* note = "");
  /// The name of a stored tensor of these values; those that are the same are stored once.
  std::string constant(const Tensor& t);
  /// A name that nothing has yet: this one, or with a number behind it.
  std::string unused(std::string_view name);

  /// The bytes of a file. Throws IOError beyond the 2 GB that these may have.
  std::string model(const char* op, int64_t opset) const;

 private:
  struct Node {
    const char* op_type;
    Names inputs, outputs;
    NodeAttributes attributes;
  };
  static Message message_of(const Node& node, int64_t number);

  std::vector<Node> nodes_;
  Message tensors_;  // initializers, inputs and results, as fields of the graph
  std::map<std::string, int64_t, std::less<>> names_;  // with the numbers that are taken behind
  std::map<std::tuple<DType, Ints, std::string>, std::string> constants_;
};

/// The number of an element type in ONNX. Throws DTypeError, whose message begins with `op`, where
/// it has none.
int32_t onnx_dtype(const char* op, DType dtype);
/// Its elements, row-major.
std::string bytes_of(const Tensor& t);

}  // namespace rw::onnx
