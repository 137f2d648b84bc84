#include "readers.h"

#include <zlib.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <rewind/data/cifar.h>
#include <rewind/data/csv.h>
#include <rewind/data/idx.h>
#include <rewind/io/inspect.h>
#include <rewind/io/jpeg.h>
#include <rewind/io/json.h>
#include <rewind/io/numpy.h>
#include <rewind/io/onnx.h>
#include <rewind/io/png.h>
#include <rewind/io/pytorch.h>
#include <rewind/io/safetensors.h>
#include <rewind/io/zip.h>
#include <rewind/rewind.h>
#include <rewind/train/training_state.h>

namespace rw::test {

namespace {

// Reads all numbers, so that those outside of memory would be seen.
void look_at(const Tensor& t) {
  if (t.numel() < 1'000'000) static_cast<void>(t.to(float64).sum().item());
}
void look_at(const NamedTensors& all) {
  for (const auto& entry : all) look_at(entry.second);
}

std::string zip_of(const std::vector<std::pair<std::string, std::string_view>>& entries) {
  std::string bytes;
  io::ZipWriter zip([&](std::string_view piece) { bytes += piece; });
  for (const auto& [name, content] : entries) zip.add(name, content);
  zip.finish();
  return bytes;
}

std::string content_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// With the checksum of each chunk as its bytes ask for.
std::string png_with_checksums(std::string_view bytes) {
  std::string png(bytes);
  const auto number = [&](size_t at) {
    uint32_t n = 0;
    for (size_t i = 0; i < 4; ++i) n = n << 8 | static_cast<unsigned char>(png[at + i]);
    return size_t{n};
  };
  for (size_t at = 8; at + 12 <= png.size();) {
    const size_t length = number(at);
    if (length > png.size() - at - 12) break;
    const uLong crc = crc32(0, reinterpret_cast<const Bytef*>(png.data()) + at + 4,
                            static_cast<uInt>(length + 4));
    for (size_t i = 0; i < 4; ++i)
      png[at + 8 + length + i] = static_cast<char>(crc >> (24 - 8 * i) & 255);
    at += length + 12;
  }
  return png;
}

void read_csv(const std::string& path) {
  for (const bool header : {true, false}) {
    const data::CSVDataset table(path, {.header = header,
                                        .targets = {0},
                                        .dtype = header ? float32 : float64,
                                        .target_dtype = header ? float32 : int64});
    look_at(table.data());
    look_at(table.target());
  }
}

template <class Dataset>
void read_cifar(const std::string& path, const char* name) {
  const std::filesystem::path folder = path + ".folder";
  std::filesystem::create_directory(folder);
  std::filesystem::remove(folder / name);
  std::filesystem::create_symlink(path, folder / name);
  const Dataset all(folder, false);
  look_at(all.images().to(float32));
  look_at(all.labels());
}

void read_training_state(const std::string& path) {
  Tensor weight = zeros({2, 3});
  int64_t epoch = 0;
  std::string note;
  training::TrainingState state;
  state.add("weight", weight);
  state.add("epoch", epoch);
  state.add("note", note);
  state.load(path);
  look_at(weight);
}

}  // namespace

const std::vector<FileReader>& file_readers() {
  static const std::vector<FileReader> all = {
      {"load", "safetensors", [](auto& path) { look_at(load(path)); }},
      {"safetensors", "safetensors", [](auto& path) { look_at(io::read_safetensors(path)); }},
      {"inspect", "safetensors", [](auto& path) { static_cast<void>(io::inspect(path)); }},
      {"pytorch", "torch.save", [](auto& path) { look_at(io::load_pytorch(path)); },
       [](auto pickle) {
         return zip_of({{"x/data.pkl", pickle},
                        {"x/byteorder", "little"},
                        {"x/data/0", "123456781234567812345678"},
                        {"x/data/1", "12345678"},
                        {"x/version", "3\n"}});
       }},
      {"pytorch_archive", "torch.save", [](auto& path) { look_at(io::load_pytorch(path)); }},
      {"pytorch_legacy", "torch.save", [](auto& path) { look_at(io::load_pytorch(path)); }},
      {"npy", ".npy", [](auto& path) { look_at(io::load_npy(path)); }},
      {"npz", ".npz", [](auto& path) { look_at(io::load_npz(path)); }},
      {"onnx", "ONNX", [](auto& path) { onnx::import_model(path); }},
      {"png", "PNG", [](auto& path) { look_at(io::read_png(path)); }, png_with_checksums},
      {"jpeg", "JPEG", [](auto& path) { look_at(io::read_jpeg(path)); }},
      {"image", "(JPEG) or 89 50 4e 47 (PNG)", [](auto& path) { look_at(io::read_image(path)); }},
      {"csv", "CSVDataset", read_csv},
      {"idx", "IDX", [](auto& path) { look_at(data::read_idx(path)); }},
      {"cifar10", "records of 3073 bytes",
       [](auto& path) { read_cifar<data::CIFAR10>(path, "test_batch.bin"); }},
      {"cifar100", "records of 3074 bytes",
       [](auto& path) { read_cifar<data::CIFAR100>(path, "test.bin"); }},
      {"training_state", "training state", read_training_state},
      {"json", "JSON",
       [](auto& path) { io::to_json(io::parse_json("parse_json", content_of(path))); }},
  };
  return all;
}

const FileReader& file_reader(const std::string& name) {
  for (const FileReader& reader : file_readers())
    if (reader.name == name) return reader;
  throw Error("there is no reader '" + name + "'");
}

std::vector<std::string> read_corpus(const std::string& path) {
  const std::string content = content_of(path);
  std::vector<std::string> all;
  for (size_t at = 0; at + 4 <= content.size();) {
    uint32_t length;
    std::memcpy(&length, content.data() + at, 4);
    all.push_back(content.substr(at + 4, length));
    at += 4 + length;
  }
  return all;
}

}  // namespace rw::test
