#pragma once

#include <cstdint>

#include <rewind/kernels/random/dropout_kernel.h>
#include <rewind/tensor/dtype.h>
#include <rewind/tensor/shape.h>

// Attention by blocks of scores (Dao et al., "FlashAttention", 2022; Dao, "FlashAttention-2",
// 2023): the whole matrix of scores never exists. Reduced types are computed in float32. The
// results do not depend on the number of threads.
namespace rw::kernels {

/// Rows of adjacent numbers, `row` elements apart, for each place of the batch: element strides of
/// its dimensions, 0 where all have the same.
struct AttentionRows {
  void* data = nullptr;
  Strides batch;
  int64_t row = 0;
};

/// What is added to the scores: numbers of the operands' dtype or of the compute type, or flags,
/// where false stands for -infinity. Flags and numbers of neighbouring queries are neighbours
/// (`query` is 1) or the same (0).
struct AttentionMask {
  const void* data = nullptr;  ///< null for none
  DType dtype = boolean;
  Strides batch;
  int64_t query = 0, key = 0;
};

/// y = dropout(softmax(q k^T scale + mask)) v for each place of the batch.
struct Attention {
  DType dtype;
  Shape batch;
  int64_t queries, keys, width, value_width;
  double scale;
  bool is_causal;  ///< query i sees keys up to i
  AttentionRows q, k, v;
  AttentionMask mask;
  double dropout_p = 0;
  DropoutMask dropout;  ///< that of the query i and the key j is number i of attention_numbers of j
};
/// How many random numbers there are for each key: one for each query, rounded up to whole blocks.
inline int64_t attention_numbers(int64_t queries) { return (queries + 3) / 4 * 4; }

/// Results of attention: y, and the logarithm of the sum of exponentials for each query, as numbers
/// of the compute type in one piece. It is infinite where all keys are masked; y is 0 there.
void attention(const Attention& a, const AttentionRows& y, void* log_sums);

/// What backward starts from: the results, and the gradient of y.
struct AttentionGrads {
  AttentionRows y, g;
  const void* log_sums;
};
/// Gradients of q, k and v; those without data are left out.
void attention_backward(const Attention& a, const AttentionGrads& from, const AttentionRows& dq,
                        const AttentionRows& dk, const AttentionRows& dv);

}  // namespace rw::kernels
