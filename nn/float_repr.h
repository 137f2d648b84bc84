#pragma once
// Private to the library's sources: numbers as Python prints them.

#include <string>

#include <rewind/tensor/format.h>

namespace rw::nn::detail {

/// "2.0", "0.5", "1e-05".
inline std::string float_repr(double v) {
  std::string s = fmt::format("{}", v);
  if (s.find_first_not_of("-0123456789") == std::string::npos) s += ".0";
  return s;
}

}  // namespace rw::nn::detail
