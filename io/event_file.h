#pragma once
// Private to the library's sources: TensorBoard's event files, a record for each event.

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include <rewind/io/protobuf.h>

namespace rw::io::detail {

/// CRC-32C (Castagnoli), turned and moved as records have it.
uint32_t masked_crc32c(std::string_view bytes);

/// A file that records are appended to.
class EventFile {
 public:
  /// Makes the file, with the event that names the format in it. Throws IOError.
  EventFile(std::string path, double wall_time);
  EventFile(const EventFile&) = delete;
  ~EventFile();

  /// Appends an event. Throws IOError.
  void write(const Message& event);
  /// Hands everything to the system. Throws IOError.
  void flush();
  /// Where it lies.
  const std::string& path() const { return path_; }

 private:
  void check_written(bool written);

  std::string path_;
  std::FILE* file_;
};

}  // namespace rw::io::detail
