#pragma once

#include <optional>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// Options of scaled_dot_product_attention.
struct AttentionOptions {
  /// Broadcasts to the scores, [..., L, S]: bool, where false keeps a query from a key, or numbers
  /// of the queries' dtype or float32, which are added as they are: those of float32 are not
  /// rounded to a reduced dtype of the queries, nor by autocast.
  Tensor attn_mask = {};
  /// Each weight is zeroed with this probability and the others are divided by 1 less it; draws
  /// from this thread's generator.
  double dropout_p = 0;
  /// Query i sees keys 0 to i only; there is no attn_mask then.
  bool is_causal = false;
  std::optional<double> scale = {};  ///< of the scores; 1 / sqrt(E) unless given
  /// Dimension -3 of key and value may be smaller: each of their heads serves as many neighbouring
  /// heads of the query (Ainslie et al., "GQA", 2023).
  bool enable_gqa = false;
};
/// softmax(query key^T scale + attn_mask) value (Vaswani et al., "Attention is all you need", 2017)
/// of tensors of one floating dtype: query [..., L, E], key [..., S, E] and value [..., S, Ev] give
/// [..., L, Ev], where what comes before the last two dimensions broadcasts. A query that sees no
/// key gives 0. Memory grows with L + S, not with L S: forward and backward go through the scores
/// in blocks. Backward does hold all scores where attn_mask requires a gradient, or where it is
/// recorded, for derivatives of any order. Under autocast as in products.
Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& options = {});

}  // namespace rw

#pragma GCC visibility pop
