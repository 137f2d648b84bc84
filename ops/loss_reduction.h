#pragma once
// Private to ops: what the losses share.

#include <rewind/ops/loss.h>

namespace rw::detail {

/// Throws for a reduction that only kl_div has.
void check_reduction(const char* op, Reduction reduction);
/// The losses of all targets, reduced.
Tensor reduced(const Tensor& losses, Reduction reduction);

}  // namespace rw::detail
