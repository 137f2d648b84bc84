#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)

namespace rw::io {

/// What files of tensors there are.
enum class FileFormat : uint8_t {
  safetensors,        ///< see read_safetensors
  safetensors_index,  ///< a list of files of a model, "model.safetensors.index.json"
  training_state,     ///< of training::TrainingState, which is one of safetensors
  pytorch,            ///< of torch.save
  npy,                ///< a NumPy array
  npz,                ///< several
  onnx                ///< a graph with its weights
};
/// As "safetensors", "training state" or "torch.save".
std::string_view to_string(FileFormat format);

/// What a file says of one of its tensors.
struct TensorInfo {
  std::string name;   ///< in the file; "tensor" where it has none
  std::string dtype;  ///< "float32", "uint16"; as the file has it, "F8_E5M2", where it is neither
  std::vector<int64_t> shape;  ///< of any rank
  uint64_t bytes = 0;          ///< of its numbers
};

/// What a file of tensors has, by `inspect`.
struct FileInfo {
  FileFormat format = FileFormat::safetensors;  ///< told by the file's bytes
  std::vector<TensorInfo> tensors;              ///< in the file's order; of ONNX its initializers
  /// Texts beside the tensors. Of ONNX also what the graph takes and gives ("input x" and "output
  /// y", as "float32 [batch, 3, 224, 224]"), its "nodes", "opset" and "producer".
  std::map<std::string, std::string> metadata;

  /// The bytes of all tensors; what they share counts for each.
  uint64_t bytes() const;
};

/// Reads what a file has without its numbers: of one of 10 GB the header alone is read. Checksums
/// of the numbers are not looked at. Throws IOError for a file that is missing, damaged where it
/// was read, or of none of these formats, and for what the readers of NumPy's and PyTorch's files
/// do not take.
///
///     for (const io::TensorInfo& t : io::inspect("model.safetensors").tensors)
///       std::cout << t.name << ' ' << t.dtype << '\n';
FileInfo inspect(const std::string& path);

}  // namespace rw::io

#pragma GCC visibility pop
