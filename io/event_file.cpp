#include <rewind/io/event_file.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

#include <rewind/io/crc32c.h>
#include <rewind/tensor/check.h>

namespace rw::io::detail {

namespace {

template <class T>
void append_little_endian(std::string& out, T value) {
  for (size_t i = 0; i < sizeof(T); ++i) out += static_cast<char>((value >> (8 * i)) & 255);
}

enum WireType : uint32_t { varint_type = 0, fixed64_type = 1, bytes_type = 2, fixed32_type = 5 };

}  // namespace

void Message::varint(uint64_t value) {
  for (; value >= 128; value >>= 7) bytes_ += static_cast<char>((value & 127) | 128);
  bytes_ += static_cast<char>(value);
}

void Message::key(uint32_t field, uint32_t wire_type) { varint((field << 3) | wire_type); }

Message& Message::number(uint32_t field, int64_t value) {
  key(field, varint_type);
  varint(static_cast<uint64_t>(value));
  return *this;
}

Message& Message::real(uint32_t field, double value) {
  key(field, fixed64_type);
  append_little_endian(bytes_, std::bit_cast<uint64_t>(value));
  return *this;
}

Message& Message::real(uint32_t field, float value) {
  key(field, fixed32_type);
  append_little_endian(bytes_, std::bit_cast<uint32_t>(value));
  return *this;
}

Message& Message::bytes(uint32_t field, std::string_view value) {
  key(field, bytes_type);
  varint(value.size());
  bytes_ += value;
  return *this;
}

Message& Message::reals(uint32_t field, const double* values, size_t count) {
  key(field, bytes_type);
  varint(8 * count);
  for (size_t i = 0; i < count; ++i)
    append_little_endian(bytes_, std::bit_cast<uint64_t>(values[i]));
  return *this;
}

uint32_t masked_crc32c(std::string_view bytes) { return std::rotr(crc32c(bytes), 15) + 0xa282ead8; }

EventFile::EventFile(std::string path, double wall_time)
    : path_(std::move(path)), file_(std::fopen(path_.c_str(), "wbxe")) {
  check<IOError>(file_ != nullptr, "SummaryWriter: {} can't be made: {}", path_,
                 std::strerror(errno));
  write(Message().real(1, wall_time).bytes(3, "brain.Event:2"));
}

EventFile::~EventFile() { std::fclose(file_); }

void EventFile::write(const Message& event) {
  std::string record;
  append_little_endian(record, uint64_t{event.str().size()});
  append_little_endian(record, masked_crc32c(record));
  record += event.str();
  append_little_endian(record, masked_crc32c(event.str()));
  check_written(std::fwrite(record.data(), 1, record.size(), file_) == record.size());
}

void EventFile::flush() { check_written(std::fflush(file_) == 0); }

void EventFile::check_written(bool written) {
  check<IOError>(written, "SummaryWriter: {} can't be written: {}", path_, std::strerror(errno));
}

}  // namespace rw::io::detail
