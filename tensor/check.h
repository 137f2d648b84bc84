#pragma once
// Private to the library's sources (it brings in fmt): argument checks with formatted messages.

#include <fmt/format.h>

#include <rewind/tensor/dtype.h>
#include <rewind/tensor/error.h>
#include <rewind/tensor/shape.h>

template <>
struct fmt::formatter<rw::Shape> : fmt::formatter<fmt::string_view> {
  template <class Context>
  auto format(const rw::Shape& s, Context& ctx) const {
    return fmt::formatter<fmt::string_view>::format(s.str(), ctx);
  }
};
template <>
struct fmt::formatter<rw::DType> : fmt::formatter<const char*> {
  template <class Context>
  auto format(rw::DType d, Context& ctx) const {
    return fmt::formatter<const char*>::format(rw::name(d), ctx);
  }
};

namespace rw {

template <class E = Error, class... A>
[[noreturn, gnu::cold, gnu::noinline]] void fail(fmt::format_string<A...> text, A&&... args) {
  throw E(fmt::format(text, std::forward<A>(args)...));
}

/// Throws E with the formatted message unless `ok`.
template <class E = Error, class... A>
void check(bool ok, fmt::format_string<A...> text, A&&... args) {
  if (!ok) [[unlikely]]
    fail<E>(text, std::forward<A>(args)...);
}

}  // namespace rw
