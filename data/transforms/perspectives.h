#pragma once
// Private to the library's sources.

#include <array>
#include <optional>

#include <rewind/data/transforms/warps.h>

namespace rw::data::transforms::detail {

/// The coefficients of the perspective that takes end points to start points, where there is one.
std::optional<std::array<double, 8>> perspective_coefficients(const Corners& start,
                                                              const Corners& end);

}  // namespace rw::data::transforms::detail
