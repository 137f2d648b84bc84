#include <rewind/tensor/json_string.h>

#include <rewind/tensor/format.h>

namespace rw {

std::string detail::json_string(std::string_view text) {
  static constexpr std::string_view characters = "\"\\\b\f\n\r\t", names = "\"\\bfnrt";
  std::string out = "\"";
  for (const char c : text) {
    if (const size_t which = characters.find(c); which != characters.npos)
      (out += '\\') += names[which];
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out + '"';
}

}  // namespace rw
