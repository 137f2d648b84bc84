#pragma once
// Private to ops: what the losses share.

#include <rewind/ops/loss.h>

namespace rw::detail {

/// Throws for a reduction that only kl_div has.
void check_reduction(const char* op, Reduction reduction);
/// The weights of classes, or none, in float64; throws unless there is one for each and none on the
/// tape.
Tensor checked_weight(const char* op, const Tensor& weight, int64_t classes);
/// The losses of all targets, reduced.
Tensor reduced(const Tensor& losses, Reduction reduction);

}  // namespace rw::detail
