#pragma once
// Private to the library's sources: TensorBoard's event files, a record for each event, and the
// part of protobuf's encoding that events take.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace rw::io::detail {

/// A message of protobuf that is written field by field.
class Message {
 public:
  ///@{
  /// Appends a field of this number.
  Message& number(uint32_t field, int64_t value);
  Message& real(uint32_t field, double value);
  Message& real(uint32_t field, float value);
  Message& bytes(uint32_t field, std::string_view value);
  Message& message(uint32_t field, const Message& value) { return bytes(field, value.bytes_); }
  /// Numbers one after another, as one field.
  Message& reals(uint32_t field, const double* values, size_t count);
  ///@}
  /// What was written.
  const std::string& str() const { return bytes_; }

 private:
  void key(uint32_t field, uint32_t wire_type);
  void varint(uint64_t value);

  std::string bytes_;
};

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
