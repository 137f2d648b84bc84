#include <rewind/io/safetensors.h>

#include <algorithm>
#include <numeric>

#include <rewind/io/json.h>
#include <rewind/io/safetensors_layout.h>
#include <rewind/io/tensor_bytes.h>
#include <rewind/io/utf8.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/leaf.h>

namespace rw::io {

// --- Reading ------------------------------------------------------------------------------------

OpenSafetensors::OpenSafetensors(const char* op, const std::string& path, bool copy)
    : OpenSafetensors(fmt::format("{}: {}", op, path),
                      std::make_shared<const MappedFile>(op, path, copy)) {}

OpenSafetensors::OpenSafetensors(std::string where_, std::shared_ptr<const MappedFile> file_)
    : where(std::move(where_)),
      file(std::move(file_)),
      layout(parse_safetensors(where, file->bytes())),
      by_name(layout.entries.size()) {
  std::iota(by_name.begin(), by_name.end(), size_t{0});
  std::sort(by_name.begin(), by_name.end(),
            [this](size_t a, size_t b) { return layout.entries[a].name < layout.entries[b].name; });
}

const SafetensorsEntry* OpenSafetensors::find(std::string_view name) const {
  const auto it =
      std::lower_bound(by_name.begin(), by_name.end(), name,
                       [this](size_t i, std::string_view n) { return layout.entries[i].name < n; });
  if (it == by_name.end() || layout.entries[*it].name != name) return nullptr;
  return &layout.entries[*it];
}

std::string_view OpenSafetensors::bytes(const SafetensorsEntry& entry) const {
  return file->bytes().substr(layout.data_begin + entry.begin, entry.end - entry.begin);
}

Tensor OpenSafetensors::tensor(const SafetensorsEntry& entry) const {
  check<IOError>(entry.dtype.has_value(), "{}: '{}' is of {}, which there is not here", where,
                 entry.name, entry.type);
  check<IOError>(entry.shape.size() <= Shape::max_rank,
                 "{}: '{}' has {} dimensions, expected at most {}", where, entry.name,
                 entry.shape.size(), Shape::max_rank);
  const Shape shape = entry.shape;
  return rw::detail::make_tensor(storage_of({bytes(entry), file}, *entry.dtype), *entry.dtype,
                                 shape, contiguous_strides(shape));
}

StateDict OpenSafetensors::tensors() const {
  StateDict all;
  for (const SafetensorsEntry& entry : layout.entries) all.emplace_back(entry.name, tensor(entry));
  return all;
}

struct SafetensorsFile::Impl : OpenSafetensors {
  using OpenSafetensors::OpenSafetensors;
};

SafetensorsFile::SafetensorsFile(const std::string& path)
    : impl_(std::make_shared<const Impl>("SafetensorsFile", path)) {}

std::vector<std::string> SafetensorsFile::keys() const {
  std::vector<std::string> names;
  for (const SafetensorsEntry& entry : impl_->layout.entries) names.push_back(entry.name);
  return names;
}

bool SafetensorsFile::contains(std::string_view name) const { return impl_->find(name) != nullptr; }

Tensor SafetensorsFile::get_tensor(std::string_view name) const {
  const SafetensorsEntry* entry = impl_->find(name);
  check<IndexError>(entry != nullptr, "{}: there is no tensor '{}'", impl_->where, name);
  return impl_->tensor(*entry);
}

StateDict SafetensorsFile::tensors() const { return impl_->tensors(); }

const SafetensorsMetadata& SafetensorsFile::metadata() const { return impl_->layout.metadata; }

// --- Files of several parts ---------------------------------------------------------------------

namespace {

// The names of tensors by file. Only files beside the index are opened, whatever it says.
std::map<std::string, std::vector<std::string>> parse_index(const std::string& where,
                                                            std::string_view text) {
  const Json json = parse_json(where, text);
  const Json* map = json.find("weight_map");
  const auto* members = map ? map->get<Json::Object>() : nullptr;
  check<IOError>(members != nullptr, "{}: no index: expected an object weight_map", where);
  std::map<std::string, std::vector<std::string>> files;
  for (const auto& [name, value] : *members) {
    const auto* file = value.get<std::string>();
    check<IOError>(file && !file->empty() &&
                       file->find_first_of(std::string_view("/\0", 2)) == std::string::npos,
                   "{}: expected the name of a file in the same folder for '{}', got {}", where,
                   name, to_json(value));
    files[*file].push_back(name);
  }
  return files;
}

StateDict read_shards(const char* op, const std::string& index, bool copy) {
  StateDict all;
  each_in_shards(op, index, copy, [&](const OpenSafetensors& shard, const SafetensorsEntry& entry) {
    all.emplace_back(entry.name, shard.tensor(entry));
  });
  return all;
}

}  // namespace

void each_in_shards(const char* op, const std::string& index, bool copy,
                    const std::function<void(const OpenSafetensors&, const SafetensorsEntry&)>& f) {
  const std::string where = fmt::format("{}: {}", op, index);
  const std::string folder = index.substr(0, index.rfind('/') + 1);
  for (auto& [name, wanted] : parse_index(where, read_file(op, index))) {
    const OpenSafetensors shard(op, folder + name, copy);
    std::sort(wanted.begin(), wanted.end());
    size_t found = 0;
    for (const SafetensorsEntry& entry : shard.layout.entries)
      if (std::binary_search(wanted.begin(), wanted.end(), entry.name)) f(shard, entry), ++found;
    if (found == wanted.size()) continue;
    for (const std::string& tensor : wanted)
      check<IOError>(shard.find(tensor) != nullptr,
                     "{}: there is no tensor '{}', which {} promises", shard.where, tensor, index);
  }
}

// --- The functions ------------------------------------------------------------------------------

StateDict read_tensors(const char* op, const std::string& path, bool copy) {
  if (path.ends_with(".json") && !begins_as_safetensors(MappedFile(op, path).bytes()))
    return read_shards(op, path, copy);
  return OpenSafetensors(op, path, copy).tensors();
}

void write_tensors(const char* op, const std::string& path, const NamedTensors& tensors,
                   const SafetensorsMetadata& metadata) {
  const NamedTensors all = in_file_order(op, tensors);
  for (const auto& [name, value] : metadata)
    check(first_no_character(name + value) == name.npos, "{}: the metadata {} are not UTF-8", op,
          json_string(name));
  const std::string header = encode_safetensors_header(op, all, metadata);
  AtomicFile file(op, path);
  file.write(header);
  for (const auto& entry : all) file.write(bytes_of(entry.second));
  file.commit();
}

StateDict read_safetensors(const std::string& path) {
  return read_tensors("read_safetensors", path);
}

void write_safetensors(const std::string& path, const NamedTensors& tensors,
                       const SafetensorsMetadata& metadata) {
  write_tensors("write_safetensors", path, tensors, metadata);
}

}  // namespace rw::io
