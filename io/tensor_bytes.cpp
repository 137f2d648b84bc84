#include <rewind/io/tensor_bytes.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include <rewind/io/json.h>
#include <rewind/io/names.h>
#include <rewind/io/utf8.h>
#include <rewind/tensor/check.h>

namespace rw::io {

std::optional<size_t> elements_of(std::span<const int64_t> shape) {
  size_t extent = 1, all = 1;
  for (const int64_t n : shape) {
    const auto size = static_cast<size_t>(n);
    if (__builtin_mul_overflow(extent, std::max<size_t>(size, 1), &extent)) return {};
    if (extent > size_t{1} << 56) return {};
    all *= size;
  }
  return all;
}

namespace {

Ref<Storage> copied(std::string_view bytes) {
  Ref<Storage> storage = Storage::allocate(bytes.size());
  if (!bytes.empty()) std::memcpy(storage->data(), bytes.data(), bytes.size());
  return storage;
}

Ref<Storage> reversed(std::string_view bytes, size_t itemsize) {
  Ref<Storage> storage = copied(bytes);
  char* data = static_cast<char*>(storage->data());
  for (size_t at = 0; at < bytes.size(); at += itemsize)
    std::reverse(data + at, data + at + itemsize);
  return storage;
}

Ref<Storage> as_bools(std::string_view bytes) {
  Ref<Storage> storage = Storage::allocate(bytes.size());
  std::transform(bytes.begin(), bytes.end(), static_cast<char*>(storage->data()),
                 [](char c) { return static_cast<char>(c != 0); });
  return storage;
}

}  // namespace

Ref<Storage> storage_of(const OwnedBytes& source, DType dtype, std::endian order) {
  const std::string_view bytes = source.bytes;
  if (bytes.empty()) return Storage::allocate(0);
  if (dtype == boolean) return as_bools(bytes);
  if (order != std::endian::native && itemsize(dtype) > 1) return reversed(bytes, itemsize(dtype));
  if (reinterpret_cast<uintptr_t>(bytes.data()) % itemsize(dtype) != 0) return copied(bytes);
  using Owner = std::shared_ptr<const void>;
  auto owner = std::make_unique<Owner>(source.owner);
  Ref<Storage> storage = Storage::external(
      const_cast<char*>(bytes.data()), bytes.size(),
      [](void* kept) { delete static_cast<Owner*>(kept); }, owner.get());
  owner.release();
  return storage;
}

std::string_view bytes_of(const Tensor& t) {
  if (t.numel() == 0) return {};
  return {static_cast<const char*>(t.raw_data()), t.nbytes()};
}

void check_writable(const char* op, const NamedTensors& tensors) {
  std::vector<std::string_view> names;
  for (const auto& [name, t] : tensors) {
    check(t.defined(), "{}: '{}' is undefined", op, name);
    check(first_no_character(name) == name.npos, "{}: the name {} is not UTF-8", op,
          json_string(name));
    names.push_back(name);
  }
  const auto twice = name_there_twice(std::move(names));
  check(!twice, "{}: '{}' is there more than once", op, twice.value_or(""));
}

}  // namespace rw::io
