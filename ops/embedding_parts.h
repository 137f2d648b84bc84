#pragma once
// Private to ops: what embeddings of indices and of bags share.

#include <rewind/tensor/tensor.h>

namespace rw::detail {

/// Throws where the weight can't have a gradient of rows.
void check_sparse(const char* op, const Tensor& weight, bool by_frequency);
/// Brings the rows at these indices, which have been checked, to the length `most` where they are
/// longer.
void shorten_rows(const Tensor& weight, const Tensor& index, double most, double norm_type);

}  // namespace rw::detail
