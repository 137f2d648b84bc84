#pragma once
// Private to the library's sources: files of known data sets, and where to get them.

#include <string>

namespace rw::data::detail {

/// A data set, for messages.
struct Source {
  const char* name;
  std::string advice;  ///< which files it has, where they come from, and their checksums
};

/// The path of a file in a folder. Throws IOError with the advice where there is none.
std::string find_file(const Source& source, const std::string& folder, const std::string& name);
/// The same, also with the ending .gz.
std::string find_file_or_gz(const Source& source, const std::string& folder,
                            const std::string& name);

}  // namespace rw::data::detail
