#include <rewind/data/csv.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string_view>

#include <rewind/io/file.h>
#include <rewind/io/small_number.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/factories.h>

namespace rw::data {

namespace {

using Cells = std::vector<std::string_view>;

// The beginning of a text for messages, with bytes that can't be seen as \x00.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 40)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      out += fmt::format("\\x{:02x}", byte);
    else
      out += c;
  }
  return out;
}

std::vector<std::string> printable(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  for (const std::string& text : texts) out.push_back(printable(std::string_view(text)));
  return out;
}

// Rows of a text, cell by cell.
class Rows {
 public:
  Rows(const std::string& path, char delimiter)
      : path_(path), text_(io::read_file("CSVDataset", path)), delimiter_(delimiter) {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;  // how some programs mark UTF-8
  }

  // The next line that has something in it; false at the end.
  bool next(Cells& cells) {
    while (at_ < text_.size()) {
      const size_t end = std::min(text_.find_first_of("\r\n", at_), text_.size());
      const std::string_view row = trimmed(std::string_view(text_).substr(at_, end - at_));
      at_ = end + (text_.compare(end, 2, "\r\n") == 0 ? 2 : 1);
      ++line_;
      if (row.empty()) continue;
      split(row, cells);
      return true;
    }
    return false;
  }
  // "x.csv, line 3", of the row that came last.
  std::string place() const { return fmt::format("{}, line {}", path_, line_); }

 private:
  std::string_view trimmed(std::string_view s) const {
    const auto is_space = [this](char c) { return (c == ' ' || c == '\t') && c != delimiter_; };
    while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
    while (!s.empty() && is_space(s.back())) s.remove_suffix(1);
    return s;
  }

  // Cells without spaces and quotes around them; a delimiter within quotes is none.
  void split(std::string_view row, Cells& cells) const {
    cells.clear();
    for (size_t begin = 0; begin <= row.size();) {
      bool quoted = false;
      size_t end = begin;
      while (end < row.size() && (quoted || row[end] != delimiter_)) quoted ^= row[end++] == '"';
      check<IOError>(!quoted, "CSVDataset: {}, column {}: expected the quotes of {} to be closed",
                     place(), cells.size() + 1, printable(row.substr(begin)));
      std::string_view cell = trimmed(row.substr(begin, end - begin));
      if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"')
        cell = cell.substr(1, cell.size() - 2);
      cells.push_back(cell);
      begin = end + 1;
    }
  }

  std::string path_, text_;
  char delimiter_;
  size_t at_ = 0;
  int64_t line_ = 0;
};

// Some columns of all rows, as numbers of one type.
class Numbers {
 public:
  Numbers(const char* option, DType dtype, std::vector<size_t> columns)
      : dtype_(dtype), columns_(std::move(columns)) {
    check<DTypeError>(dtype == float32 || dtype == float64 || is_integer(dtype),
                      "CSVDataset: expected {} to be an integer, float32 or float64, got {}",
                      option, dtype);
  }

  void add(const Rows& rows, const Cells& cells) {
    dispatch_among<uint8_t, int8_t, int16_t, int32_t, int64_t, float, double>(
        dtype_, [&]<class T>() {
          for (const size_t c : columns_) {
            const T number = parse<T>(rows, cells[c], c);
            const auto* bytes = reinterpret_cast<const char*>(&number);
            bytes_.insert(bytes_.end(), bytes, bytes + sizeof number);
          }
        });
  }
  // [n, columns].
  Tensor take(int64_t n) const {
    const Tensor t = empty({n, static_cast<int64_t>(columns_.size())}, dtype_);
    if (!bytes_.empty()) std::memcpy(t.raw_data(), bytes_.data(), bytes_.size());
    return t;
  }

 private:
  template <class T>
  T parse(const Rows& rows, std::string_view cell, size_t column) const {
    T number{};
    std::string_view digits = cell;
    if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
    auto [end, error] = std::from_chars(digits.begin(), digits.end(), number);
    if constexpr (std::is_floating_point_v<T>) {
      if (error == std::errc::result_out_of_range && io::is_small(digits)) {
        double wide = 0;  // what is too small is zero, or nearly so
        std::from_chars(digits.begin(), digits.end(), wide);
        number = std::copysign(static_cast<T>(wide), digits[0] == '-' ? T{-1} : T{1});
        error = {};
      }
    }
    check<IOError>(error == std::errc() && end == digits.end(),
                   "CSVDataset: {}, column {}: expected a number of {}, got \"{}\"", rows.place(),
                   column + 1, dtype_, printable(cell));
    return number;
  }

  DType dtype_;
  std::vector<size_t> columns_;
  std::vector<char> bytes_;
};

size_t place_of(const Column& column, const std::vector<std::string>& names,
                const std::string& path) {
  const auto count = static_cast<int64_t>(names.size());
  if (!column.name) {
    check<IndexError>(-count <= column.place && column.place < count,
                      "CSVDataset: target column {} is out of range for the {} columns of {}",
                      column.place, count, path);
    return static_cast<size_t>(column.place < 0 ? column.place + count : column.place);
  }
  const std::string& name = *column.name;
  const auto found = std::find(names.begin(), names.end(), name);
  check<IndexError>(!name.empty() && found != names.end(),
                    "CSVDataset: {} has no target column \"{}\", its columns are {}", path,
                    printable(name), fmt::join(printable(names), ", "));
  check<IndexError>(std::find(found + 1, names.end(), name) == names.end(),
                    "CSVDataset: {} has several columns \"{}\": name the target by its place", path,
                    printable(name));
  return static_cast<size_t>(found - names.begin());
}

}  // namespace

struct CSVDataset::Content {
  Tensor data, target;
  std::vector<std::string> columns, target_columns;

  Content(const std::string& path, const CSVOptions& options) {
    Rows rows(path, options.delimiter);
    Cells cells;
    check<IOError>(rows.next(cells), "CSVDataset: {} has no rows", path);
    std::vector<std::string> names;
    for (const std::string_view cell : cells)
      names.push_back(options.header ? std::string(cell) : std::to_string(names.size()));

    std::vector<size_t> targets, others;
    for (const Column& column : options.targets) targets.push_back(place_of(column, names, path));
    for (size_t c = 0; c < names.size(); ++c)
      if (std::find(targets.begin(), targets.end(), c) == targets.end()) others.push_back(c);
    Numbers inputs("dtype", options.dtype, others);
    Numbers outputs("target_dtype", options.target_dtype, targets);

    int64_t n = 0;
    for (bool more = !options.header || rows.next(cells); more; more = rows.next(cells)) {
      check<IOError>(cells.size() == names.size(), "CSVDataset: {}: expected {} cells, got {}",
                     rows.place(), names.size(), cells.size());
      inputs.add(rows, cells);
      outputs.add(rows, cells);
      ++n;
    }
    data = inputs.take(n);
    target = outputs.take(n);
    if (targets.size() == 1) target = target.squeeze(1);
    for (const size_t c : others) columns.push_back(names[c]);
    for (const size_t c : targets) target_columns.push_back(names[c]);
  }
};

CSVDataset::CSVDataset(const std::string& path, const CSVOptions& options)
    : CSVDataset(Content(path, options)) {}

CSVDataset::CSVDataset(Content content)
    : TensorDataset(content.data, content.target),
      columns_(std::move(content.columns)),
      target_columns_(std::move(content.target_columns)) {}

}  // namespace rw::data
