#pragma once
// Stand in for functions of the C library that change files, to fail or to end the process where a
// test asks for it. For one source of a program only.

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <limits>
#include <string_view>

namespace system_calls {

inline size_t most_bytes = std::numeric_limits<size_t>::max();  // that one write takes
inline std::string_view failing;
inline int until_failure = -1, reason = 0;
inline int until_death = -1;

/// The call of this name that comes after `others` of that name fails.
inline void fail(std::string_view name, int others, int error) {
  failing = name;
  until_failure = others;
  reason = error;
}

/// Ends the process before the call, of any name, that comes after `others`; a write is half done.
inline void kill_at(int others) { until_death = others; }

inline void reset() {
  most_bytes = std::numeric_limits<size_t>::max();
  until_failure = until_death = -1;
}

inline bool is_last() { return until_death >= 0 && until_death-- == 0; }
inline bool fails(std::string_view name) {
  if (is_last()) raise(SIGKILL);
  if (name != failing || until_failure < 0 || until_failure-- > 0) return false;
  errno = reason;
  return true;
}

}  // namespace system_calls

extern "C" {

ssize_t write(int fd, const void* bytes, size_t count) {
  count = std::min(count, system_calls::most_bytes);
  if (system_calls::until_death == 0) syscall(SYS_write, fd, bytes, count / 2);
  if (system_calls::fails("write")) return -1;
  return syscall(SYS_write, fd, bytes, count);
}

int fsync(int fd) {
  if (system_calls::fails("fsync")) return -1;
  return static_cast<int>(syscall(SYS_fsync, fd));
}

int close(int fd) {
  const bool failed = system_calls::fails("close");
  const int error = errno;
  const auto result = static_cast<int>(syscall(SYS_close, fd));
  return failed ? (errno = error, -1) : result;
}

int rename(const char* from, const char* to) noexcept {
  if (system_calls::fails("rename")) return -1;
  return static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

}  // extern "C"
