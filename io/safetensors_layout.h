#pragma once
// Private to the library's sources: what the header of a safetensors file says, and how it is
// written.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rewind/io/file.h>
#include <rewind/io/safetensors.h>

namespace rw::io {

/// A tensor of a file.
struct SafetensorsEntry {
  std::string name;
  std::string type;            // as the file has it, "F32"
  std::optional<DType> dtype;  // none where Rewind has no such numbers
  std::vector<int64_t> shape;  // of any rank
  size_t begin = 0, end = 0;   // in the data
};

/// All that a header says, checked: the tensors fill the data without holes, in this order.
struct SafetensorsLayout {
  size_t data_begin = 0;  // in the file
  SafetensorsMetadata metadata;
  std::vector<SafetensorsEntry> entries;
};

/// The first bytes of a file, up to the data: the length and the header. Throws IOError, whose
/// message begins with `where`, unless they are there.
std::string_view safetensors_header(const std::string& where, std::string_view file);

/// Whether these bytes begin as such a file does, and no text.
bool begins_as_safetensors(std::string_view file);

/// What these bytes say of the file. Throws IOError, whose message begins with `where`, for all
/// that the format does not allow.
SafetensorsLayout parse_safetensors(const std::string& where, std::string_view file);

/// An open file. Errors begin with `where`, which is `op` and the path.
struct OpenSafetensors {
  std::string where;
  std::shared_ptr<const MappedFile> file;
  SafetensorsLayout layout;
  std::vector<size_t> by_name;  // the places of the entries, by their names

  OpenSafetensors(const char* op, const std::string& path, bool copy = false);
  OpenSafetensors(std::string where, std::shared_ptr<const MappedFile> file);
  /// The entry of this name; null where there is none.
  const SafetensorsEntry* find(std::string_view name) const;
  /// The memory of an entry, in the file.
  std::string_view bytes(const SafetensorsEntry& entry) const;
  /// An entry as a tensor, which keeps the file: in its memory, unless it is of bools or lies where
  /// its type can't. Throws IOError where Rewind has no such tensor.
  Tensor tensor(const SafetensorsEntry& entry) const;
  StateDict tensors() const;
};

/// f(file, entry) for each tensor that an index names, file by file. Errors begin with `op`.
void each_in_shards(const char* op, const std::string& index, bool copy,
                    const std::function<void(const OpenSafetensors&, const SafetensorsEntry&)>& f);

///@{
/// read_safetensors and write_safetensors, for errors that begin with `op`; of copies of files.
StateDict read_tensors(const char* op, const std::string& path, bool copy = false);
void write_tensors(const char* op, const std::string& path, const NamedTensors& tensors,
                   const SafetensorsMetadata& metadata = {});
///@}

/// The same tensors, row-major, in the order of a file. Throws where a name can't be written.
NamedTensors in_file_order(const char* op, const NamedTensors& tensors);
/// The first bytes of their file, up to the data. Throws where that is longer than a reader takes.
std::string encode_safetensors_header(const char* op, const NamedTensors& in_order,
                                      const SafetensorsMetadata& metadata);

}  // namespace rw::io
