#pragma once
// Private to the library's sources: what pickles of tensors may name.

#include <cstdint>
#include <string_view>

#include <rewind/tensor/dtype.h>

namespace rw::io {

/// A function or class, and what it means in a pickle.
struct PickledName {
  enum class Use : uint8_t { dict, tensor, parameter, storage_type, sizes, constant, ignored_call };
  std::string_view name;  ///< with its module
  Use use;
  DType dtype = float32;  ///< of a type of storages
};

/// The one of this name; null where it may not be named.
const PickledName* known_name(std::string_view name);
/// The type of storages of a dtype.
std::string_view storage_type(DType dtype);

}  // namespace rw::io
