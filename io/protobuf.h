#pragma once
// Private to the library's sources: the part of protobuf's encoding that files take which are
// written and read here.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rw::io::detail {

/// How a field is stored, as its key says.
enum class Wire : uint32_t { varint = 0, fixed64 = 1, length = 2, fixed32 = 5 };

/// The bytes as a name or another text; throws IOError, whose message begins with `where`, unless
/// they are UTF-8.
std::string text_of(const std::string& where, std::string_view bytes);

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
  void key(uint32_t field, Wire wire);
  void varint(uint64_t value);

  std::string bytes_;
};

/// The fields of a message from outside, one after another. What is no message, or asks for another
/// kind of field than there is, throws IOError, whose message begins with `where`.
class Fields {
 public:
  /// Both are kept by reference.
  Fields(const std::string& where, std::string_view message) : where_(where), rest_(message) {}

  /// Goes on to the next field; false where there is none.
  bool next();
  /// The number of the field.
  uint32_t number() const { return number_; }
  ///@{
  /// What it holds.
  int64_t integer() const;
  float real() const;
  std::string_view bytes() const;
  ///@}
  ///@{
  /// Appends what a repeated field holds: one number, or many in a row.
  void append_to(std::vector<int64_t>& integers) const;
  void append_floats_to(std::vector<double>& reals) const;
  void append_doubles_to(std::vector<double>& reals) const;
  ///@}

 private:
  std::string_view take(size_t n);
  uint64_t take_varint();
  void expect(Wire wire) const;
  template <class T>
  void append_fixed_to(std::vector<double>& reals, Wire wire) const;

  const std::string& where_;
  std::string_view rest_;
  uint32_t number_ = 0;
  Wire wire_ = Wire::varint;
  uint64_t value_ = 0;      // of a varint
  std::string_view bytes_;  // of all else
};

}  // namespace rw::io::detail
