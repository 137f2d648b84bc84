#pragma once
// Private to the sources of Rewind's libraries and of its tool: JSON (RFC 8259), as headers and
// indices of files hold it.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <rewind/tensor/json_string.h>

#pragma GCC visibility push(default)

namespace rw::io {

/// A value of JSON.
struct Json {
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;  ///< in order, each name once

  /// An integer is an int64_t where it fits one, and a double otherwise.
  std::variant<std::nullptr_t, bool, int64_t, double, std::string, Array, Object> value = nullptr;

  /// The value where it is a T; null otherwise.
  template <class T>
  const T* get() const {
    return std::get_if<T>(&value);
  }
  /// The member of this name; null where there is none, or this is no object.
  const Json* find(std::string_view name) const;
};

/// What a text says. Throws IOError, whose message begins with `where`, for all that is not JSON:
/// texts that are no UTF-8, numbers beyond those of a double, members of one name, and more than 64
/// arrays and objects inside each other.
Json parse_json(const std::string& where, std::string_view text);

/// A value as text, without spaces. Numbers that are not finite are null.
std::string to_json(const Json& json);

using rw::detail::json_string;

}  // namespace rw::io

#pragma GCC visibility pop
