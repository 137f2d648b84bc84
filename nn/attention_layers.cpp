#include <rewind/nn/attention_layers.h>

#include <limits>

#include <rewind/nn/init.h>
#include <rewind/nn/layer_parts.h>
#include <rewind/ops/multi_head_attention_parts.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::nn {

namespace {

constexpr const char* layer = "MultiheadAttention";

// --- Parameters ---------------------------------------------------------------------------------

Tensor new_projection(bool wanted, int64_t out, int64_t in) {
  return wanted ? init::xavier_uniform_(empty({out, in})) : Tensor();
}
Tensor new_key(bool wanted, int64_t embed_dim) {
  return wanted ? init::xavier_normal_(empty({1, 1, embed_dim})) : Tensor();
}

int64_t checked_dim(int64_t embed_dim, int64_t num_heads,
                    const MultiheadAttentionOptions& options) {
  check(embed_dim > 0 && num_heads > 0,
        "{}: expected embed_dim and num_heads above 0, got {} and {}", layer, embed_dim, num_heads);
  check(embed_dim % num_heads == 0, "{}: expected an embed_dim that {} heads divide, got {}", layer,
        num_heads, embed_dim);
  check(embed_dim <= std::numeric_limits<int64_t>::max() / 3,
        "{}: expected an embed_dim of which three fit int64, got {}", layer, embed_dim);
  check(options.kdim.value_or(1) > 0 && options.vdim.value_or(1) > 0,
        "{}: expected kdim and vdim above 0, got {} and {}", layer,
        options.kdim.value_or(embed_dim), options.vdim.value_or(embed_dim));
  check(options.dropout >= 0 && options.dropout <= 1, "{}: expected a dropout in [0, 1], got {}",
        layer, options.dropout);
  return embed_dim;
}

}  // namespace

MultiheadAttention::MultiheadAttention(int64_t embed_dim, int64_t num_heads,
                                       const MultiheadAttentionOptions& options)
    : out_proj(checked_dim(embed_dim, num_heads, options), embed_dim, {.bias = options.bias}),
      embed_dim_(embed_dim),
      num_heads_(num_heads),
      options_(options) {
  const int64_t e = embed_dim;
  const bool packed = is_packed();
  q_proj_weight = parameter("q_proj_weight", new_projection(!packed, e, e));
  k_proj_weight = parameter("k_proj_weight", new_projection(!packed, e, key_dim()));
  v_proj_weight = parameter("v_proj_weight", new_projection(!packed, e, value_dim()));
  in_proj_weight = parameter("in_proj_weight", new_projection(packed, 3 * e, e));
  in_proj_bias = parameter("in_proj_bias", options.bias ? zeros({3 * e}) : Tensor());
  bias_k = parameter("bias_k", new_key(options.add_bias_kv, e));
  bias_v = parameter("bias_v", new_key(options.add_bias_kv, e));
  add("out_proj", out_proj);
  if (options.bias) init::zeros_(out_proj.bias.detach());
}

std::pair<Tensor, Tensor> MultiheadAttention::forward(const Tensor& query, const Tensor& key,
                                                      const Tensor& value,
                                                      const MultiheadAttentionCall& call) {
  rw::detail::check_attended(layer, query, key, value, embed_dim_, key_dim(), value_dim(),
                             options_.batch_first);
  const auto [rows, weights] =
      rw::detail::attend_by_heads(layer, query, key, value,
                                  {.embed_dim_to_check = embed_dim_,
                                   .num_heads = num_heads_,
                                   .in_proj_weight = in_proj_weight,
                                   .in_proj_bias = in_proj_bias,
                                   .bias_k = bias_k,
                                   .bias_v = bias_v,
                                   .add_zero_attn = options_.add_zero_attn,
                                   .dropout_p = is_training() ? options_.dropout : 0,
                                   .key_padding_mask = call.key_padding_mask,
                                   .need_weights = call.need_weights,
                                   .attn_mask = call.attn_mask,
                                   .use_separate_proj_weight = !is_packed(),
                                   .q_proj_weight = q_proj_weight,
                                   .k_proj_weight = k_proj_weight,
                                   .v_proj_weight = v_proj_weight,
                                   .average_attn_weights = call.average_attn_weights,
                                   .is_causal = call.is_causal},
                                  options_.batch_first);
  return {out_proj(rows), weights};
}

int64_t MultiheadAttention::multiply_adds(std::span<const Tensor> inputs,
                                          std::span<const Tensor>) const {
  int64_t products = 0;
  for (const Tensor& x : inputs.first(3)) products += x.numel() * embed_dim_;
  const Tensor& key = inputs[1];
  const int64_t keys = key.size(key.dim() == 3 && options_.batch_first ? 1 : 0);
  const int64_t more = (options_.add_bias_kv ? 1 : 0) + (options_.add_zero_attn ? 1 : 0);
  return products + 2 * inputs[0].numel() * (keys + more);
}

}  // namespace rw::nn
