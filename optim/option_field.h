#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <rewind/tensor/dtype.h>

#pragma GCC visibility push(default)

namespace rw::optim {

/// An option as numbers: what files and schedulers know of it.
struct OptionField {
  std::string name;            ///< PyTorch's, as "betas"
  DType dtype;                 ///< float64, int64 or boolean
  std::vector<double> values;  ///< one, or as many as a pair or an array has
  bool is_scalar = true;       ///< whether it is a number rather than a pair or an array
};

namespace detail {

[[noreturn]] void fail_unknown_option(const char* optimizer, const OptionField& option);
[[noreturn]] void fail_values(const OptionField& option, size_t expected);
[[noreturn]] void fail_group(const char* optimizer, size_t group, size_t groups);
[[noreturn]] void fail_without_groups(const char* optimizer);
[[noreturn]] void fail_other_parameters(const char* optimizer);

constexpr double none = std::numeric_limits<double>::quiet_NaN();
inline double number(double v) { return v; }
inline double number(const std::optional<double>& v) { return v.value_or(none); }
inline void set_number(double& to, double v) { to = v; }
inline void set_number(std::optional<double>& to, double v) {
  to = v == v ? std::optional(v) : std::nullopt;
}

/// Numbers are of any arithmetic or enumeration type.
template <class T>
OptionField field(const char* name, const T& v) {
  const DType dtype = std::is_same_v<T, bool>     ? boolean
                      : std::is_same_v<T, double> ? float64
                                                  : int64;
  return {name, dtype, {static_cast<double>(v)}};
}
template <class A, class B>
OptionField field(const char* name, const std::pair<A, B>& v) {
  return {name, float64, {number(v.first), number(v.second)}, false};
}
template <size_t n>
OptionField field(const char* name, const std::array<double, n>& v) {
  return {name, float64, {v.begin(), v.end()}, false};
}

inline void expect_values(const OptionField& option, size_t n) {
  if (option.values.size() != n) fail_values(option, n);
}
template <class T>
void assign(const OptionField& option, T& v) {
  expect_values(option, 1);
  v = static_cast<T>(option.values[0]);
}
template <class A, class B>
void assign(const OptionField& option, std::pair<A, B>& v) {
  expect_values(option, 2);
  set_number(v.first, option.values[0]);
  set_number(v.second, option.values[1]);
}
template <size_t n>
void assign(const OptionField& option, std::array<double, n>& v) {
  expect_values(option, n);
  for (size_t i = 0; i < n; ++i) v[i] = option.values[i];
}

}  // namespace detail

}  // namespace rw::optim

#pragma GCC visibility pop
