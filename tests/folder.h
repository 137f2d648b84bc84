#pragma once
// A folder for files of a test, which goes with it.

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace rw::test {

/// The bytes of a file; none where it can't be read.
inline std::string content_of(const std::filesystem::path& file) {
  std::ostringstream content;
  content << std::ifstream(file, std::ios::binary).rdbuf();
  return content.str();
}

struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("rewind_test_" + std::to_string(getpid()));
  Folder() { std::filesystem::create_directories(path); }
  Folder(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }

  std::string write(const std::string& name, const std::string& bytes) const {
    // Writing over a file makes ext4 wait for the disk.
    std::filesystem::remove(path / name);
    std::ofstream(path / name, std::ios::binary) << bytes;
    return path / name;
  }
  std::string read(const std::string& name) const { return content_of(path / name); }
};

}  // namespace rw::test
