#pragma once
// Reads fixtures/*.txt, which generate.py writes: a line `case NAME`, then a line for each tensor,
//
//     ROLE DTYPE [SIZE,SIZE] VALUE VALUE …
//
// or, where all values are zero, the one word `zeros`. A line `refused` is for what throws.

#include <algorithm>
#include <charconv>
#include <istream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <rewind/rewind.h>

#include "../dtypes.h"
#include "cases.h"

namespace rw::test {

/// What PyTorch computed for one case.
struct Fixture {
  Tensors inputs;  ///< those that require a gradient are the leaves
  Tensors outputs;
  Tensors first, second;  ///< derivatives with respect to each leaf
  bool refused = false;   ///< it throws, and there is nothing else
};

namespace fixtures {

/// The words of a line, one after another; what does not fit throws an IOError that quotes the
/// line.
class Line {
 public:
  explicit Line(std::string_view line) : line_(line), rest_(line) {}

  bool at_end() const { return rest_.empty(); }
  std::string_view word() {
    if (at_end()) fail("more words");
    const size_t n = std::min(rest_.find(' '), rest_.size());
    const std::string_view w = rest_.substr(0, n);
    rest_.remove_prefix(std::min(n + 1, rest_.size()));
    return w;
  }
  template <class T>
  T number(std::string_view w) const {
    T value{};
    const auto [end, error] = std::from_chars(w.data(), w.data() + w.size(), value);
    if (error != std::errc() || end != w.data() + w.size()) fail("a number");
    return value;
  }
  [[noreturn]] void fail(const std::string& expected) const {
    throw IOError("fixtures: expected " + expected + " in: " + std::string(line_.substr(0, 80)));
  }

 private:
  std::string_view line_, rest_;
};

inline DType dtype(Line& line) {
  const std::string_view w = line.word();
  for (const DType d : all_dtypes)
    if (w == name(d)) return d;
  line.fail("a dtype");
}

inline Shape shape(Line& line) {
  std::string_view w = line.word();
  if (w.size() < 2 || w.front() != '[' || w.back() != ']') line.fail("[sizes]");
  Shape s;
  for (w = w.substr(1, w.size() - 2); !w.empty();) {
    const size_t n = std::min(w.find(','), w.size());
    const auto size = line.number<int64_t>(w.substr(0, n));
    if (size < 0 || size > 1000 || s.rank() == 6) line.fail("a small shape");
    s.push_back(size);
    w.remove_prefix(std::min(n + 1, w.size()));
  }
  return s;
}

template <class T>
Tensor values(Line& line, const Shape& shape) {
  std::vector<T> all;
  while (!line.at_end()) all.push_back(line.number<T>(line.word()));
  if (static_cast<int64_t>(all.size()) != shape.numel()) line.fail("as many values as fit");
  return from(all, shape);
}

inline Tensor tensor(Line& line) {
  const DType type = dtype(line);
  const Shape sizes = shape(line);
  Line rest = line;
  if (!rest.at_end() && rest.word() == "zeros") return zeros(sizes, type);
  if (is_floating(type)) return values<double>(line, sizes).to(type);
  return values<int64_t>(line, sizes).to(type);
}

inline void add(Fixture& fixture, Line& line) {
  const std::string_view role = line.word();
  if (role == "leaf") {
    fixture.inputs.push_back(tensor(line).requires_grad_());
    return;
  }
  if (role == "refused") {
    fixture.refused = true;
    return;
  }
  Tensors* const list = role == "input"    ? &fixture.inputs
                        : role == "output" ? &fixture.outputs
                        : role == "first"  ? &fixture.first
                        : role == "second" ? &fixture.second
                                           : nullptr;
  if (!list) line.fail("a role");
  list->push_back(tensor(line));
}

}  // namespace fixtures

/// All cases by their names.
inline std::map<std::string, Fixture> read_fixtures(std::istream& file) {
  std::map<std::string, Fixture> all;
  Fixture* current = nullptr;
  for (std::string text; std::getline(file, text);) {
    fixtures::Line line(text);
    if (text.starts_with('#')) continue;
    if (text.starts_with("case ")) {
      line.word();
      const auto [place, is_new] = all.try_emplace(std::string(line.word()));
      if (!is_new) line.fail("a new case");
      current = &place->second;
    } else {
      if (!current) line.fail("a case");
      fixtures::add(*current, line);
    }
  }
  return all;
}

}  // namespace rw::test
