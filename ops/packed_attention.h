#pragma once
// Private to the library's sources: attention of what one product has computed.

#include <rewind/ops/attention.h>

namespace rw::detail {

/// scaled_dot_product_attention of qkv [3, ..., L, E], which holds query, key and value. Its
/// gradient comes in the same memory order, in one piece.
Tensor packed_attention(const Tensor& qkv, const AttentionOptions& options);

}  // namespace rw::detail
