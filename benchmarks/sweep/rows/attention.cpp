#include "../rows.h"

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
  };
}

const Family family(attention);

}  // namespace
}  // namespace bench
