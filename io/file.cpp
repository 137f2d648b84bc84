#include <rewind/io/file.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

#include <rewind/tensor/check.h>

namespace rw::io {

namespace {

// A descriptor that is closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int operator*() const { return fd_; }

 private:
  int fd_;
};

Descriptor open_to_read(const char* op, const std::string& path, int flags = 0) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  check<IOError>(fd >= 0, "{}: cannot open {}: {}", op, path, std::strerror(errno));
  return Descriptor(fd);
}

// Calls f until no signal interrupts it.
template <class F>
auto uninterrupted(const F& f) {
  auto result = f();
  while (result < 0 && errno == EINTR) result = f();
  return result;
}

// With its slash; empty where there is none.
std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

// Fills memory from a file; the error's number where that fails, -1 where the file ends before.
int read_all(int fd, char* to, size_t size) {
  while (size > 0) {
    const ssize_t got = uninterrupted([&] { return ::read(fd, to, size); });
    if (got <= 0) return got < 0 ? errno : -1;
    to += got, size -= static_cast<size_t>(got);
  }
  return 0;
}

// Where links lead to, also where there is nothing yet.
std::string resolved(std::string path) {
  constexpr int most_links = 40;  // as the system's
  for (int i = 0; i < most_links; ++i) {
    const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr),
                                                           &std::free);
    if (real) return real.get();
    std::error_code none;
    const std::filesystem::path target = std::filesystem::read_symlink(path, none);
    if (none) return path;
    path = target.is_absolute() ? target.string() : folder_of(path) + target.string();
  }
  return path;
}

// How the files that are written aside of a target begin; the process and a number follow.
std::string aside_prefix(const std::string& target) {
  constexpr size_t most = 200;  // a name has 255 bytes
  return ".rewind-" + target.substr(folder_of(target).size()).substr(0, most) + "-";
}

// Whether a file was written aside by a process that ended before it was whole. Its writer holds a
// lock, which processes of other machines and containers see as well.
bool is_left_over(const std::string& path, std::string_view ending) {
  pid_t writer = 0;
  const char* end = ending.data() + ending.size();
  const auto [dash, error] = std::from_chars(ending.data(), end, writer);
  if (error != std::errc() || dash == end || *dash != '-' || writer <= 0) return false;
  if (std::string_view(dash + 1, end).find_first_not_of("0123456789") != ending.npos) return false;
  if (::kill(writer, 0) == 0 || errno != ESRCH) return false;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  return *file >= 0 && ::flock(*file, LOCK_EX | LOCK_NB) == 0;
}

void remove_left_over(const std::string& target) {
  const std::string folder = folder_of(target), prefix = aside_prefix(target);
  std::error_code none;  // what can't be read or removed stays
  for (std::filesystem::directory_iterator it(folder.empty() ? "." : folder, none), end;
       !none && it != end; it.increment(none)) {
    const std::string name = it->path().filename();
    if (name.starts_with(prefix) &&
        is_left_over(folder + name, std::string_view(name).substr(prefix.size())))
      ::unlink((folder + name).c_str());
  }
}

// Brings a file or folder to the disk; true as well where the file system knows no such thing.
bool is_synced(int fd) {
  return uninterrupted([&] { return ::fsync(fd); }) == 0 || errno == EINVAL || errno == ENOTSUP;
}

// A folder that may be changed but not read can't be opened: its entries come to the disk later.
bool is_folder_synced(const std::string& folder) {
  const Descriptor fd(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return *fd < 0 ? errno == EACCES : is_synced(*fd);
}

}  // namespace

std::string read_file(const char* op, const std::string& path) {
  const Descriptor file = open_to_read(op, path);
  std::string content;
  for (;;) {
    const size_t before = content.size();
    content.resize(before + std::clamp(before, size_t{1} << 16, size_t{1} << 26));
    const ssize_t got = uninterrupted(
        [&] { return ::read(*file, content.data() + before, content.size() - before); });
    check<IOError>(got >= 0, "{}: cannot read {}: {}", op, path, std::strerror(errno));
    content.resize(before + static_cast<size_t>(got));
    if (got == 0) return content;
  }
}

