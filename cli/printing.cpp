#include "printing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include <rewind/io/utf8.h>

namespace rw::cli {

namespace {

// Columns that a text of UTF-8 takes, as far as its characters are one wide.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

// What a terminal would obey is not printed.
std::string shown(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = '?';
  return text;
}

// What is no UTF-8, as names of files may have it, as U+FFFD for each byte.
std::string whole_characters(const std::string& text) {
  std::string all;
  for (size_t at = 0; at < text.size();) {
    const size_t length = io::character_at(text, at);
    all += length > 0 ? text.substr(at, length) : "\uFFFD";
    at += std::max<size_t>(length, 1);
  }
  return all;
}

}  // namespace

void Table::print() const {
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  for (const auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const bool right = std::find(right_.begin(), right_.end(), i) != right_.end();
      const std::string space(widths[i] - width_of(row[i]), ' ');
      const std::string text = shown(row[i]);
      line += (i > 0 ? "  " : "") + (right ? space + text : text + space);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    std::puts(line.c_str());
  }
}

std::string bytes_text(uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  static constexpr const char* units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
  auto number = static_cast<double>(bytes) / 1000;
  size_t unit = 0;
  for (; number >= 999.95; number /= 1000) ++unit;
  return fmt::format("{:.1f} {}", number, units[unit]);
}

std::string shape_text(const std::vector<int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

std::string count_text(uint64_t n, const std::string& thing) {
  return fmt::format("{} {}{}", n, thing, n == 1 ? "" : "s");
}

io::Json json(const std::string& text) { return {whole_characters(text)}; }
io::Json json(int64_t number) { return {number}; }
io::Json json(double number) { return {number}; }
io::Json json(const std::vector<int64_t>& numbers) {
  io::Json::Array all;
  for (const int64_t n : numbers) all.emplace_back().value = n;
  return {std::move(all)};
}

void print(const io::Json& value) { std::puts(io::to_json(value).c_str()); }

}  // namespace rw::cli
