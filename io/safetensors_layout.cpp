#include <rewind/io/safetensors_layout.h>

#include <algorithm>
#include <cstring>

#include <rewind/autograd/grad_mode.h>
#include <rewind/io/json.h>
#include <rewind/io/tensor_bytes.h>
#include <rewind/tensor/check.h>

namespace rw::io {

namespace {

constexpr size_t length_bytes = 8, most_header_bytes = 100'000'000;
constexpr size_t most_dimensions = 1024;  // far more than there are tensors of
constexpr const char* metadata_name = "__metadata__";

// The types of the format, in the order in which its library writes them from the last on.
struct Type {
  const char* name;
  size_t bits;
  std::optional<DType> dtype = {};
};
constexpr Type types[] = {{"BOOL", 8, boolean},
                          {"F4", 4},
                          {"F6_E2M3", 6},
                          {"F6_E3M2", 6},
                          {"U8", 8, uint8},
                          {"I8", 8, int8},
                          {"F8_E5M2", 8},
                          {"F8_E4M3", 8},
                          {"F8_E8M0", 8},
                          {"F8_E4M3FNUZ", 8},
                          {"F8_E5M2FNUZ", 8},
                          {"I16", 16, int16},
                          {"U16", 16},
                          {"F16", 16, float16},
                          {"BF16", 16, bfloat16},
                          {"I32", 32, int32},
                          {"U32", 32},
                          {"F32", 32, float32},
                          {"C64", 64},
                          {"F64", 64, float64},
                          {"I64", 64, int64},
                          {"U64", 64}};

const Type& type_of(DType dtype) {
  return *std::find_if(std::begin(types), std::end(types),
                       [&](const Type& t) { return t.dtype == dtype; });
}

// --- Reading ------------------------------------------------------------------------------------

// The numbers of an array, none of which is negative.
std::vector<int64_t> sizes(const std::string& where, const std::string& name, const char* member,
                           const Json& json) {
  const Json* list = json.find(member);
  const auto* array = list ? list->get<Json::Array>() : nullptr;
  check<IOError>(array != nullptr, "{}: '{}' has no list {}", where, name, member);
  std::vector<int64_t> numbers;
  for (const Json& item : *array) {
    const auto* n = item.get<int64_t>();
    if (!n || *n < 0)
      fail<IOError>("{}: {} of '{}' holds what is no size, {}", where, member, name, to_json(item));
    numbers.push_back(*n);
  }
  return numbers;
}

// The bytes of a tensor.
size_t bytes_taken(const std::string& where, const SafetensorsEntry& entry, size_t bits) {
  check<IOError>(entry.shape.size() <= most_dimensions,
                 "{}: the shape of '{}' is impossible: it has {} dimensions", where, entry.name,
                 entry.shape.size());
  const std::optional<size_t> elements = elements_of(entry.shape);
  if (!elements)
    fail<IOError>("{}: the shape of '{}' is impossible, [{}]", where, entry.name,
                  fmt::join(entry.shape, ", "));
  check<IOError>(*elements * bits % 8 == 0, "{}: '{}' ends within a byte", where, entry.name);
  return *elements * bits / 8;
}

SafetensorsEntry parse_entry(const std::string& where, const std::string& name, const Json& json) {
  const Json* member = json.find("dtype");
  const auto* type_name = member ? member->get<std::string>() : nullptr;
  check<IOError>(type_name != nullptr, "{}: '{}' has no dtype", where, name);
  const auto* type = std::find_if(std::begin(types), std::end(types),
                                  [&](const Type& t) { return t.name == *type_name; });
  check<IOError>(type != std::end(types), "{}: '{}' has a dtype that the format does not know, {}",
                 where, name, json_string(*type_name));
  SafetensorsEntry entry{name, *type_name, type->dtype, sizes(where, name, "shape", json)};
  const std::vector<int64_t> offsets = sizes(where, name, "data_offsets", json);
  check<IOError>(offsets.size() == 2 && offsets[0] <= offsets[1],
                 "{}: data_offsets of '{}' are no beginning and end, [{}]", where, name,
                 fmt::join(offsets, ", "));
  entry.begin = static_cast<size_t>(offsets[0]);
  entry.end = static_cast<size_t>(offsets[1]);
  const size_t bytes = bytes_taken(where, entry, type->bits);
  check<IOError>(entry.end - entry.begin == bytes,
                 "{}: '{}', of {} and shape [{}], takes {} bytes and has {}", where, name,
                 entry.type, fmt::join(entry.shape, ", "), bytes, entry.end - entry.begin);
  return entry;
}

SafetensorsMetadata parse_metadata(const std::string& where, const Json& json) {
  const auto* members = json.get<Json::Object>();
  check<IOError>(members != nullptr, "{}: {} is no object", where, metadata_name);
  SafetensorsMetadata metadata;
  for (const auto& [name, value] : *members) {
    const auto* text = value.get<std::string>();
    check<IOError>(text != nullptr, "{}: '{}' of {} is no string", where, name, metadata_name);
    metadata.emplace(name, *text);
  }
  return metadata;
}

// Orders the entries as they lie in the file, and throws unless one begins where another ends.
void check_places(const std::string& where, std::vector<SafetensorsEntry>& entries,
                  size_t data_bytes) {
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  size_t at = 0;
  for (const SafetensorsEntry& entry : entries) {
    check<IOError>(entry.begin >= at, "{}: '{}' overlaps the tensor before it", where, entry.name);
    check<IOError>(entry.begin == at, "{}: there is a hole of {} bytes before '{}'", where,
                   entry.begin - at, entry.name);
    check<IOError>(entry.end <= data_bytes,
                   "{}: the file is truncated: '{}' ends at byte {} of its data, which has {}",
                   where, entry.name, entry.end, data_bytes);
    at = entry.end;
  }
  check<IOError>(at == data_bytes, "{}: the file goes on for {} bytes after the last tensor", where,
                 data_bytes - at);
}

}  // namespace

std::string_view safetensors_header(const std::string& where, std::string_view file) {
  check<IOError>(file.size() >= length_bytes,
                 "{}: no safetensors file: expected 8 bytes that hold a length, got {}", where,
                 file.size());
  uint64_t length = 0;
  std::memcpy(&length, file.data(), length_bytes);
  check<IOError>(length <= most_header_bytes,
                 "{}: no safetensors file: its header would have {} bytes, of at most {}", where,
                 length, most_header_bytes);
  check<IOError>(
      length <= file.size() - length_bytes,
      "{}: no safetensors file, or truncated: its header of {} bytes ends after the file", where,
      length);
  return file.substr(0, length_bytes + length);
}

bool begins_as_safetensors(std::string_view file) {
  uint64_t length = 0;
  if (file.size() < length_bytes) return false;
  std::memcpy(&length, file.data(), length_bytes);
  return length <= most_header_bytes;  // that of a text is larger by far
}

SafetensorsLayout parse_safetensors(const std::string& where, std::string_view file) {
  const std::string_view header = safetensors_header(where, file);
  const std::string_view text = header.substr(length_bytes);
  check<IOError>(text.starts_with('{'),
                 "{}: no safetensors file: expected a header that begins with {{", where);
  const Json json = parse_json(where, text);
  SafetensorsLayout layout{header.size(), {}, {}};
  for (const auto& [name, value] : *json.get<Json::Object>())
    if (name == metadata_name)
      layout.metadata = parse_metadata(where, value);
    else
      layout.entries.push_back(parse_entry(where, name, value));
  check_places(where, layout.entries, file.size() - header.size());
  return layout;
}

// --- Writing ------------------------------------------------------------------------------------

NamedTensors in_file_order(const char* op, const NamedTensors& tensors) {
  const no_grad guard;
  check_writable(op, tensors);
  NamedTensors all;
  for (const auto& [name, t] : tensors) {
    check(name != metadata_name, "{}: no tensor can have the name '{}'", op, name);
    all.emplace_back(name, t.detach().contiguous());
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    const Type &first = type_of(a.second.dtype()), &second = type_of(b.second.dtype());
    return &first != &second ? &first > &second : a.first < b.first;
  });
  return all;
}

std::string encode_safetensors_header(const char* op, const NamedTensors& in_order,
                                      const SafetensorsMetadata& metadata) {
  std::string text = "{";
  const auto member = [&](const std::string& name) -> std::string& {
    if (text.back() != '{') text += ',';
    return (text += json_string(name)) += ':';
  };
  if (!metadata.empty()) {
    member(metadata_name) += '{';
    for (const auto& [name, value] : metadata) member(name) += json_string(value);
    text += '}';
  }
  size_t at = 0;
  for (const auto& [name, t] : in_order) {
    const std::span<const int64_t> shape(t.shape().begin(), t.shape().end());
    member(name) +=
        fmt::format(R"({{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                    type_of(t.dtype()).name, fmt::join(shape, ","), at, at + t.nbytes());
    at += t.nbytes();
  }
  text += '}';
  text.resize((text.size() + 7) / 8 * 8, ' ');
  check(text.size() <= most_header_bytes,
        "{}: the names and texts would take a header of {} bytes, of at most {}", op, text.size(),
        most_header_bytes);
  const uint64_t length = text.size();
  std::string header(length_bytes, '\0');
  std::memcpy(header.data(), &length, length_bytes);
  return header + text;
}

}  // namespace rw::io
