#pragma once
// Private to the library's sources (it brings in fmt): argument checks with formatted messages.

#include <rewind/tensor/error.h>
#include <rewind/tensor/format.h>

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
