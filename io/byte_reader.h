#pragma once
// Private to the library's sources: numbers and pieces off the beginning of bytes from outside.

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <rewind/tensor/check.h>

namespace rw::io {

/// Reads bytes one piece after another. Where fewer are left than asked for it throws IOError,
/// whose message begins with `where`.
class ByteReader {
 public:
  ByteReader(std::string where, std::string_view bytes) : where_(std::move(where)), rest_(bytes) {}

  const std::string& where() const { return where_; }
  /// What was not read yet.
  std::string_view rest() const { return rest_; }

  std::string_view take(size_t n) {
    check<IOError>(n <= rest_.size(), "{}: truncated: expected {} bytes more, there are {}", where_,
                   n, rest_.size());
    const std::string_view taken = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return taken;
  }
  /// A little-endian number.
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }
  /// The bytes before the next `end`, which is skipped.
  std::string_view until(char end) {
    const size_t n = rest_.find(end);
    check<IOError>(n != rest_.npos, "{}: truncated: a line has no end", where_);
    return take(n + 1).substr(0, n);
  }

 private:
  std::string where_;
  std::string_view rest_;
};

/// Appends a little-endian number.
template <class T>
void append_number(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace rw::io
