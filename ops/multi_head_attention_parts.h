#pragma once
// Private to the library's sources: attention of several heads before its last projection.

#include <rewind/ops/multi_head_attention.h>

namespace rw::detail {

/// Throws where query, key or value are not what these sizes ask for.
void check_attended(const char* name, const Tensor& query, const Tensor& key, const Tensor& value,
                    int64_t embed_dim, int64_t key_dim, int64_t value_dim, bool batch_first);

/// The result of the heads, as the query, which is to be projected, and the weights. The inputs
/// have been checked, and the parameters fit; out_proj is not read, dropout_p counts as given.
/// [N, L, E] with batch_first.
std::pair<Tensor, Tensor> attend_by_heads(const char* name, const Tensor& query, const Tensor& key,
                                          const Tensor& value,
                                          const MultiheadAttentionForwardFuncOptions& options,
                                          bool batch_first);

}  // namespace rw::detail
