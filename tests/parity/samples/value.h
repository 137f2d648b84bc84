#pragma once
// Reads the samples that samples.py writes: lines
//
//     case NAME
//     in VALUE          an argument by its place
//     kw NAME VALUE     one by its name
//     out VALUE         what comes of it
//     grad VALUE        of each leaf among the arguments, or `none`
//     random            only dtypes and shapes of what comes hold
//     refused MESSAGE   instead of `out`: it throws
//
// A value is `leaf` or `tensor` with `DTYPE [SIZES] [STRIDES] N NUMBER…`, the N numbers of its
// memory, or a kind and what it holds: `int 3`, `float 0.5`, `bool 1`, `word mean`, `dtype int64`,
// `none`, `ellipsis`, `slice START STOP STEP`, `list N VALUE…` and `tuple N VALUE…`.

#include <optional>

#include "../fixtures.h"

namespace rw::test {

struct Value {
  enum class Kind : uint8_t { none, tensor, number, word, dtype, slice, ellipsis, list };
  Kind kind = Kind::none;
  Tensor tensor = {};
  Scalar number = 0;
  std::string word = {};
  DType dtype = float32;
  std::vector<Value> list = {};  ///< of a slice: start, stop and step
  bool is_tuple = false;
};

struct Sample {
  std::string name;
  std::vector<Value> in;
  std::vector<std::pair<std::string, Value>> kw;  ///< in PyTorch's order, which is that of `grad`
  Tensors out;
  std::optional<Tensors> grads;
  bool random = false;
  std::optional<std::string> refused;
  std::string unreadable;  ///< why, of a sample with another kind of tensor
};

namespace samples {

using fixtures::Line;

inline Dims sizes(Line& line) {
  std::string_view w = line.word();
  if (w.size() < 2) line.fail("[sizes]");
  std::vector<int64_t> all;
  for (w = w.substr(1, w.size() - 2); !w.empty();) {
    const size_t n = std::min(w.find(','), w.size());
    all.push_back(line.number<int64_t>(w.substr(0, n)));
    w.remove_prefix(std::min(n + 1, w.size()));
  }
  return all;
}

template <class T>
Tensor memory(Line& line, int64_t n) {
  std::vector<T> all;
  for (int64_t i = 0; i < n; ++i) all.push_back(line.number<T>(line.word()));
  return from(all, Shape(n));
}

inline Tensor strided(Line& line) {
  const DType type = fixtures::dtype(line);
  const Shape shape = sizes(line);
  const Strides strides = sizes(line);
  const auto n = line.number<int64_t>(line.word());
  if (n == 0) return zeros(shape, type);
  const Tensor all =
      (is_floating(type) ? memory<double>(line, n) : memory<int64_t>(line, n)).to(type);
  return all.as_strided(shape, strides).detach();
}

inline Value value(Line& line) {
  using Kind = Value::Kind;
  const std::string_view kind = line.word();
  if (kind == "leaf") return {.kind = Kind::tensor, .tensor = strided(line).requires_grad_()};
  if (kind == "tensor") return {.kind = Kind::tensor, .tensor = strided(line)};
  if (kind == "int") return {.kind = Kind::number, .number = line.number<int64_t>(line.word())};
  if (kind == "float") return {.kind = Kind::number, .number = line.number<double>(line.word())};
  if (kind == "bool") return {.kind = Kind::number, .number = line.word() == "1"};
  if (kind == "word") return {.kind = Kind::word, .word = std::string(line.word())};
  if (kind == "dtype") {
    const std::string name(line.word());
    for (const DType d : all_dtypes)
      if (name == rw::name(d)) return {.kind = Kind::dtype, .dtype = d};
    return {.kind = Kind::word, .word = name};
  }
  if (kind == "none") return {};
  if (kind == "ellipsis") return {.kind = Kind::ellipsis};
  if (kind != "list" && kind != "tuple" && kind != "slice") line.fail("a kind of value");
  Value v{.kind = kind == "slice" ? Kind::slice : Kind::list, .is_tuple = kind == "tuple"};
  const auto n = kind == "slice" ? 3 : line.number<int64_t>(line.word());
  for (int64_t i = 0; i < n; ++i) v.list.push_back(value(line));
  return v;
}

inline void add(Sample& sample, Line& line) {
  const std::string_view role = line.word();
  if (role == "in") {
    sample.in.push_back(value(line));
  } else if (role == "kw") {
    const std::string name(line.word());
    sample.kw.emplace_back(name, value(line));
  } else if (role == "out") {
    sample.out.push_back(value(line).tensor);
  } else if (role == "grad") {
    if (!sample.grads) sample.grads.emplace();
    sample.grads->push_back(value(line).tensor);
  } else if (role == "random") {
    sample.random = true;
  } else if (role == "refused") {
    sample.refused.emplace();
    while (!line.at_end()) *sample.refused += std::string(line.word()) + " ";
  } else {
    line.fail("a role");
  }
}

}  // namespace samples

/// Calls f with each sample of a file.
template <class F>
void for_each_sample(std::istream& file, const F& f) {
  Sample current;
  for (std::string text; std::getline(file, text);) {
    if (text.starts_with('#')) continue;
    samples::Line line(text);
    if (!text.starts_with("case ")) {
      try {
        samples::add(current, line);
      } catch (const Error& e) {
        current.unreadable = e.what();
      }
      continue;
    }
    if (!current.name.empty()) f(current);
    current = {};
    current.name = text.substr(5);
  }
  if (!current.name.empty()) f(current);
}

}  // namespace rw::test
