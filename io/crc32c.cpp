#include <rewind/io/crc32c.h>

#include <array>
#include <cstddef>
#include <cstring>

namespace rw::io {

namespace {

// table[k][b]: what byte b does to the remainder, k bytes later (M. Kounavis and F. Berry, "A
// systematic approach to building high performance software-based CRC generators", 2005).
using Tables = std::array<std::array<uint32_t, 256>, 8>;
constexpr Tables make_tables() {
  Tables t{};
  for (uint32_t b = 0; b < 256; ++b) {
    t[0][b] = b;
    for (int bit = 0; bit < 8; ++bit) t[0][b] = t[0][b] >> 1 ^ (t[0][b] & 1 ? 0x82f63b78u : 0);
  }
  for (size_t k = 1; k < 8; ++k)
    for (size_t b = 0; b < 256; ++b) t[k][b] = t[k - 1][b] >> 8 ^ t[0][t[k - 1][b] & 0xff];
  return t;
}
constexpr Tables tables = make_tables();

// Eight bytes, the first one lowest.
uint64_t word_at(const char* p) {
  uint64_t word = 0;
  std::memcpy(&word, p, sizeof word);
  return word;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) uint32_t crc32c_by_instruction(std::string_view bytes,
                                                                 uint32_t before) {
  uint64_t crc = ~before;
  const char* p = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; p += 8, left -= 8) crc = __builtin_ia32_crc32di(crc, word_at(p));
  auto rest = static_cast<uint32_t>(crc);
  for (; left > 0; ++p, --left) rest = __builtin_ia32_crc32qi(rest, static_cast<unsigned char>(*p));
  return ~rest;
}
#endif

}  // namespace

uint32_t detail::crc32c_by_tables(std::string_view bytes, uint32_t before) {
  uint32_t crc = ~before;
  const char* p = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; p += 8, left -= 8) {
    const uint64_t word = word_at(p) ^ crc;
    crc = 0;
    for (size_t k = 0; k < 8; ++k) crc ^= tables[7 - k][word >> (8 * k) & 0xff];
  }
  for (; left > 0; ++p, --left)
    crc = crc >> 8 ^ tables[0][(crc ^ static_cast<unsigned char>(*p)) & 0xff];
  return ~crc;
}

uint32_t crc32c(std::string_view bytes, uint32_t before) {
#ifdef __x86_64__
  static const bool has_instruction = __builtin_cpu_supports("sse4.2");
  if (has_instruction) return crc32c_by_instruction(bytes, before);
#endif
  return detail::crc32c_by_tables(bytes, before);
}

}  // namespace rw::io
