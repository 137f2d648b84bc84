#pragma once

#include <rewind/kernels/resample/axis_weights.h>
#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// y [planes, row targets, column targets, channels] of x [planes, rows, columns, channels], both
/// dense: weighted sums along the rows and along the columns. Of a floating dtype. Does not depend
/// on the number of threads.
void resample(DType dtype, int64_t planes, const AxisWeights& rows, const AxisWeights& columns,
              int64_t channels, const void* x, void* y);
/// The same where each target is one source as it is, for elements of any `itemsize`.
void pick(size_t itemsize, int64_t planes, const AxisWeights& rows, const AxisWeights& columns,
          int64_t channels, const void* x, void* y);
/// Images of uint8: [planes, rows, columns, channels], of which the last two are dense.
struct BytePlanes {
  const uint8_t* data;
  int64_t planes, channels;
  int64_t plane_step, row_step;  // how far planes and rows lie apart
};
/// The same for uint8, along the columns first, each time rounded to the nearest whole number. The
/// weights are rounded as well: to as many bits as leave room in 16 for the greatest.
void resample_bytes(const BytePlanes& x, const AxisWeights& rows, const AxisWeights& columns,
                    uint8_t* y);

}  // namespace rw::kernels
