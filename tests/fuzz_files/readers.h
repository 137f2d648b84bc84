#pragma once
// All that reads bytes from outside, for tests that give them what they don't expect, and for
// `./dev fuzz files`.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rw::test {

struct FileReader {
  std::string name;
  /// What its errors call a file of its kind.
  std::string kind;
  /// Reads the file and looks at all that comes of it.
  std::function<void(const std::string& path)> read;
  /// A file made of bytes that a fuzzer changes: the bytes themselves, or what has them inside and
  /// checksums that fit, as these would tell any change.
  std::function<std::string(std::string_view bytes)> file = [](auto bytes) {
    return std::string(bytes);
  };
};

/// By their names.
const std::vector<FileReader>& file_readers();
/// The one of this name; throws Error where there is none.
const FileReader& file_reader(const std::string& name);

/// Packed one after another, each behind its length, in four bytes.
std::vector<std::string> read_corpus(const std::string& path);

}  // namespace rw::test
