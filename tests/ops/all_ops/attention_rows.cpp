#include <rewind/ops/attention.h>
#include <rewind/ops/multi_head_attention.h>

#include "table.h"

namespace rw::test {
namespace {

Row attend(const char* name, const Tensors& inputs, const AttentionOptions& options = {}) {
  return {name,
          [=](In q, In k, In v) {
            manual_seed(1);
            return scaled_dot_product_attention(q, k, v, options);
          },
          inputs};
}

}  // namespace

static Rows attention_rows() {
  const Tensor q = normal({2, 2, 3, 3}), k = normal({2, 2, 4, 3}), v = normal({2, 2, 4, 2});
  const Tensor flags = gt(normal({3, 4}).detach(), -0.5), pair = normal({1, 1, 4, 3});
  return {
      attend("scaled_dot_product_attention", {q, k, v}),
      attend("scaled_dot_product_attention, causal", {q, k, v}, {.is_causal = true}),
      attend("scaled_dot_product_attention, dropout", {q, k, v}, {.dropout_p = 0.4}),
      attend("scaled_dot_product_attention, flags", {q, k, v}, {.attn_mask = flags}),
      attend("scaled_dot_product_attention, broadcast", {q, pair, v}, {.scale = 0.7}),
      attend("scaled_dot_product_attention, groups",
             {q, normal({2, 1, 4, 3}), normal({2, 1, 4, 2})}, {.enable_gqa = true}),
      {"scaled_dot_product_attention, numbers",
       [](In a, In b, In c, In mask) {
         manual_seed(1);
         return scaled_dot_product_attention(a, b, c, {.attn_mask = mask, .dropout_p = 0.3});
       },
       {q, k, v, normal({2, 1, 4})}},
      {"multi_head_attention_forward",
       [](In x, In in, In bias, In out) {
         const auto y = multi_head_attention_forward(x, x, x,
                                                     {.embed_dim_to_check = 4,
                                                      .num_heads = 2,
                                                      .in_proj_weight = in,
                                                      .in_proj_bias = bias,
                                                      .out_proj_weight = out});
         return Tensors{y.first, y.second};
       },
       {normal({3, 2, 4}), normal({12, 4}), normal({12}), normal({4, 4})}},
  };
}

static const Family attention_family(attention_rows);

}  // namespace rw::test
