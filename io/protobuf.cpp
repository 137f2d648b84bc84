#include <rewind/io/protobuf.h>

#include <cstring>

#include <rewind/io/byte_reader.h>
#include <rewind/tensor/check.h>

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

// --- Reading ------------------------------------------------------------------------------------

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
    case varint:
      value_ = take_varint();
      break;
    case fixed64:
      bytes_ = take(8);
      break;
    case length:
      bytes_ = take(take_varint());
      break;
    case fixed32:
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
  expect(varint);
  return static_cast<int64_t>(value_);
}
float Fields::real() const {
  expect(fixed32);
  float value;
  std::memcpy(&value, bytes_.data(), sizeof value);
  return value;
}
std::string_view Fields::bytes() const {
  expect(length);
  return bytes_;
}

void Fields::append_to(std::vector<int64_t>& integers) const {
  if (wire_ == varint) {
    integers.push_back(integer());
    return;
  }
  Fields packed(where_, bytes());
  while (!packed.rest_.empty()) integers.push_back(static_cast<int64_t>(packed.take_varint()));
}

template <class T>
void Fields::append_fixed_to(std::vector<double>& reals, Wire wire) const {
  if (wire_ != length) expect(wire);
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
  append_fixed_to<float>(reals, fixed32);
}
void Fields::append_doubles_to(std::vector<double>& reals) const {
  append_fixed_to<double>(reals, fixed64);
}

}  // namespace rw::io::detail
