#pragma once
// Private to the sources of Rewind's libraries and its tool: texts of bytes.

#include <cstddef>
#include <string_view>

#pragma GCC visibility push(default)

namespace rw::io {

/// The length of the character that begins at a place of a text, in bytes; 0 where there is none.
/// RFC 3629: no longer form than needed, no surrogates, nothing beyond U+10FFFF.
size_t character_at(std::string_view text, size_t at);

/// Where a text is no UTF-8; npos where all of it is.
size_t first_no_character(std::string_view text);

}  // namespace rw::io

#pragma GCC visibility pop
