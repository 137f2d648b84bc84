#pragma once
// Private to the library's sources.

#include <string_view>

namespace rw::io {

/// Whether a decimal number is less than 1, by the place of its first digit other than 0: where
/// std::from_chars calls one out of range, that tells those too close to zero from those too large.
bool is_small(std::string_view number);

}  // namespace rw::io
