#pragma once
// Private to the library's sources.

#include <string>
#include <string_view>

namespace rw::detail {

/// A string of JSON (RFC 8259), quotes included.
std::string json_string(std::string_view text);

}  // namespace rw::detail