void write_file(const char* op, const std::string& path, std::string_view content) {
  AtomicFile file(op, path);
  file.write(content);
  file.commit();
}

// --- AtomicFile ---------------------------------------------------------------------------------

AtomicFile::AtomicFile(const char* op, std::string path)
    : op_(op), path_(std::move(path)), target_(resolved(path_)) {
  struct stat old = {};
  const bool exists = ::stat(target_.c_str(), &old) == 0;
  if (exists && !S_ISREG(old.st_mode)) {
    file_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC);
    if (file_ < 0) fail_for(errno);
    return;
  }
  open_aside();
  if (exists && ::fchmod(file_, old.st_mode & 07777) != 0) {
    const int reason = errno;
    ::close(file_);
    ::unlink(aside_.c_str());
    fail_for(reason);
  }
}

AtomicFile::~AtomicFile() {
  if (file_ >= 0) ::close(file_);
  if (!aside_.empty()) ::unlink(aside_.c_str());
}

void AtomicFile::open_aside() {
  static std::atomic<unsigned> count{0};
  remove_left_over(target_);
  do {
    aside_ = fmt::format("{}{}{}-{}", folder_of(target_), aside_prefix(target_), getpid(), count++);
    file_ = ::open(aside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (file_ < 0 && errno == EEXIST);
  if (file_ < 0) fail_for(errno);
  ::flock(file_, LOCK_EX | LOCK_NB);  // see is_left_over
}

void AtomicFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = uninterrupted([&] { return ::write(file_, bytes.data(), bytes.size()); });
    if (n <= 0) fail_for(n < 0 ? errno : EIO);
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

void AtomicFile::commit() {
  if (aside_.empty()) return close_or_fail();
  if (!is_synced(file_)) fail_for(errno);
  close_or_fail();
  if (::rename(aside_.c_str(), target_.c_str()) != 0) fail_for(errno);
  aside_.clear();
  if (!is_folder_synced(folder_of(target_))) fail_for(errno);
}

// A file system may keep an error until then.
void AtomicFile::close_or_fail() {
  if (::close(std::exchange(file_, -1)) != 0 && errno != EINTR) fail_for(errno);
}

void AtomicFile::fail_for(int reason) const {
  fail<IOError>("{}: {} can't be written: {}", op_, path_, std::strerror(reason));
}

// --- MappedFile ---------------------------------------------------------------------------------

MappedFile::MappedFile(const char* op, const std::string& path, bool copy) {
  // A pipe without a writer is not waited for, only to be refused.
  const Descriptor file = open_to_read(op, path, O_NONBLOCK);
  struct stat about = {};
  check<IOError>(::fstat(*file, &about) == 0, "{}: cannot read {}: {}", op, path,
                 std::strerror(errno));
  check<IOError>(S_ISREG(about.st_mode), "{}: cannot read {}: it is no regular file", op, path);
  if (about.st_size == 0) return;
  const auto size = static_cast<size_t>(about.st_size);
  // Nothing is set aside for pages of a file that may be written: few of them are.
  const int kind = MAP_PRIVATE | (copy ? MAP_ANONYMOUS : MAP_NORESERVE);
  void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, kind, copy ? -1 : *file, 0);
  check<IOError>(data != MAP_FAILED, "{}: cannot map {}: {}", op, path, std::strerror(errno));
  const int reason = copy ? read_all(*file, static_cast<char*>(data), size) : 0;
  if (reason != 0) {
    ::munmap(data, size);
    fail<IOError>("{}: cannot read {}: {}", op, path,
                  reason < 0 ? "it became shorter" : std::strerror(reason));
  }
  data_ = static_cast<char*>(data);
  size_ = size;
}

MappedFile::~MappedFile() {
  if (data_) ::munmap(data_, size_);
}

}  // namespace rw::io
