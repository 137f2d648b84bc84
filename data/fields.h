#pragma once
// The fields of plain structs, as a tuple of references.

#include <cstddef>
#include <tuple>
#include <type_traits>

#pragma GCC visibility push(default)

namespace rw::data::detail {

// Stands for a field of any type.
struct AnyField {
  template <class T>
  operator T() const;
};

template <class T, std::size_t... i>
constexpr bool takes(std::index_sequence<i...>) {
  return requires { T{(static_cast<void>(i), AnyField{})...}; };
}

/// How many fields an aggregate has: as many as braces may hold, at most eight.
template <class T, std::size_t n = 8>
constexpr std::size_t field_count() {
  if constexpr (n == 0 || takes<T>(std::make_index_sequence<n>()))
    return n;
  else
    return field_count<T, n - 1>();
}

/// References to the fields.
template <class T>
constexpr auto fields_of(T& t) {
  constexpr std::size_t n = field_count<std::remove_const_t<T>>();
  static_assert(n > 0, "expected a struct of one to eight fields");
  if constexpr (n == 1) {
    auto& [a] = t;
    return std::tie(a);
  } else if constexpr (n == 2) {
    auto& [a, b] = t;
    return std::tie(a, b);
  } else if constexpr (n == 3) {
    auto& [a, b, c] = t;
    return std::tie(a, b, c);
  } else if constexpr (n == 4) {
    auto& [a, b, c, d] = t;
    return std::tie(a, b, c, d);
  } else if constexpr (n == 5) {
    auto& [a, b, c, d, e] = t;
    return std::tie(a, b, c, d, e);
  } else if constexpr (n == 6) {
    auto& [a, b, c, d, e, f] = t;
    return std::tie(a, b, c, d, e, f);
  } else if constexpr (n == 7) {
    auto& [a, b, c, d, e, f, g] = t;
    return std::tie(a, b, c, d, e, f, g);
  } else {
    auto& [a, b, c, d, e, f, g, h] = t;
    return std::tie(a, b, c, d, e, f, g, h);
  }
}

}  // namespace rw::data::detail

#pragma GCC visibility pop
