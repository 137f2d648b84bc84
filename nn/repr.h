#pragma once
// Private to the library's sources: how layers print what they were made with.

#include <optional>
#include <string>

#include <rewind/tensor/format.h>
#include <rewind/tensor/padding_mode.h>
#include <rewind/tensor/shape.h>
#include <rewind/tensor/size.h>

namespace rw::nn {

inline std::string repr(bool b) { return b ? "True" : "False"; }
inline std::string repr(std::optional<double> v) { return v ? fmt::format("{}", *v) : "None"; }
inline std::string repr(PaddingMode mode) {
  constexpr const char* names[] = {"zeros", "reflect", "replicate", "circular"};
  return names[static_cast<int>(mode)];
}
inline std::string repr(const Shape& s) {
  std::string sizes;
  for (const int64_t n : s) sizes += (sizes.empty() ? "" : ", ") + std::to_string(n);
  return fmt::format("({}{})", sizes, s.rank() == 1 ? "," : "");
}

/// A number as Python prints it: "2.0", "0.5", "1e-05".
inline std::string float_repr(double v) {
  std::string s = fmt::format("{}", v);
  if (s.find_first_not_of("-0123456789") == std::string::npos) s += ".0";
  return s;
}

/// "(2, None)", where sizes may be unset; "2" of one axis.
template <std::size_t N>
std::string repr(const Size<N>& s) {
  std::string text;
  for (int d = 0; d < static_cast<int>(N); ++d) {
    if (d > 0) text += ", ";
    text += s[d] == Size<1>::unset()[0] ? "None" : fmt::format("{}", s[d]);
  }
  return N == 1 ? text : "(" + text + ")";
}

/// The same, but "(2,)" of one axis, as convolutions print it.
template <std::size_t N>
std::string tuple_repr(const Size<N>& s) {
  return N == 1 ? "(" + repr(s) + ",)" : repr(s);
}

}  // namespace rw::nn
