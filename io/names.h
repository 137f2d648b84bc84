#pragma once
// Private to the library's sources: names in files.

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

namespace rw::io {

/// A name that is there more than once; none where each is there once.
inline std::optional<std::string_view> name_there_twice(std::vector<std::string_view> names) {
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return {};
  return *twice;
}

}  // namespace rw::io
