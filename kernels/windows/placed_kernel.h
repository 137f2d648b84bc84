#pragma once

#include <cstdint>
#include <optional>

#include <rewind/tensor/dtype.h>
#include <rewind/tensor/size.h>

namespace rw::kernels {

/// Zeros in y [planes, targets], but x [planes, sources] at the places that `indices` name within a
/// plane, of equal ones the last. Returns an index outside, if there is one.
std::optional<int64_t> place(DType dtype, int64_t planes, int64_t sources, int64_t targets,
                             const void* x, const int64_t* indices, void* y);

/// Volumes [planes, in] whose windows lie elsewhere in each plane.
struct PlacedWindows {
  DType dtype;
  int64_t planes;
  Size<3> in, out, kernel;
  /// Where the windows start: for each plane along the first axis, the second and the third.
  const int32_t* starts;
};
/// y = the greatest element of each window, the first of equal ones, NaN wins; indices = its place
/// in the plane.
void max_placed(const PlacedWindows& w, const void* x, void* y, int64_t* indices);

}  // namespace rw::kernels
