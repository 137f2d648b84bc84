// Tensors of ONNX files: their types, and where their numbers are.

#include <algorithm>
#include <cstring>
#include <filesystem>

#include <rewind/io/file.h>
#include <rewind/io/onnx_file.h>
#include <rewind/io/tensor_bytes.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::onnx {

namespace {

struct Type {
  const char* name;
  size_t bytes;  // 0 where they vary
  std::optional<DType> dtype = {};
};
// By ONNX's numbers.
constexpr Type types[] = {{"undefined", 0},
                          {"float32", 4, float32},
                          {"uint8", 1, uint8},
                          {"int8", 1, int8},
                          {"uint16", 2},
                          {"int16", 2, int16},
                          {"int32", 4, int32},
                          {"int64", 8, int64},
                          {"string", 0},
                          {"bool", 1, boolean},
                          {"float16", 2, float16},
                          {"float64", 8, float64},
                          {"uint32", 4},
                          {"uint64", 8},
                          {"complex64", 8},
                          {"complex128", 16},
                          {"bfloat16", 2, bfloat16}};

bool is_known(int64_t type) { return type >= 0 && type < static_cast<int64_t>(std::size(types)); }

void put(Tensor& t, std::string_view bytes) {
  auto* to = static_cast<char*>(t.raw_data());
  if (t.dtype() == boolean)
    std::transform(bytes.begin(), bytes.end(), to, [](char c) { return c != 0 ? '\1' : '\0'; });
  else if (!bytes.empty())
    std::memcpy(to, bytes.data(), bytes.size());
}

// Numbers that are listed stand for themselves, but those of 16 floating bits for their bits.
Tensor of_list(const StoredTensor& stored, DType dtype, const Shape& shape) {
  Tensor t = empty(shape, {.dtype = dtype});
  if (dtype == float16 || dtype == bfloat16) {
    auto* to = static_cast<uint16_t*>(t.raw_data());
    for (const int64_t bits : stored.integers) *to++ = static_cast<uint16_t>(bits);
    return t;
  }
  const bool floating = is_floating(dtype);
  Tensor listed = empty(shape, {.dtype = floating ? float64 : int64});
  if (floating)
    std::copy(stored.reals.begin(), stored.reals.end(), static_cast<double*>(listed.raw_data()));
  else
    std::copy(stored.integers.begin(), stored.integers.end(),
              static_cast<int64_t*>(listed.raw_data()));
  return listed.to(dtype);
}

// A path that stays in the folder, also by way of links.
std::string path_within(const std::string& where, const StoredTensor& stored,
                        const std::string& folder) {
  namespace fs = std::filesystem;
  const fs::path location(stored.location);
  const auto leaves = [](const fs::path& p) { return p == ".."; };
  std::error_code error;
  check<IOError>(!folder.empty(),
                 "{}: '{}' lies in another file, which bytes can't lead to; read the file by its "
                 "path",
                 where, stored.name);
  const bool stays = !location.empty() && !location.is_absolute() &&
                     std::none_of(location.begin(), location.end(), leaves);
  check<IOError>(stays, "{}: '{}' lies in '{}', which is no path inside of the folder", where,
                 stored.name, stored.location);
  const fs::path root = fs::canonical(folder, error);
  const fs::path file = error ? fs::path() : fs::canonical(root / location, error);
  check<IOError>(!error, "{}: '{}' lies in '{}', which can't be read", where, stored.name,
                 stored.location);
  const auto [end, rest] = std::mismatch(root.begin(), root.end(), file.begin(), file.end());
  check<IOError>(end == root.end(), "{}: '{}' lies in '{}', a link that leaves the folder", where,
                 stored.name, stored.location);
  return file;
}

Tensor of_other_file(const std::string& where, const StoredTensor& stored,
                     const std::string& folder, DType dtype, const Shape& shape, size_t bytes) {
  const std::string path = path_within(where, stored, folder);
  const io::MappedFile file(where.c_str(), path);
  const auto offset = static_cast<size_t>(stored.offset);
  check<IOError>(stored.length < 0 || static_cast<size_t>(stored.length) == bytes,
                 "{}: '{}' has {} bytes in '{}', expected {}", where, stored.name, stored.length,
                 stored.location, bytes);
  check<IOError>(offset <= file.size() && bytes <= file.size() - offset,
                 "{}: '{}' ends beyond '{}', which has {} bytes", where, stored.name,
                 stored.location, file.size());
  Tensor t = empty(shape, {.dtype = dtype});
  put(t, file.bytes().substr(offset, bytes));
  return t;
}

}  // namespace

std::optional<DType> dtype_of_onnx(int64_t type) {
  return is_known(type) ? types[type].dtype : std::nullopt;
}
size_t size_of_onnx_type(int64_t type) { return is_known(type) ? types[type].bytes : 0; }
std::string name_of_onnx_type(int64_t type) {
  return is_known(type) ? types[type].name : fmt::format("type {}", type);
}

Tensor load_tensor(const std::string& where, const StoredTensor& stored,
                   const std::string& folder) {
  const std::optional<DType> dtype = dtype_of_onnx(stored.type);
  check<IOError>(dtype.has_value(), "{}: '{}' has numbers of {}, which there are none of here",
                 where, stored.name, name_of_onnx_type(stored.type));
  check<IOError>(stored.dims.size() <= static_cast<size_t>(Shape::max_rank),
                 "{}: '{}' has {} dimensions, expected {} at most", where, stored.name,
                 stored.dims.size(), Shape::max_rank);
  const bool positive =
      std::all_of(stored.dims.begin(), stored.dims.end(), [](int64_t n) { return n >= 0; });
  const std::optional<size_t> elements = positive ? io::elements_of(stored.dims) : std::nullopt;
  check<IOError>(elements.has_value(), "{}: '{}' has impossible sizes", where, stored.name);
  const Shape shape(stored.dims);
  const size_t bytes = *elements * itemsize(*dtype);
  if (stored.is_elsewhere) return of_other_file(where, stored, folder, *dtype, shape, bytes);
  if (stored.raw) {
    check<IOError>(stored.raw->size() == bytes, "{}: '{}' has {} bytes, expected {} of {}", where,
                   stored.name, stored.raw->size(), *elements, *dtype);
    Tensor t = empty(shape, {.dtype = *dtype});
    put(t, *stored.raw);
    return t;
  }
  const bool by_reals = *dtype == float32 || *dtype == float64;
  const size_t listed = by_reals ? stored.reals.size() : stored.integers.size();
  check<IOError>(listed == *elements, "{}: '{}' has {} numbers, expected {}", where, stored.name,
                 listed, *elements);
  return of_list(stored, *dtype, shape);
}

}  // namespace rw::onnx
