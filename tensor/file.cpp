#include <rewind/tensor/file.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <rewind/tensor/check.h>

namespace rw::detail {

namespace {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

// Where links lead to; the path itself where there is nothing yet.
std::string resolved(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr),
                                                         &std::free);
  return real ? real.get() : path;
}

bool write_to(File file, std::string_view content) {
  return file && std::fwrite(content.data(), 1, content.size(), file.get()) == content.size() &&
         std::fclose(file.release()) == 0;
}

// A new file in the folder of `path`, with the rights of the one that it will replace.
int open_beside(const std::string& path, std::string& name) {
  static std::atomic<unsigned> count{0};
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  int file = -1;
  do {
    name = fmt::format("{}.rewind-{}-{}", folder, getpid(), count++);
    file = open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (file < 0 && errno == EEXIST);
  struct stat old = {};
  if (file >= 0 && stat(path.c_str(), &old) == 0 && fchmod(file, old.st_mode & 07777) != 0) {
    close(file);
    unlink(name.c_str());
    return -1;
  }
  return file;
}

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
  const std::string target = resolved(path);
  struct stat old = {};
  // A pipe or a device is written to as it is.
  if (stat(target.c_str(), &old) == 0 && !S_ISREG(old.st_mode)) {
    const bool written = write_to(File(std::fopen(target.c_str(), "wb")), content);
    check<IOError>(written, "{}: {} can't be written: {}", op, path, std::strerror(errno));
    return;
  }
  std::string aside;
  const int file = open_beside(target, aside);
  const auto written = [&] {
    return file >= 0 && write_to(File(fdopen(file, "wb")), content) &&
           std::rename(aside.c_str(), target.c_str()) == 0;
  };
  if (written()) return;
  const int reason = errno;
  if (file >= 0) unlink(aside.c_str());
  fail<IOError>("{}: {} can't be written: {}", op, path, std::strerror(reason));
}

}  // namespace rw::detail
