#pragma once
// Private to ops: norms along a dimension.

#include <rewind/tensor/tensor.h>

namespace rw::detail {

/// The norm of floating x to the power of p along d, which stays with size 1; p may be 0 or
/// infinite. Recorded under this name.
Tensor norm_along(const char* name, const Tensor& x, double p, int d);

}  // namespace rw::detail
