#pragma once
// Private to the library's sources: Python's pickles, of what torch.save writes of tensors.

#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <rewind/io/byte_reader.h>
#include <rewind/tensor/dtype.h>
#include <rewind/tensor/shape.h>

namespace rw::io {

struct PickledName;

/// A memory that tensors of a pickle lie in, which is elsewhere in the file.
struct PickledStorage {
  std::string_view key;
  DType dtype;
  int64_t elements;
};

/// A tensor of a pickle, which lies within its storage.
struct PickledTensor {
  size_t storage;  ///< an index into Pickle::storages
  int64_t offset;
  Shape shape;
  Strides strides;
};

/// A value of Python's. Others are named by their index in Pickle::values.
struct PickledValue {
  using Index = uint32_t;
  struct None {};
  /// What is of no use here: a dtype, a device, bytes, an integer beyond 64 bits.
  struct Opaque {};
  /// A function or class of those that may be named.
  struct Global {
    const PickledName* name;
  };
  /// A place in Pickle::storages.
  struct Storage {
    size_t which;
  };
  /// A place in Pickle::tensors.
  struct Tensor {
    size_t which;
  };
  struct Sequence {
    std::vector<Index> items;
    bool is_tuple;
  };
  using Dict = std::vector<std::pair<Index, Index>>;

  std::variant<None, bool, int64_t, double, std::string_view, Opaque, Global, Storage, Tensor,
               Sequence, Dict>
      value;

  /// The value where it is a T; null otherwise.
  template <class T>
  const T* get() const {
    return std::get_if<T>(&value);
  }
};

/// What one pickle says.
struct Pickle {
  std::vector<PickledValue> values;
  std::vector<PickledStorage> storages;  ///< each key once
  std::vector<PickledTensor> tensors;
  PickledValue::Index root = 0;

  const PickledValue& at(PickledValue::Index i) const { return values[i]; }
};

/// Reads one pickle, up to its end. It is a program for a machine of which only those instructions
/// are known that build tensors, numbers, texts, lists, tuples and dicts: nothing that it names is
/// called, imported or made. Throws IOError for everything else, and names it. Texts are those of
/// the bytes that are read.
Pickle read_pickle(ByteReader& in);

}  // namespace rw::io
