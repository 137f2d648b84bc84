#pragma once
// Optional: tensors, shapes and dtypes as arguments of fmt::format and fmt::print. The only public
// header that needs a third-party library, {fmt}, which programs that include it link themselves.

#include <fmt/format.h>

#include <rewind/tensor/tensor.h>

/// @cond Doxygen takes no specializations in a namespace that it does not know.
template <>
struct fmt::formatter<rw::Tensor> : fmt::formatter<fmt::string_view> {
  template <class Context>
  auto format(const rw::Tensor& t, Context& ctx) const {
    return fmt::formatter<fmt::string_view>::format(rw::to_string(t), ctx);
  }
};
template <>
struct fmt::formatter<rw::Shape> : fmt::formatter<fmt::string_view> {
  template <class Context>
  auto format(const rw::Shape& s, Context& ctx) const {
    return fmt::formatter<fmt::string_view>::format(s.str(), ctx);
  }
};
template <>
struct fmt::formatter<rw::DType> : fmt::formatter<fmt::string_view> {
  template <class Context>
  auto format(rw::DType d, Context& ctx) const {
    return fmt::formatter<fmt::string_view>::format(rw::name(d), ctx);
  }
};
/// @endcond
