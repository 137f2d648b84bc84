#include <rewind/data/source_files.h>

#include <filesystem>

#include <rewind/tensor/check.h>

namespace rw::data::detail {

namespace {

// Empty where there is none.
std::string path_of(const std::string& folder, const std::string& name) {
  const std::filesystem::path path = std::filesystem::path(folder) / name;
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) ? path : "";
}

}  // namespace

std::string find_file(const Source& source, const std::string& folder, const std::string& name) {
  std::string path = path_of(folder, name);
  check<IOError>(!path.empty(), "{}: there is no {} in {}; {}", source.name, name, folder,
                 source.advice);
  return path;
}

std::string find_file_or_gz(const Source& source, const std::string& folder,
                            const std::string& name) {
  for (const char* ending : {"", ".gz"})
    if (std::string path = path_of(folder, name + ending); !path.empty()) return path;
  fail<IOError>("{}: there is no {} (or {}.gz) in {}; {}", source.name, name, name, folder,
                source.advice);
}

}  // namespace rw::data::detail
