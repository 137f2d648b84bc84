// What an ONNX file has, without its numbers (https://onnx.ai, onnx.proto3).

#include <optional>

#include <rewind/io/inspect_parts.h>
#include <rewind/io/onnx_file.h>
#include <rewind/io/protobuf.h>
#include <rewind/tensor/check.h>

namespace rw::io {

namespace {

using detail::Fields, detail::text_of;

template <class F>
void each_field(const std::string& where, std::string_view message, const F& f) {
  for (Fields field(where, message); field.next();) f(field);
}

TensorInfo tensor_proto(const std::string& where, std::string_view message) {
  TensorInfo info;
  int64_t type = 0;
  each_field(where, message, [&](const Fields& field) {
    if (field.number() == 1) field.append_to(info.shape);
    if (field.number() == 2) type = field.integer();
    if (field.number() == 8) info.name = text_of(where, field.bytes());
  });
  for (const int64_t size : info.shape) check<IOError>(size >= 0, "{}: a size is negative", where);
  info.dtype = onnx::name_of_onnx_type(type);
  info.bytes = elements_of(info.shape).value_or(0) * onnx::size_of_onnx_type(type);
  return info;
}

// "float32 [batch, 3, 224, 224]", of TypeProto.
std::string value_type(const std::string& where, std::string_view message) {
  std::string type = "no tensor", sizes;
  const auto dimension = [&](std::string_view dim) {
    std::string size = "?";
    each_field(where, dim, [&](const Fields& field) {
      if (field.number() == 1) size = std::to_string(field.integer());
      if (field.number() == 2) size = text_of(where, field.bytes());
    });
    sizes += (sizes.empty() ? "" : ", ") + size;
  };
  each_field(where, message, [&](const Fields& tensor) {
    if (tensor.number() != 1) return;
    each_field(where, tensor.bytes(), [&](const Fields& field) {
      if (field.number() == 1) type = onnx::name_of_onnx_type(field.integer());
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
    if (field.number() == 1) both.first = text_of(where, field.bytes());
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

}  // namespace

FileInfo inspect_onnx(const std::string& path, std::string_view file) {
  const std::string where = path + ": no ONNX file, or damaged";
  FileInfo info = {.format = FileFormat::onnx, .tensors = {}, .metadata = {}};
  bool has_graph = false;
  each_field(where, file, [&](const Fields& field) {
    if (field.number() == 2) info.metadata["producer"] = text_of(where, field.bytes());
    if (field.number() == 7) graph(where, field.bytes(), info), has_graph = true;
    if (field.number() == 14) {
      const auto [key, value] = name_and(where, field.bytes());
      info.metadata[key] = text_of(where, value);
    }
    if (field.number() != 8) return;
    if (const auto version = onnx::parse_opset(where, field.bytes()))
      info.metadata["opset"] = std::to_string(*version);
  });
  check<IOError>(has_graph, "{}: it has no graph", where);
  return info;
}

}  // namespace rw::io
