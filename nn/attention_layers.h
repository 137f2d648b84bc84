#pragma once

#include <optional>
#include <utility>

#include <rewind/nn/layers.h>
#include <rewind/nn/module.h>
#include <rewind/tensor/by_place.h>

// Attention as a module, with PyTorch's names, options, defaults, keys and initialisation.

#pragma GCC visibility push(default)

namespace rw::nn {

/// What MultiheadAttention takes by name.
struct MultiheadAttentionOptions {
  double dropout = 0;          ///< of weights in training; see rw::AttentionOptions
  bool bias = true;            ///< of the projections
  bool add_bias_kv = false;    ///< one more key and value, which are learned
  bool add_zero_attn = false;  ///< one more key and value, which are zero
  ///@{
  /// Features of keys and values; embed_dim unless given.
  std::optional<int64_t> kdim = {}, vdim = {};
  ///@}
  bool batch_first = false;  ///< [N, L, E] in place of [L, N, E]
};

/// What a call of MultiheadAttention takes by name. In masks of bool, true keeps a query from a
/// key, as in PyTorch, and other than in scaled_dot_product_attention; numbers, of the query's
/// dtype or float32, are added to the scores.
struct MultiheadAttentionCall {
  Tensor key_padding_mask = {};      ///< [N, S], or [S] without a batch
  bool need_weights = true;          ///< without them, memory grows with L + S, not L S
  Tensor attn_mask = {};             ///< [L, S], or [N num_heads, L, S] for each head
  bool average_attn_weights = true;  ///< over the heads
  /// Says that attn_mask is the causal one, which then need not be looked at.
  bool is_causal = false;
};

/// Attention of several heads (Vaswani et al., "Attention is all you need", 2017): projections of
/// query, key and value are cut into num_heads parts of the features, each attends by itself, and
/// what they give is joined and projected.
class MultiheadAttention : public ModuleOf<MultiheadAttention> {
 public:
  /// embed_dim, a multiple of num_heads, is that of queries and results.
  MultiheadAttention(int64_t embed_dim, int64_t num_heads,
                     const MultiheadAttentionOptions& options = {});
  /// With options by their places, as PyTorch has them: `MultiheadAttention(64, 4, 0.1)`.
  template <class... V>
  requires rw::detail::ByPlace<MultiheadAttentionOptions, V...> MultiheadAttention(
      int64_t embed_dim, int64_t num_heads, V... options)
      : MultiheadAttention(embed_dim, num_heads,
                           rw::detail::by_place<MultiheadAttentionOptions>(options...)) {}

  ///@{
  /// Of a query [L, N, E], key [S, N, kdim] and value [S, N, vdim], or these without N, or with it
  /// in front (batch_first): the result, as the query, and the weights [N, L, S] (of each head: [N,
  /// num_heads, L, S]), undefined where they are not wanted. One more key for each of add_bias_kv
  /// and add_zero_attn counts in S. In training the weights are those after dropout. A query that
  /// sees no key gives NaN with weights, and 0 before the last projection without.
  std::pair<Tensor, Tensor> operator()(const Tensor& query, const Tensor& key, const Tensor& value,
                                       const MultiheadAttentionCall& call = {}) {
    return ModuleOf::operator()(query, key, value, call);
  }
  std::pair<Tensor, Tensor> forward(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const MultiheadAttentionCall& call = {});
  ///@}

  /// Those of the first projections, of scores and of sums of values, whichever are masked.
  int64_t multiply_adds(std::span<const Tensor> inputs,
                        std::span<const Tensor> results) const override;

  ///@{
  /// What is trained: one matrix [3 embed_dim, embed_dim] for all projections, where keys and
  /// values have embed_dim features too, and three matrices otherwise. Uniform as by
  /// init::xavier_uniform_ at first; in_proj_bias [3 embed_dim] is zero. bias_k and bias_v are the
  /// key and value of add_bias_kv, [1, 1, embed_dim], normal as by init::xavier_normal_. Undefined
  /// where there is none.
  Parameter q_proj_weight, k_proj_weight, v_proj_weight, in_proj_weight, in_proj_bias;
  Parameter bias_k, bias_v;
  ///@}
  /// The last projection, whose bias is zero at first.
  Linear out_proj;

  ///@{
  /// As given.
  int64_t embed_dim() const { return embed_dim_; }
  int64_t num_heads() const { return num_heads_; }
  bool batch_first() const { return options_.batch_first; }
  const MultiheadAttentionOptions& options() const { return options_; }
  ///@}

 private:
  bool has_training_mode() const override { return true; }
  int64_t key_dim() const { return options_.kdim.value_or(embed_dim_); }
  int64_t value_dim() const { return options_.vdim.value_or(embed_dim_); }
  bool is_packed() const { return key_dim() == embed_dim_ && value_dim() == embed_dim_; }

  int64_t embed_dim_, num_heads_;
  MultiheadAttentionOptions options_;
};

}  // namespace rw::nn

#pragma GCC visibility pop
