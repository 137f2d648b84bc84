#pragma once
// What commands print: tables for people, JSON for programs.

#include <cstdint>
#include <string>
#include <vector>

#include <rewind/io/json.h>

namespace rw::cli {

/// Rows of texts in columns, of which those in `right` are flush right.
class Table {
 public:
  explicit Table(std::vector<size_t> right = {}) : right_(std::move(right)) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void print() const;

 private:
  std::vector<size_t> right_;
  std::vector<std::vector<std::string>> rows_;
};

/// "12.3 MB".
std::string bytes_text(uint64_t bytes);
/// "[64, 3, 7, 7]".
std::string shape_text(const std::vector<int64_t>& shape);
/// "n things", or "1 thing".
std::string count_text(uint64_t n, const std::string& thing);

///@{
/// Values of JSON; bytes of a text that are no UTF-8 become U+FFFD.
io::Json json(const std::string& text);
io::Json json(int64_t number);
io::Json json(double number);
io::Json json(const std::vector<int64_t>& numbers);
///@}
/// One line on standard output.
void print(const io::Json& value);

}  // namespace rw::cli
