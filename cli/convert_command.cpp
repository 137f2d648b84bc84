// rewind convert: tensors from a file of one format to one of another.

#include <fmt/format.h>

#include <filesystem>

#include <rewind/io/inspect.h>
#include <rewind/io/numpy.h>
#include <rewind/io/pytorch.h>
#include <rewind/io/safetensors.h>
#include <rewind/tensor/error.h>

#include "arguments.h"
#include "printing.h"

namespace rw::cli {

namespace {

struct Content {
  StateDict tensors;
  io::SafetensorsMetadata metadata;
};

// The tensors are the file's memory.
Content read(const std::string& path) {
  io::FileInfo info = io::inspect(path);
  switch (info.format) {
    case io::FileFormat::safetensors:
      return {io::read_safetensors(path), std::move(info.metadata)};
    case io::FileFormat::training_state:  // its texts are of the whole state
    case io::FileFormat::safetensors_index:
      return {io::read_safetensors(path), {}};
    case io::FileFormat::pytorch:
      return {io::load_pytorch(path), {}};
    case io::FileFormat::npz:
      return {io::load_npz(path), {}};
    case io::FileFormat::npy:
      return {{{"tensor", io::load_npy(path)}}, {}};
    case io::FileFormat::onnx:
      break;
  }
  throw IOError("convert: " + path + ": weights of ONNX graphs are not converted");
}

void write_npy(const Content& content, const std::string& path) {
  if (content.tensors.size() != 1)
    throw Error(
        fmt::format("convert: a .npy file holds one array, and there are {}: write a .npz "
                    "file, or choose by --only",
                    content.tensors.size()));
  io::save_npy(content.tensors.begin()->second, path);
}

// By the ending of the name.
void write(const Content& content, const std::string& path) {
  const std::string ending = std::filesystem::path(path).extension();
  if (ending == ".safetensors")
    io::write_safetensors(path, content.tensors, content.metadata);
  else if (ending == ".pt" || ending == ".pth")
    io::save_pytorch(content.tensors, path);
  else if (ending == ".npz")
    io::save_npz(content.tensors, path);
  else if (ending == ".npy")
    write_npy(content, path);
  else
    throw UsageError("OUT has to end in .safetensors, .pt, .pth, .npz or .npy, got " + path);
}

DType dtype_of(const std::string& name) {
  for (const DType dtype : {float16, bfloat16, float32, float64})
    if (name == rw::name(dtype)) return dtype;
  throw UsageError("--dtype can't be " + name);
}

StateDict changed(const StateDict& tensors, const ConvertArguments& arguments) {
  StateDict out;
  for (const auto& [name, t] : tensors) {
    if (!name.starts_with(arguments.only)) continue;
    const std::string own =
        name.starts_with(arguments.strip) ? name.substr(arguments.strip.size()) : name;
    const bool converts = !arguments.dtype.empty() && t.is_floating_point();
    out.emplace_back(arguments.add + own, converts ? t.to(dtype_of(arguments.dtype)) : t);
  }
  if (out.size() == 0 && tensors.size() > 0)
    throw Error("convert: there is no tensor whose name begins with '" + arguments.only + "'");
  return out;
}

}  // namespace

ExitCode convert(const ConvertArguments& arguments) {
  Content content = read(arguments.from);
  content.tensors = changed(content.tensors, arguments);
  write(content, arguments.to);
  uint64_t bytes = 0;
  for (const auto& entry : content.tensors) bytes += entry.second.nbytes();
  fmt::print("{}: {}, {}\n", arguments.to, count_text(content.tensors.size(), "tensor"),
             bytes_text(bytes));
  return ok;
}

}  // namespace rw::cli
