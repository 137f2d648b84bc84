#pragma once
// Reads messages of protobuf.

#include <bit>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rw::test {

/// A number whose lowest byte is the first.
inline uint64_t little_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

/// The value of a field.
struct Field {
  uint64_t number = 0;  // of a varint, or the bits of a fixed one
  std::string bytes;
};
/// The fields of a message, by their numbers, in order.
struct Fields : std::multimap<uint64_t, Field> {
  explicit Fields(std::string_view message) {
    const auto varint = [&] {
      uint64_t value = 0;
      for (int shift = 0;; shift += 7) {
        BOOST_TEST_REQUIRE(!message.empty());
        const auto byte = static_cast<uint8_t>(message[0]);
        message.remove_prefix(1);
        value |= static_cast<uint64_t>(byte & 127) << shift;
        if (byte < 128) return value;
      }
    };
    while (!message.empty()) {
      const uint64_t key = varint();
      Field field;
      size_t size = 0;
      switch (key & 7) {
        case 0:
          field.number = varint();
          break;
        case 1:
          size = 8;
          break;
        case 2:
          size = varint();
          break;
        case 5:
          size = 4;
          break;
        default:
          BOOST_FAIL("wire type " << (key & 7));
      }
      BOOST_TEST_REQUIRE(message.size() >= size);
      field.bytes = message.substr(0, size);
      if ((key & 7) != 2 && size > 0) field.number = little_endian(field.bytes);
      message.remove_prefix(size);
      emplace(key >> 3, std::move(field));
    }
  }
  const Field& only(uint64_t number) const {
    BOOST_TEST_REQUIRE(count(number) == 1u, "field " << number << " is there " << count(number));
    return find(number)->second;
  }
  uint64_t integer(uint64_t n) const { return only(n).number; }
  double real(uint64_t n) const { return std::bit_cast<double>(only(n).number); }
  float small(uint64_t n) const {
    return std::bit_cast<float>(static_cast<uint32_t>(only(n).number));
  }
  const std::string& text(uint64_t n) const { return only(n).bytes; }
  std::vector<int64_t> integers(uint64_t n) const {
    std::vector<int64_t> out;
    for (auto [at, end] = equal_range(n); at != end; ++at)
      out.push_back(static_cast<int64_t>(at->second.number));
    return out;
  }
  std::vector<std::string> texts(uint64_t n) const {
    std::vector<std::string> out;
    for (auto [at, end] = equal_range(n); at != end; ++at) out.push_back(at->second.bytes);
    return out;
  }
  Fields below(uint64_t n) const { return Fields(text(n)); }
  std::vector<double> reals(uint64_t n) const {
    const std::string& bytes = text(n);
    std::vector<double> out(bytes.size() / 8);
    std::memcpy(out.data(), bytes.data(), bytes.size());
    return out;
  }
};

}  // namespace rw::test
