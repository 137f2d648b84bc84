#pragma once
// Private to the library's sources: files of tensors by name, of any format.

#include <memory>
#include <string>
#include <string_view>

#include <rewind/io/file.h>
#include <rewind/io/save.h>
#include <rewind/tensor/state_dict.h>

namespace rw::io {

/// Whether bytes are the beginning of a file of torch.save.
bool begins_as_pytorch(std::string_view file);
/// load_pytorch without options, for errors that begin with `op`.
StateDict read_pytorch(const char* op, const std::string& path,
                       const std::shared_ptr<const MappedFile>& file);

/// The tensors of a file: one of torch.save if it begins like that, otherwise of safetensors.
/// They are the memory of the file, or of a copy of it.
StateDict read_state(const char* op, const std::string& path, bool copy);

/// The same tensors by the names that options give them.
StateDict renamed(const StateDict& state, const LoadOptions& options);

}  // namespace rw::io
