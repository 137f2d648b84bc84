#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <rewind/tensor/state_dict.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::io {

/// Texts by name, which a safetensors file has beside its tensors.
using SafetensorsMetadata = std::map<std::string, std::string>;

/// The tensors of a file (https://huggingface.co/docs/safetensors), in the file's order. They are
/// the file's memory, of which only what is used is read from the disk; to write into them changes
/// copies and never the file. A program that writes into the file itself changes tensors that were
/// not looked at yet, and one that shortens it ends this process (by SIGBUS) where they are: `load`
/// copies. bool tensors, and those of files whose numbers lie where the
/// processor would not have them, are copied. The path may be that of an index, as
/// "model.safetensors.index.json": then the tensors are those it names, from all its files. Throws
/// IOError where a file is missing or not what the format asks for, has numbers of a type that
/// there is not here (such as unsigned ones of 16 bits), or more than 16 dimensions.
StateDict read_safetensors(const std::string& path);

/// Writes tensors, of any dtype and memory order, bit for bit as Python's `safetensors` does (which
/// leaves the order of several texts to chance; here they are sorted by name). The file is there
/// whole or not at all, see `save`. Throws Error for undefined tensors and for names that are there
/// twice or no UTF-8, IOError where the file can't be written.
void write_safetensors(const std::string& path, const NamedTensors& tensors,
                       const SafetensorsMetadata& metadata = {});

/// An open file, to read some of its tensors, and of those it has no type for the others. Copies
/// share the file, and tensors keep it open: they are its memory, as those of read_safetensors.
class SafetensorsFile {
 public:
  /// Reads and checks the header; throws IOError as read_safetensors does.
  explicit SafetensorsFile(const std::string& path);

  /// The names of the tensors, in the file's order.
  std::vector<std::string> keys() const;
  /// Whether there is a tensor of this name.
  bool contains(std::string_view name) const;
  /// One tensor, or all: see read_safetensors. Throws IndexError where there is none of the name.
  ///@{
  Tensor get_tensor(std::string_view name) const;
  StateDict tensors() const;
  ///@}
  /// The file's texts.
  const SafetensorsMetadata& metadata() const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace rw::io

#pragma GCC visibility pop
