#include <rewind/io/protobuf.h>

#include <rewind/io/byte_reader.h>

namespace rw::io::detail {

namespace {

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
  append_number(bytes_, value);
  return *this;
}

Message& Message::real(uint32_t field, float value) {
  key(field, fixed32_type);
  append_number(bytes_, value);
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
  for (size_t i = 0; i < count; ++i) append_number(bytes_, values[i]);
  return *this;
}

}  // namespace rw::io::detail
