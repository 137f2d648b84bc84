#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// So many float32 numbers can be added up one after another with an error of less than a ten
/// thousandth of what their absolute values make.
inline constexpr int64_t addends = 1024;

/// y[o][index[i]] += x[o][i] for i in [0, n) and every o in [0, outer): rows of `inner` numbers of
/// one reduced floating dtype, x being [outer, n, inner] and y [outer, places, inner]. A place is
/// summed up in float32, from some thousand rows on in float64, and rounded once; in the order of i
/// whatever the number of threads. The indices, `step` apart, have been checked.
void add_rows(DType dtype, int64_t outer, int64_t n, int64_t places, int64_t inner,
              const int64_t* index, int64_t step, const void* x, void* y);

}  // namespace rw::kernels
