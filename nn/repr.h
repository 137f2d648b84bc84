#pragma once
// Private to the library's sources: how layers print what they were made with, as Python does.

#include <optional>
#include <string>
#include <vector>

#include <rewind/tensor/format.h>
#include <rewind/tensor/padding_mode.h>
#include <rewind/tensor/shape.h>
#include <rewind/tensor/size.h>

namespace rw::nn {

inline std::string repr(bool b) { return b ? "True" : "False"; }
inline std::string repr(int64_t n) { return std::to_string(n); }
/// "2.0", "0.5", "1e-05".
inline std::string repr(double v) {
  std::string s = fmt::format("{}", v);
  if (s.find_first_not_of("-0123456789") == std::string::npos) s += ".0";
  return s;
}
inline std::string repr(std::optional<double> v) { return v ? repr(*v) : "None"; }
inline std::string repr(PaddingMode mode) {
  constexpr const char* names[] = {"zeros", "reflect", "replicate", "circular"};
  return names[static_cast<int>(mode)];
}

/// "2, 3".
template <class Numbers>
std::string list_repr(const Numbers& numbers) {
  std::string all;
  for (const auto n : numbers) all += (all.empty() ? "" : ", ") + repr(n);
  return all;
}
/// "(2, 3)", and "(2,)" of one.
inline std::string repr(const Shape& s) {
  return fmt::format("({}{})", list_repr(s), s.rank() == 1 ? "," : "");
}
/// "(2, 3)", and "2" of one.
template <class T>
std::string repr(const std::vector<T>& v) {
  return v.size() == 1 ? repr(v[0]) : "(" + list_repr(v) + ")";
}

/// "(2, None)", where sizes may be unset; "2" of one axis.
template <std::size_t N>
std::string repr(const Size<N>& s) {
  std::string text;
  for (int d = 0; d < static_cast<int>(N); ++d) {
    if (d > 0) text += ", ";
    text += s[d] == Size<1>::unset()[0] ? "None" : repr(s[d]);
  }
  return N == 1 ? text : "(" + text + ")";
}

/// The same, but "(2,)" of one axis, as convolutions print it.
template <std::size_t N>
std::string tuple_repr(const Size<N>& s) {
  return N == 1 ? "(" + repr(s) + ",)" : repr(s);
}

}  // namespace rw::nn
