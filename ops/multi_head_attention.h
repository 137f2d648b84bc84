#pragma once

#include <utility>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// What multi_head_attention_forward takes by name, in PyTorch's order.
struct MultiheadAttentionForwardFuncOptions {
  int64_t embed_dim_to_check = 0;  ///< E, the features of queries and results
  int64_t num_heads = 0;           ///< which divide E
  Tensor in_proj_weight = {};      ///< [3 E, E], of query, key and value
  Tensor in_proj_bias = {};        ///< [3 E], or none
  ///@{
  /// One more key and value, [1, 1, E]; both or none.
  Tensor bias_k = {}, bias_v = {};
  ///@}
  bool add_zero_attn = false;    ///< one more key and value, which are zero
  double dropout_p = 0;          ///< of weights in training; see AttentionOptions
  Tensor out_proj_weight = {};   ///< [E, E], of what the heads give
  Tensor out_proj_bias = {};     ///< [E], or none
  bool training = true;          ///< whether there is dropout
  Tensor key_padding_mask = {};  ///< [N, S], or [S] without a batch
  bool need_weights = true;      ///< without them, memory grows with L + S, not L S
  Tensor attn_mask = {};         ///< [L, S], or [N num_heads, L, S] for each head
  /// Whether there are three matrices in place of in_proj_weight, [E, E], [E, kdim] and [E, vdim].
  bool use_separate_proj_weight = false;
  Tensor q_proj_weight = {};  ///< that of the query
  Tensor k_proj_weight = {};  ///< that of the key
  Tensor v_proj_weight = {};  ///< that of the value
  ///@{
  /// Keys and values that are projected already, [N num_heads, S, E / num_heads].
  Tensor static_k = {}, static_v = {};
  ///@}
  bool average_attn_weights = true;  ///< over the heads
  bool is_causal = false;            ///< says that attn_mask is the causal one
};

/// Attention of several heads (Vaswani et al., "Attention is all you need", 2017) with parameters
/// that are given, of a query [L, N, E], key [S, N, kdim] and value [S, N, vdim], or these without
/// N: the result, as the query, and the weights [N, L, S] (of each head: [N, num_heads, L, S]),
/// undefined where they are not wanted. What nn::MultiheadAttention computes, which says more.
std::pair<Tensor, Tensor> multi_head_attention_forward(
    const Tensor& query, const Tensor& key, const Tensor& value,
    const MultiheadAttentionForwardFuncOptions& options);

}  // namespace rw

#pragma GCC visibility pop
