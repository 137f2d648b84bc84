#pragma once
// Private to the sources of Rewind's libraries: files, read whole, mapped, and written at once.

#include <cstddef>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)

namespace rw::io {

/// What the file at `path` holds. Throws IOError, whose message begins with `op`.
std::string read_file(const char* op, const std::string& path);

/// Writes a file by AtomicFile.
void write_file(const char* op, const std::string& path, std::string_view content);

/// A file that is written aside, in the same folder, and takes its name when it is whole: whoever
/// opens the name finds what was there before or all of the new content, after a loss of power as
/// well. Pipes and devices are written to as they are. Everything throws IOError, whose message
/// begins with `op` (a literal); the old file is as it was then, unless the folder could not be
/// brought to the disk.
class AtomicFile {
 public:
  /// Opens the file aside, with the rights of the one that it will replace.
  AtomicFile(const char* op, std::string path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  /// Drops what was not committed.
  ~AtomicFile();

  /// Appends bytes.
  void write(std::string_view bytes);
  /// Brings the file to the disk and gives it its name.
  void commit();

 private:
  void open_aside();
  void close_or_fail();
  [[noreturn]] void fail_for(int reason) const;

  const char* op_;
  std::string path_, target_, aside_;  // the last one empty where there is none
  int file_ = -1;
};

/// The bytes of a file as memory, read from the disk where they are looked at. Writing into them
/// changes a copy of this process, never the file. A program that shortens the file meanwhile ends
/// this one where it reads beyond (by SIGBUS); one that replaces it, as AtomicFile does, changes
/// nothing here.
class MappedFile {
 public:
  /// Throws IOError, whose message begins with `op`, where there is no such file. A copy is read at
  /// once, and nothing that becomes of the file changes it.
  MappedFile(const char* op, const std::string& path, bool copy = false);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  char* data() const { return data_; }
  size_t size() const { return size_; }
  std::string_view bytes() const { return {data_, size_}; }

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace rw::io

#pragma GCC visibility pop
