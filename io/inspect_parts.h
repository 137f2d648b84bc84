#pragma once
// Private to the library's sources: what files of each format say of their tensors. Errors begin
// with `where`.

#include <memory>
#include <string>
#include <vector>

#include <rewind/io/inspect.h>
#include <rewind/io/zip.h>
#include <rewind/tensor/dtype.h>

namespace rw::io {

/// A tensor of a type that there is here.
TensorInfo info_of(std::string name, DType dtype, std::vector<int64_t> shape);

/// Whether an archive is one of torch.save.
bool has_pickle(const ZipReader& zip);
/// Of a file of torch.save.
std::vector<TensorInfo> inspect_pytorch(const std::string& where,
                                        const std::shared_ptr<const MappedFile>& file);
/// Of a .npy file.
TensorInfo inspect_npy(const std::string& where, std::string_view file);
/// Of a .npz file.
std::vector<TensorInfo> inspect_npz(const std::string& where, const ZipReader& zip);
/// Of an ONNX file.
FileInfo inspect_onnx(const std::string& where, std::string_view file);

}  // namespace rw::io
