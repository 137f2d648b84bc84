#include <rewind/ops/attention.h>

#include "cases.h"

namespace rw::test {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Attend {
  AttentionOptions options = {};
  Tensor operator()(In q, In k, In v) const {
    return scaled_dot_product_attention(q, k, v, options);
  }
};
// With a mask, of which `f` makes what is meant.
Case masked(
    const std::string& name, AttentionOptions options = {},
    std::function<Tensor(In)> f = [](In m) { return m; }) {
  return {"attention_" + name, [=](In q, In k, In v, In mask) {
            AttentionOptions with = options;
            with.attn_mask = f(mask);
            return scaled_dot_product_attention(q, k, v, with);
          }};
}

}  // namespace

static Cases attention_cases() {
  Cases cases;
  for (const char* name :
       {"plain", "of_matrices", "of_three_dimensions", "of_five_dimensions", "one_query", "one_key",
        "one_feature", "broadcast", "broadcast_ranks", "no_keys", "no_queries", "no_batch",
        "no_values", "of_a_vector", "of_other_features", "of_fewer_values", "of_other_batches"})
    cases.push_back({std::string("attention_") + name, Attend{}});
  const std::pair<const char*, AttentionOptions> with_options[] = {
      {"scale", {.scale = 0.25}},
      {"scale_zero", {.scale = 0}},
      {"scale_negative", {.scale = -1.5}},
      {"causal", {.is_causal = true}},
      {"causal_square", {.is_causal = true}},
      {"causal_more_queries", {.is_causal = true}},
      {"causal_scale", {.is_causal = true, .scale = 2}},
      {"dropout_of_all", {.dropout_p = 1}},
      {"dropout_above_one", {.dropout_p = 1.5}},
      {"groups", {.enable_gqa = true}},
      {"groups_of_one_head", {.enable_gqa = true}},
      {"groups_differ", {.enable_gqa = true}},
      {"groups_of_three_dimensions", {.enable_gqa = true}},
      {"groups_causal", {.is_causal = true, .enable_gqa = true}},
      {"groups_uneven", {.enable_gqa = true}},
      {"groups_of_matrices", {.enable_gqa = true}},
  };
  for (const auto& [name, options] : with_options)
    cases.push_back({std::string("attention_") + name, Attend{options}});
  cases.push_back({"attention_transposed", [](In q, In k, In v) {
                     return scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2),
                                                         v.transpose(1, 2));
                   }});
  cases.push_back(
      {"attention_of_itself", [](In x) { return scaled_dot_product_attention(x, x, x); }});
  cases.push_back({"attention_of_two_dtypes", [](In q, In k, In v) {
                     return scaled_dot_product_attention(q, k.to(float32), v);
                   }});
  for (const char* name :
       {"flags", "flags_each", "flags_of_heads", "flags_of_keys", "flags_of_queries",
        "flags_of_one_dimension", "flags_hide_a_row", "flags_hide_all", "numbers", "numbers_each",
        "numbers_of_keys", "numbers_trained", "numbers_trained_of_keys", "numbers_trained_each",
        "mask_of_integers", "mask_of_other_size", "mask_of_more_dimensions"})
    cases.push_back(masked(name));
  cases.push_back(masked("flags_transposed", {}, [](In m) { return m.t(); }));
  cases.push_back(masked("numbers_of_float32", {}, [](In m) { return m.to(float32); }));
  cases.push_back(
      masked("numbers_infinite", {}, [](In m) { return m.masked_fill(le(m, -0.25), -infinity); }));
  cases.push_back(masked("scale_and_flags", {.scale = 0.5}));
  for (const char* name : {"groups_flags", "groups_flags_of_heads", "groups_numbers_of_keys"})
    cases.push_back(masked(name, {.enable_gqa = true}));
  cases.push_back(masked("mask_and_causal", {.is_causal = true}));
  return cases;
}

static const Family attention_family(attention_cases);

}  // namespace rw::test
