#pragma once
// Private to the library's sources: which nodes of ONNX an op comes to.

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <rewind/autograd/traced.h>
#include <rewind/io/onnx_graph.h>
#include <rewind/tensor/padding_mode.h>

namespace rw::onnx {

/// A tensor in the graph.
struct Value {
  std::string name;  ///< "" where the op was given no tensor
  DType dtype = DType::float32;
  Extents shape = {};

  int rank() const { return static_cast<int>(shape.size()); }
};

/// What is common to all calls of an export.
struct Exported {
  Graph graph;
  int64_t opset;
  std::string first_input;  ///< whose first dimension is the batch
  std::string batch = {};   ///< its size as a tensor of one number, where something asked for it
};

/// A call of an op that is to be written. What it was given in both runs has been brought together.
class OpCall {
 public:
  OpCall(Exported& to, const detail::TracedOp& first, const detail::TracedOp& second)
      : to_(to), first_(first), second_(second) {}

  const char* name() const { return first_.name; }
  std::vector<Value> inputs, results;
  std::vector<bool> wanted;  ///< which results somebody uses

  ///@{
  /// Name, rank and sizes of inputs and results.
  bool has(size_t i) const { return i < inputs.size() && !inputs[i].name.empty(); }
  const std::string& in(size_t i = 0) const { return inputs[i].name; }
  Names input_names() const;
  int rank(size_t i = 0) const { return inputs[i].rank(); }
  ///@}
  ///@{
  /// Options of the call. Those that the op does not tell are refused, and those that depend on the
  /// batch.
  bool knows(std::string_view option) const;
  int64_t integer(std::string_view option) const;
  Ints integers(std::string_view option) const;
  double real(std::string_view option) const;
  ///@}
  /// Whether an option is the size of the first input's dimension `dim`, whatever the batch.
  bool is_size(std::string_view option, int64_t dim) const;
  ///@{
  /// Sizes that don't depend on the batch; refuses others.
  int64_t fixed(const Extent& e) const;
  Ints fixed(const Extents& e) const;
  ///@}

  /// Appends a node of one result, and returns its name.
  std::string node(const char* op_type, Names inputs, NodeAttributes attributes = {});
  ///@{
  /// Names of tensors with these values: a number of the result's dtype, whole numbers, and any.
  std::string number(double value) { return number(value, results[0].dtype); }
  std::string number(double value, DType dtype);
  std::string ints(const Ints& values);
  std::string constant(const Tensor& t) { return to_.graph.constant(t); }
  ///@}
  /// The name of a tensor of these sizes, computed where they depend on the batch.
  std::string shape(const Extents& extents);
  /// x as a tensor of these sizes.
  std::string reshape(const std::string& x, const Extents& extents);
  /// Appends a node of so many results, and returns their names.
  Names nodes(size_t results, const char* op_type, Names inputs, NodeAttributes attributes = {});
  /// Appends a node of several results, and names these.
  void node_of_results(const char* op_type, Names inputs, NodeAttributes attributes);
  int64_t opset() const { return to_.opset; }
  /// Throws, saying why this call has no ONNX form.
  [[noreturn]] void refuse(const std::string& why) const;

 private:
  using Option = const detail::Attribute*;
  static Option find(const detail::TracedOp& op, std::string_view option);
  template <class T>
  T get(std::string_view option) const;
  std::string batch();

  Exported& to_;
  const detail::TracedOp& first_;
  const detail::TracedOp& second_;
};

/// Appends the nodes of a call, and returns the name of its first result. Further ones are named
/// by OpCall::node_of_results.
using Form = std::function<std::string(OpCall&)>;
using Forms = std::unordered_map<std::string_view, Form>;

///@{
/// Forms by names of ops: element by element, of shapes and sums, of order and indices, and of
/// layers.
const Forms& pointwise_forms();
const Forms& shape_forms();
const Forms& order_forms();
const Forms& layer_forms();
const Forms& recurrent_forms();
///@}

/// x with a border of zeros or others; `before` and `after` have a number for each dimension.
std::string padded(OpCall& c, const std::string& x, const Extents& shape, const Ints& before,
                   const Ints& after, PaddingMode mode, double value);

}  // namespace rw::onnx
