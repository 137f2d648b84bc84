#include <rewind/tensor/file.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <rewind/tensor/check.h>

namespace rw::detail {

namespace {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

}  // namespace

std::string read_file(const char* op, const std::string& path) {
  const File file(std::fopen(path.c_str(), "rb"));
  check<IOError>(file != nullptr, "{}: cannot open {}: {}", op, path, std::strerror(errno));
  std::string content;
  for (;;) {
    const size_t before = content.size();
    content.resize(before + std::clamp(before, size_t{1} << 16, size_t{1} << 26));
    const size_t got = std::fread(content.data() + before, 1, content.size() - before, file.get());
    content.resize(before + got);
    if (got == 0) break;
  }
  check<IOError>(!std::ferror(file.get()), "{}: cannot read {}: {}", op, path,
                 std::strerror(errno));
  return content;
}

void write_file(const char* op, const std::string& path, std::string_view content) {
  const std::string aside = path + ".part";
  const auto written = [&] {
    File file(std::fopen(aside.c_str(), "wb"));
    return file && std::fwrite(content.data(), 1, content.size(), file.get()) == content.size() &&
           std::fclose(file.release()) == 0;
  };
  if (written() && std::rename(aside.c_str(), path.c_str()) == 0) return;
  const int reason = errno;
  std::remove(aside.c_str());
  fail<IOError>("{}: {} can't be written: {}", op, path, std::strerror(reason));
}

}  // namespace rw::detail
