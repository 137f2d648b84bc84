#pragma once
// Private to the library's sources: bytes of files as tensors, and tensors as bytes.

#include <bit>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <rewind/tensor/state_dict.h>
#include <rewind/tensor/tensor.h>

namespace rw::io {

static_assert(std::endian::native == std::endian::little, "the numbers of files are little-endian");

/// Bytes in memory that may be written to, and what keeps them there: a mapped file, or a text.
struct OwnedBytes {
  std::string_view bytes;
  std::shared_ptr<const void> owner;
};

/// The number of elements of a shape without negative sizes. None where it, or a product of some of
/// the sizes, is beyond 2^56: strides are such products, also where another size is zero.
std::optional<size_t> elements_of(std::span<const int64_t> shape);

/// Bytes as the memory of numbers. It is these bytes, unless they are of bools (one that is neither
/// 0 nor 1 would be none), in another order than the processor's, or lie where it would not have
/// them: then it is a copy.
Ref<Storage> storage_of(const OwnedBytes& source, DType dtype,
                        std::endian order = std::endian::native);

/// The memory of a row-major tensor.
std::string_view bytes_of(const Tensor& t);
/// Throws Error, which begins with `op`, where a tensor is undefined, or a name is there twice or
/// not UTF-8.
void check_writable(const char* op, const NamedTensors& tensors);

}  // namespace rw::io
