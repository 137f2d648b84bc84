#include "../rows.h"

#include <algorithm>

namespace bench {
namespace {

using namespace lib;

// A matrix as one head.
Tensor as_head(const Tensor& t) { return t.unsqueeze(0).unsqueeze(0); }

Rows attention() {
  const Kind m = Kind::products;
  const Types floating = Types::floating;
  return {
      {"scaled_dot_product_attention", m, floating, 2, smooth,
       [](In t) { return attend(as_head(t[0]), as_head(t[1]), as_head(t[1]), false); }},
      {"scaled_dot_product_attention, causal", m, floating, 2, smooth,
       [](In t) { return attend(as_head(t[0]), as_head(t[1]), as_head(t[1]), true); }},
      {"multi_head_attention_forward", m, floating, 2, smooth,
       [](In t) {
         const int64_t e = std::min<int64_t>(t[0].size(0), t[0].size(1));
         const Tensor w = t[1].expand_as(t[0]).narrow(0, 0, e).narrow(1, 0, e);
         return attend_by_heads(t[0].narrow(1, 0, e).unsqueeze(1), w);
       }},
  };
}

const Family family(attention);

}  // namespace
}  // namespace bench
