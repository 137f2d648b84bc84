#pragma once
// Private to the library's sources: how layers print what they were made with.

#include <string>

#include <rewind/tensor/format.h>
#include <rewind/tensor/size.h>

namespace rw::nn {

inline std::string repr(bool b) { return b ? "True" : "False"; }

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

}  // namespace rw::nn
