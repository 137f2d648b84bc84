#pragma once
// Private to the sources of Rewind's libraries: whole files.

#include <string>
#include <string_view>

#pragma GCC visibility push(default)

namespace rw::detail {

/// What the file at `path` holds. Throws IOError, whose message begins with `op`.
std::string read_file(const char* op, const std::string& path);

/// Writes beside `path` and renames, so that whoever opens it finds what was there before or all of
/// the new content. Throws IOError, whose message begins with `op`.
void write_file(const char* op, const std::string& path, std::string_view content);

}  // namespace rw::detail

#pragma GCC visibility pop
