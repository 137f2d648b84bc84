#pragma once

#include <rewind/kernels/groups.h>
#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// y[k] = x[0] + … + x[k] along the groups, or x[k] + … + x[n - 1] where `from_end`. int64, whose
/// sums wrap around, or a floating dtype, which is added up in float64. Does not depend on the
/// number of threads.
void cumulative_sum(DType dtype, Groups groups, bool from_end, const void* x, void* y);
/// y[k] = x[0] … x[k]. Types as above; products are kept in float64, or wrap around.
void cumulative_product(DType dtype, Groups groups, const void* x, void* y);
/// y[k] = log(exp(x[0]) + … + exp(x[k])), in float64. Floating dtypes.
void cumulative_logsumexp(DType dtype, Groups groups, const void* x, void* y);

/// y[k] = y[k - 1] a[k] + x[k], with no y[-1]; from the other end y[k] = y[k + 1] a[k + 1] + x[k].
/// In float64, of floating dtypes.
void linear_recurrence(DType dtype, Groups groups, bool from_end, const void* a, const void* x,
                       void* y);

/// y[k] = the greatest (or least) of x[0] to x[k], and the last position of it. NaN counts as more
/// extreme than numbers. Any dtype.
void cumulative_extreme(DType dtype, Groups groups, bool greatest, const void* x, void* y,
                        int64_t* index);
/// dx[index[k]] = the sum of g[k] with this index, which does not fall with k, and 0 elsewhere:
/// what cumulative_extreme asks for. Added up in float64, of floating dtypes.
void add_runs(DType dtype, Groups groups, const void* g, const int64_t* index, void* dx);

}  // namespace rw::kernels
