#include <rewind/io/protobuf.h>

#include <cstring>

#include <rewind/io/byte_reader.h>
#include <rewind/io/utf8.h>
#include <rewind/tensor/check.h>

namespace rw::io::detail {

void Message::varint(uint64_t value) {
  for (; value >= 128; value >>= 7) bytes_ += static_cast<char>((value & 127) | 128);
  bytes_ += static_cast<char>(value);
}

void Message::key(uint32_t field, Wire wire) { varint((field << 3) | static_cast<uint32_t>(wire)); }

Message& Message::number(uint32_t field, int64_t value) {
  key(field, Wire::varint);
  varint(static_cast<uint64_t>(value));
  return *this;
}

Message& Message::real(uint32_t field, double value) {
  key(field, Wire::fixed64);
  append_number(bytes_, value);
  return *this;
}

Message& Message::real(uint32_t field, float value) {
  key(field, Wire::fixed32);
  append_number(bytes_, value);
  return *this;
}

Message& Message::bytes(uint32_t field, std::string_view value) {
  key(field, Wire::length);
  varint(value.size());
  bytes_ += value;
  return *this;
}

Message& Message::reals(uint32_t field, const double* values, size_t count) {
  key(field, Wire::length);
  varint(8 * count);
  for (size_t i = 0; i < count; ++i) append_number(bytes_, values[i]);
  return *this;
}

// --- Reading ------------------------------------------------------------------------------------

std::string text_of(const std::string& where, std::string_view bytes) {
  check<IOError>(first_no_character(bytes) == bytes.npos, "{}: a name is not UTF-8", where);
  return std::string(bytes);
}

std::string_view Fields::take(size_t n) {
  check<IOError>(n <= rest_.size(), "{}: truncated: expected {} bytes more, there are {}", where_,
                 n, rest_.size());
  const std::string_view taken = rest_.substr(0, n);
  rest_.remove_prefix(n);
  return taken;
}

uint64_t Fields::take_varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(take(1)[0]);
    value |= uint64_t{byte & 127u} << shift;
    if (byte < 128) return value;
  }
  fail<IOError>("{}: a number has more than 64 bits", where_);
}

bool Fields::next() {
  if (rest_.empty()) return false;
  const uint64_t key = take_varint();
  check<IOError>(key >> 3 != 0 && key >> 3 < uint64_t{1} << 29, "{}: there is no field {}", where_,
                 key >> 3);
  number_ = static_cast<uint32_t>(key >> 3);
  wire_ = static_cast<Wire>(key & 7);
  switch (wire_) {
    case Wire::varint:
      value_ = take_varint();
      break;
    case Wire::fixed64:
      bytes_ = take(8);
      break;
    case Wire::length:
      bytes_ = take(take_varint());
      break;
    case Wire::fixed32:
      bytes_ = take(4);
      break;
    default:
      fail<IOError>("{}: field {} is of no known kind", where_, number_);
  }
  return true;
}

void Fields::expect(Wire wire) const {
  check<IOError>(wire_ == wire, "{}: field {} is of another kind than expected", where_, number_);
}

int64_t Fields::integer() const {
  expect(Wire::varint);
  return static_cast<int64_t>(value_);
}
float Fields::real() const {
  expect(Wire::fixed32);
  float value;
  std::memcpy(&value, bytes_.data(), sizeof value);
  return value;
}
std::string_view Fields::bytes() const {
  expect(Wire::length);
  return bytes_;
}

void Fields::append_to(std::vector<int64_t>& integers) const {
  if (wire_ == Wire::varint) {
    integers.push_back(integer());
    return;
  }
  Fields packed(where_, bytes());
  while (!packed.rest_.empty()) integers.push_back(static_cast<int64_t>(packed.take_varint()));
}

template <class T>
void Fields::append_fixed_to(std::vector<double>& reals, Wire wire) const {
  if (wire_ != Wire::length) expect(wire);
  check<IOError>(bytes_.size() % sizeof(T) == 0,
                 "{}: field {} has {} bytes, expected numbers of {}", where_, number_,
                 bytes_.size(), sizeof(T));
  for (size_t at = 0; at < bytes_.size(); at += sizeof(T)) {
    T value;
    std::memcpy(&value, bytes_.data() + at, sizeof value);
    reals.push_back(static_cast<double>(value));
  }
}
void Fields::append_floats_to(std::vector<double>& reals) const {
  append_fixed_to<float>(reals, Wire::fixed32);
}
void Fields::append_doubles_to(std::vector<double>& reals) const {
  append_fixed_to<double>(reals, Wire::fixed64);
}

}  // namespace rw::io::detail
