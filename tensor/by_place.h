#pragma once

#include <concepts>
#include <type_traits>

#pragma GCC visibility push(default)

namespace rw::detail {

/// A number or a bool that stands for an option without its name. It becomes what the option is,
/// but no bool of a number, no number of a bool and no integer of a fraction.
template <class T>
struct OptionValue {
  T value;  ///< as given

  /// For an option of this type.
  template <class To>
  requires(std::same_as<T, bool> == std::same_as<To, bool> && std::convertible_to<T, To> &&
           !(std::floating_point<T> && std::integral<To>)) constexpr
  operator To() const {
    return static_cast<To>(value);
  }
};

/// A number as an OptionValue, all else as it is.
template <class T>
constexpr auto option_value(T value) {
  if constexpr (std::is_arithmetic_v<T>)
    return OptionValue<T>{value};
  else
    return value;
}

/// Whether values are those of the first members of `Options`, in order, as PyTorch's arguments
/// that may go without their names: `nn::MaxPool2d(3, 2, 1)`. Braces have no type, so that
/// `{.stride = 2}` is never one of them.
template <class Options, class... Values>
concept ByPlace = sizeof...(Values) > 0 && (!std::same_as<Values, Options> && ...) &&
                  requires(Values... values) {
  Options{option_value(values)...};
};

/// These options.
template <class Options, class... Values>
constexpr Options by_place(Values... values) {
  return Options{option_value(values)...};
}

}  // namespace rw::detail

#pragma GCC visibility pop
