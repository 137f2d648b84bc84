#pragma once

#include <rewind/kernels/groups.h>
#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// y[k] = x[0] + … + x[k] along the groups, or x[k] + … + x[n - 1] where `from_end`. int64, whose
/// sums wrap around, or a floating dtype, which is added up in float64. Does not depend on the
/// number of threads.
void cumulative_sum(DType dtype, Groups groups, bool from_end, const void* x, void* y);

}  // namespace rw::kernels
