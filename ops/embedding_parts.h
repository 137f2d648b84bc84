#pragma once
// Private to ops: what embeddings of indices and of bags share.

#include <optional>

#include <rewind/tensor/tensor.h>

namespace rw::detail {

/// Throws unless the input has indices, and the weight is a table, in which the padding's row is.
void check_table(const char* op, const Tensor& input, const Tensor& weight,
                 std::optional<int64_t> padding_idx);
/// Throws where the weight can't have a gradient of rows.
void check_sparse(const char* op, const Tensor& weight, bool by_frequency);
/// Brings the rows at these indices, which have been checked, to the length `most` where they are
/// longer.
void shorten_rows(const Tensor& weight, const Tensor& index, double most, double norm_type);

}  // namespace rw::detail
