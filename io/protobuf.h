#pragma once
// Private to the library's sources: the part of protobuf's encoding that files take which are
// written here.

#include <cstddef>
#include <cstdint>
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

}  // namespace rw::io::detail
