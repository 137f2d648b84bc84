#pragma once
// Private to the library's sources (it brings in fmt): argument checks with formatted messages.

#include <string>

#include <rewind/tensor/error.h>
#include <rewind/tensor/format.h>

namespace rw {

/// An argument of `check` whose text takes time to make: f is only called where the check fails.
template <class F>
struct later {
  F f;
};

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

template <class F>
struct fmt::formatter<rw::later<F>> : fmt::formatter<fmt::string_view> {
  template <class Context>
  auto format(const rw::later<F>& text, Context& ctx) const {
    const std::string s = text.f();
    return fmt::formatter<fmt::string_view>::format(s, ctx);
  }
};
