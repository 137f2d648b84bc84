#pragma once
// Private to ops.

#include <rewind/tensor/tensor.h>

namespace rw::detail {

/// Throws unless two operands are defined and of these ranks.
void check_ranks(const char* op, const Tensor& a, int a_rank, const Tensor& b, int b_rank);

}  // namespace rw::detail
