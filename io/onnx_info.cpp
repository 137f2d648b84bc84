// What an ONNX file has, without its numbers (https://onnx.ai, onnx.proto3).

#include <optional>

#include <rewind/io/inspect_parts.h>
#include <rewind/io/utf8.h>
#include <rewind/tensor/check.h>

namespace rw::io {

namespace {

// A field of a message of protobuf: a number, or bytes that may be a message.
struct Field {
  uint64_t number = 0;  // which field it is
  uint64_t value = 0;
  std::string_view bytes;
};

// The fields of a message, one after another.
class Fields {
 public:
  Fields(const std::string& where, std::string_view message) : where_(where), rest_(message) {}

  // Those of other kinds, which no field has that is asked for, are passed over.
  std::optional<Field> next() {
    if (rest_.empty()) return {};
    const uint64_t key = varint();
    Field field = {.number = key >> 3, .value = 0, .bytes = {}};
    switch (key & 7) {
      case 0:
        field.value = varint();
        break;
      case 1:
        field.bytes = take(8);
        break;
      case 2:
        field.bytes = take(varint());
        break;
      case 5:
        field.bytes = take(4);
        break;
      default:
        fail<IOError>("{}: no ONNX file, or damaged: a field is of kind {}", where_, key & 7);
    }
    return field;
  }

  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<uint8_t>(take(1)[0]);
      value |= uint64_t{byte & 127u} << shift;
      if (byte < 128) return value;
    }
    fail<IOError>("{}: no ONNX file, or damaged: a number has more than 64 bits", where_);
  }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view take(uint64_t n) {
    check<IOError>(n <= rest_.size(), "{}: no ONNX file, or truncated: a field has {} bytes of {}",
                   where_, rest_.size(), n);
    const std::string_view taken = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return taken;
  }

  const std::string& where_;
  std::string_view rest_;
};

template <class F>
void each_field(const std::string& where, std::string_view message, const F& f) {
  Fields fields(where, message);
  while (const std::optional<Field> field = fields.next()) f(*field);
}

std::string text(const std::string& where, std::string_view bytes) {
  check<IOError>(first_no_character(bytes) == bytes.npos,
                 "{}: no ONNX file, or damaged: a name is not UTF-8", where);
  return std::string(bytes);
}

// TensorProto.DataType, and what an element takes; 0 where that is not known.
struct ElementType {
  const char* name;
  uint64_t bytes;
};
ElementType element_type(uint64_t type) {
  static constexpr ElementType types[] = {
      {"undefined", 0},   {"float32", 4}, {"uint8", 1},  {"int8", 1},   {"uint16", 2},
      {"int16", 2},       {"int32", 4},   {"int64", 8},  {"string", 0}, {"bool", 1},
      {"float16", 2},     {"float64", 8}, {"uint32", 4}, {"uint64", 8}, {"complex64", 8},
      {"complex128", 16}, {"bfloat16", 2}};
  return type < std::size(types) ? types[type] : ElementType{"unknown", 0};
}

TensorInfo tensor_proto(const std::string& where, std::string_view message) {
  TensorInfo info;
  ElementType type = element_type(0);
  const auto add_size = [&](uint64_t size) {
    check<IOError>(size <= INT64_MAX, "{}: no ONNX file, or damaged: a size is negative", where);
    info.shape.push_back(static_cast<int64_t>(size));
  };
  each_field(where, message, [&](const Field& field) {
    if (field.number == 1 && field.bytes.empty()) {
      add_size(field.value);
    } else if (field.number == 1) {
      for (Fields sizes(where, field.bytes); !sizes.empty();) add_size(sizes.varint());
    } else if (field.number == 2) {
      type = element_type(field.value);
    } else if (field.number == 8) {
      info.name = text(where, field.bytes);
    }
  });
  info.dtype = type.name;
  info.bytes = elements_of(info.shape).value_or(0) * type.bytes;
  return info;
}

// "float32 [batch, 3, 224, 224]", of TypeProto.
std::string value_type(const std::string& where, std::string_view message) {
  std::string type = "no tensor", sizes;
  const auto dimension = [&](std::string_view dim) {
    std::string size = "?";
    each_field(where, dim, [&](const Field& field) {
      if (field.number == 1) size = std::to_string(static_cast<int64_t>(field.value));
      if (field.number == 2) size = text(where, field.bytes);
    });
    sizes += (sizes.empty() ? "" : ", ") + size;
  };
  each_field(where, message, [&](const Field& tensor) {
    if (tensor.number != 1) return;
    each_field(where, tensor.bytes, [&](const Field& field) {
      if (field.number == 1) type = element_type(field.value).name;
      if (field.number != 2) return;
      each_field(where, field.bytes, [&](const Field& dim) { dimension(dim.bytes); });
    });
  });
  return fmt::format("{} [{}]", type, sizes);
}

// Two fields of a message as texts: a name or key, and what belongs to it.
std::pair<std::string, std::string_view> name_and(const std::string& where,
                                                  std::string_view message) {
  std::pair<std::string, std::string_view> both;
  each_field(where, message, [&](const Field& field) {
    if (field.number == 1) both.first = text(where, field.bytes);
    if (field.number == 2) both.second = field.bytes;
  });
  return both;
}

void graph(const std::string& where, std::string_view message, FileInfo& info) {
  size_t nodes = 0;
  const auto value = [&](const char* kind, std::string_view bytes) {
    const auto [name, type] = name_and(where, bytes);
    info.metadata[kind + name] = value_type(where, type);
  };
  each_field(where, message, [&](const Field& field) {
    if (field.number == 1) ++nodes;
    if (field.number == 5) info.tensors.push_back(tensor_proto(where, field.bytes));
    if (field.number == 11) value("input ", field.bytes);
    if (field.number == 12) value("output ", field.bytes);
  });
  info.metadata["nodes"] = std::to_string(nodes);
  // Old files have their weights among the inputs.
  for (const TensorInfo& t : info.tensors) info.metadata.erase("input " + t.name);
}

// The version of ONNX's own operators, whose domain has no name.
std::optional<uint64_t> opset(const std::string& where, std::string_view message) {
  std::string_view domain;
  uint64_t version = 0;
  each_field(where, message, [&](const Field& field) {
    if (field.number == 1) domain = field.bytes;
    if (field.number == 2) version = field.value;
  });
  return domain.empty() || domain == "ai.onnx" ? std::optional(version) : std::nullopt;
}

}  // namespace

FileInfo inspect_onnx(const std::string& where, std::string_view file) {
  FileInfo info = {.format = FileFormat::onnx, .tensors = {}, .metadata = {}};
  bool has_graph = false;
  each_field(where, file, [&](const Field& field) {
    if (field.number == 2) info.metadata["producer"] = text(where, field.bytes);
    if (field.number == 7) graph(where, field.bytes, info), has_graph = true;
    if (field.number == 14) {
      const auto [key, value] = name_and(where, field.bytes);
      info.metadata[key] = text(where, value);
    }
    if (field.number != 8) return;
    if (const auto version = opset(where, field.bytes))
      info.metadata["opset"] = std::to_string(*version);
  });
  check<IOError>(has_graph, "{}: no ONNX file: it has no graph", where);
  return info;
}

}  // namespace rw::io
