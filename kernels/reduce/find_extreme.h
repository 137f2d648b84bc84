#pragma once

#include <cstdint>

#include <rewind/kernels/reduce/reduce.h>

namespace rw::kernels {

/// The greatest (`fold` = max) or least (min) values along the one reduced dimension of `in`, of
/// its dtype, and their first positions there; NaN counts as more extreme than numbers.
/// `out_strides` has an entry per dimension of the input; that of the reduced one is ignored.
void find_extreme(Fold fold, const ReduceInput& in, void* values, int64_t* index,
                  const Strides& out_strides);

}  // namespace rw::kernels
