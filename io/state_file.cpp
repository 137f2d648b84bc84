#include <rewind/io/state_file.h>

#include <utility>

#include <rewind/io/safetensors_layout.h>
#include <rewind/tensor/check.h>

namespace rw::io {

StateDict read_state(const char* op, const std::string& path, bool copy) {
  if (path.ends_with(".json")) return read_tensors(op, path, copy);  // an index
  const auto file = std::make_shared<const MappedFile>(op, path, copy);
  if (begins_as_pytorch(file->bytes())) return read_pytorch(op, path, file);
  const std::string where = std::string(op) + ": " + path;
  check<IOError>(begins_as_safetensors(file->bytes()),
                 "{}: neither a file of safetensors nor one of torch.save", where);
  return OpenSafetensors(where, file).tensors();
}

StateDict renamed(const StateDict& state, const LoadOptions& options) {
  StateDict out;
  for (const auto& [name, t] : state) {
    std::string own = name.starts_with(options.prefix) ? name.substr(options.prefix.size()) : name;
    if (options.rename) own = options.rename(own);
    if (!own.empty()) out.emplace_back(std::move(own), t);
  }
  return out;
}

}  // namespace rw::io
