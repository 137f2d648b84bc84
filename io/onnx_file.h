#pragma once
// Private to the library's sources: what an ONNX file says, as it stands there.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <rewind/tensor/tensor.h>

namespace rw::onnx {

/// A tensor. Its numbers are the bytes, or one of the lists, or in another file.
struct StoredTensor {
  std::string name;
  int64_t type = 0;  ///< by ONNX's number
  std::vector<int64_t> dims;
  std::optional<std::string_view> raw;  ///< in the file
  std::vector<int64_t> integers;
  std::vector<double> reals;
  bool is_elsewhere = false;
  std::string location;  ///< of the other file, from the folder of this one
  int64_t offset = 0, length = -1;
  std::string note;  ///< its doc_string
};

/// What a node is told beside its inputs. Graphs, and what else there is no use for here, have no
/// value.
struct StoredAttribute {
  using Value = std::variant<std::monostate, int64_t, double, std::string, std::vector<int64_t>,
                             std::vector<double>, std::vector<std::string>, StoredTensor>;
  std::string name;
  Value value = {};
};

/// A call of an operator.
struct StoredNode {
  std::string name, op_type, domain;
  std::vector<std::string> inputs, outputs;  ///< "" where one is left out
  std::vector<StoredAttribute> attributes;

  /// How messages name it.
  std::string label() const;
};

/// An input or result of the graph.
struct StoredValue {
  static constexpr int64_t open = -1;  ///< a dimension of any size

  std::string name;
  int64_t type = 0;  ///< 0 where it is no tensor
  std::optional<std::vector<int64_t>> dims = {};
};

/// All of a file.
struct StoredModel {
  int64_t opset = 0;
  std::vector<StoredNode> nodes;
  std::vector<StoredTensor> tensors;
  std::vector<StoredValue> inputs, outputs;
};

/// Reads the bytes of a file, which have to stay as long as the result. Throws IOError, whose
/// message begins with `where`, for what is no ONNX file.
StoredModel parse_model(const std::string& where, std::string_view bytes);
/// The same of a file of one tensor.
StoredTensor parse_tensor(const std::string& where, std::string_view bytes);

/// The version that an entry of a file names of the operators of ONNX itself; none where it is
/// about others.
std::optional<int64_t> parse_opset(const std::string& where, std::string_view bytes);

/// The element type of this number in ONNX; none where there is none here.
std::optional<DType> dtype_of_onnx(int64_t type);
/// The bytes of a number of this type; 0 where that is not known.
size_t size_of_onnx_type(int64_t type);
/// What ONNX calls it.
std::string name_of_onnx_type(int64_t type);

/// The tensor, in memory of its own. `folder` is that of the file, where others may lie; "" where
/// there is none. Throws IOError unless the numbers are those of the shape.
Tensor load_tensor(const std::string& where, const StoredTensor& stored, const std::string& folder);

}  // namespace rw::onnx
