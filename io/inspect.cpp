#include <rewind/io/inspect.h>

#include <rewind/io/inspect_parts.h>
#include <rewind/io/safetensors_layout.h>
#include <rewind/io/state_file.h>
#include <rewind/tensor/check.h>

namespace rw::io {

namespace {

constexpr const char* op = "inspect";

// "U16" as uint16, "C64" as complex64: as types that there are here are named, and those of ONNX.
std::string type_name(const std::string& type) {
  if (type.starts_with('U')) return "uint" + type.substr(1);
  if (type.starts_with('C')) return "complex" + type.substr(1);
  return type;
}

TensorInfo info_of(const SafetensorsEntry& entry) {
  std::string dtype = entry.dtype ? name(*entry.dtype) : type_name(entry.type);
  return {entry.name, std::move(dtype), entry.shape, entry.end - entry.begin};
}

FileInfo inspect_safetensors(const std::string& where,
                             const std::shared_ptr<const MappedFile>& file) {
  SafetensorsLayout layout = parse_safetensors(where, file->bytes());
  FileInfo info;
  if (layout.metadata.contains("crc32c.header")) info.format = FileFormat::training_state;
  for (const SafetensorsEntry& entry : layout.entries) info.tensors.push_back(info_of(entry));
  info.metadata = std::move(layout.metadata);
  return info;
}

FileInfo inspect_index(const std::string& path) {
  FileInfo info = {.format = FileFormat::safetensors_index, .tensors = {}, .metadata = {}};
  each_in_shards(op, path, false, [&](const OpenSafetensors&, const SafetensorsEntry& entry) {
    info.tensors.push_back(info_of(entry));
  });
  return info;
}

FileInfo inspect_archive(const std::string& where, const std::shared_ptr<const MappedFile>& file) {
  FileInfo info;
  if (file->bytes().starts_with("PK")) {
    const ZipReader zip(where, file);
    if (!has_pickle(zip)) {
      info.format = FileFormat::npz;
      info.tensors = inspect_npz(where, zip);
      return info;
    }
  }
  info.format = FileFormat::pytorch;
  info.tensors = inspect_pytorch(where, file);
  return info;
}

}  // namespace

TensorInfo info_of(std::string name, DType dtype, std::vector<int64_t> shape) {
  const uint64_t bytes = elements_of(shape).value_or(0) * itemsize(dtype);
  return {std::move(name), rw::name(dtype), std::move(shape), bytes};
}

std::string_view to_string(FileFormat format) {
  static constexpr std::string_view names[] = {
      "safetensors", "safetensors index", "training state", "torch.save", "npy", "npz", "onnx"};
  return names[static_cast<size_t>(format)];
}

uint64_t FileInfo::bytes() const {
  uint64_t sum = 0;
  for (const TensorInfo& t : tensors) sum += t.bytes;
  return sum;
}

FileInfo inspect(const std::string& path) {
  const std::string where = fmt::format("{}: {}", op, path);
  const auto file = std::make_shared<const MappedFile>(op, path);
  const std::string_view bytes = file->bytes();
  if (begins_as_pytorch(bytes)) return inspect_archive(where, file);
  if (begins_as_safetensors(bytes)) return inspect_safetensors(where, file);
  if (bytes.starts_with("\x93NUMPY"))
    return {.format = FileFormat::npy, .tensors = {inspect_npy(where, bytes)}, .metadata = {}};
  if (path.ends_with(".json")) return inspect_index(path);
  // A graph has no mark at its beginning but its first field, the version of the format.
  if (bytes.starts_with('\x08')) return inspect_onnx(where, bytes);
  fail<IOError>("{}: neither a file of safetensors nor one of torch.save, NumPy or ONNX", where);
}

}  // namespace rw::io
