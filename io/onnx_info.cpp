// What an ONNX file has, without its numbers (https://onnx.ai, onnx.proto3).

#include <optional>

#include <rewind/io/inspect_parts.h>
#include <rewind/io/protobuf.h>
#include <rewind/io/utf8.h>
#include <rewind/tensor/check.h>

namespace rw::io {

namespace {

using detail::Fields;

template <class F>
void each_field(const std::string& where, std::string_view message, const F& f) {
  for (Fields field(where, message); field.next();) f(field);
}

std::string text(const std::string& where, std::string_view bytes) {
  check<IOError>(first_no_character(bytes) == bytes.npos, "{}: a name is not UTF-8", where);
  return std::string(bytes);
}

// TensorProto.DataType, and what an element takes; 0 where that is not known.
struct ElementType {
  const char* name;
  uint64_t bytes;
};
ElementType element_type(int64_t type) {
  static constexpr ElementType types[] = {
      {"undefined", 0},   {"float32", 4}, {"uint8", 1},  {"int8", 1},   {"uint16", 2},
      {"int16", 2},       {"int32", 4},   {"int64", 8},  {"string", 0}, {"bool", 1},
      {"float16", 2},     {"float64", 8}, {"uint32", 4}, {"uint64", 8}, {"complex64", 8},
      {"complex128", 16}, {"bfloat16", 2}};
  const auto place = static_cast<uint64_t>(type);
  return place < std::size(types) ? types[place] : ElementType{"unknown", 0};
}

TensorInfo tensor_proto(const std::string& where, std::string_view message) {
  TensorInfo info;
  ElementType type = element_type(0);
  each_field(where, message, [&](const Fields& field) {
    if (field.number() == 1) field.append_to(info.shape);
    if (field.number() == 2) type = element_type(field.integer());
    if (field.number() == 8) info.name = text(where, field.bytes());
  });
  for (const int64_t size : info.shape) check<IOError>(size >= 0, "{}: a size is negative", where);
  info.dtype = type.name;
  info.bytes = elements_of(info.shape).value_or(0) * type.bytes;
  return info;
}

// "float32 [batch, 3, 224, 224]", of TypeProto.
std::string value_type(const std::string& where, std::string_view message) {
  std::string type = "no tensor", sizes;
  const auto dimension = [&](std::string_view dim) {
    std::string size = "?";
    each_field(where, dim, [&](const Fields& field) {
      if (field.number() == 1) size = std::to_string(field.integer());
      if (field.number() == 2) size = text(where, field.bytes());
    });
    sizes += (sizes.empty() ? "" : ", ") + size;
  };
  each_field(where, message, [&](const Fields& tensor) {
    if (tensor.number() != 1) return;
    each_field(where, tensor.bytes(), [&](const Fields& field) {
      if (field.number() == 1) type = element_type(field.integer()).name;
      if (field.number() != 2) return;
      each_field(where, field.bytes(), [&](const Fields& dim) { dimension(dim.bytes()); });
    });
  });
  return fmt::format("{} [{}]", type, sizes);
}

// Two fields of a message as texts: a name or key, and what belongs to it.
std::pair<std::string, std::string_view> name_and(const std::string& where,
                                                  std::string_view message) {
  std::pair<std::string, std::string_view> both;
  each_field(where, message, [&](const Fields& field) {
    if (field.number() == 1) both.first = text(where, field.bytes());
    if (field.number() == 2) both.second = field.bytes();
  });
  return both;
}

void graph(const std::string& where, std::string_view message, FileInfo& info) {
  size_t nodes = 0;
  const auto value = [&](const char* kind, std::string_view bytes) {
    const auto [name, type] = name_and(where, bytes);
    info.metadata[kind + name] = value_type(where, type);
  };
  each_field(where, message, [&](const Fields& field) {
    if (field.number() == 1) ++nodes;
    if (field.number() == 5) info.tensors.push_back(tensor_proto(where, field.bytes()));
    if (field.number() == 11) value("input ", field.bytes());
    if (field.number() == 12) value("output ", field.bytes());
  });
  info.metadata["nodes"] = std::to_string(nodes);
  // Old files have their weights among the inputs.
  for (const TensorInfo& t : info.tensors) info.metadata.erase("input " + t.name);
}

// The version of ONNX's own operators, whose domain has no name.
std::optional<int64_t> opset(const std::string& where, std::string_view message) {
  std::string_view domain;
  int64_t version = 0;
  each_field(where, message, [&](const Fields& field) {
    if (field.number() == 1) domain = field.bytes();
    if (field.number() == 2) version = field.integer();
  });
  return domain.empty() || domain == "ai.onnx" ? std::optional(version) : std::nullopt;
}

}  // namespace

FileInfo inspect_onnx(const std::string& path, std::string_view file) {
  const std::string where = path + ": no ONNX file, or damaged";
  FileInfo info = {.format = FileFormat::onnx, .tensors = {}, .metadata = {}};
  bool has_graph = false;
  each_field(where, file, [&](const Fields& field) {
    if (field.number() == 2) info.metadata["producer"] = text(where, field.bytes());
    if (field.number() == 7) graph(where, field.bytes(), info), has_graph = true;
    if (field.number() == 14) {
      const auto [key, value] = name_and(where, field.bytes());
      info.metadata[key] = text(where, value);
    }
    if (field.number() != 8) return;
    if (const auto version = opset(where, field.bytes()))
      info.metadata["opset"] = std::to_string(*version);
  });
  check<IOError>(has_graph, "{}: it has no graph", where);
  return info;
}

}  // namespace rw::io
