#pragma once
// Private to the sources of Rewind's libraries: checksums.

#include <cstdint>
#include <string_view>

#pragma GCC visibility push(default)

namespace rw::io {

/// CRC-32C (Castagnoli's polynomial, as of iSCSI, RFC 3720) of `bytes`; of several pieces, where
/// `before` is that of the pieces before. By the processor's instruction where there is one.
uint32_t crc32c(std::string_view bytes, uint32_t before = 0);

namespace detail {
/// The same on any processor.
uint32_t crc32c_by_tables(std::string_view bytes, uint32_t before = 0);
}  // namespace detail

}  // namespace rw::io

#pragma GCC visibility pop
