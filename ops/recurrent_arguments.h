#pragma once
// Private to ops: the arguments of recurrent networks, checked.

#include <rewind/ops/recurrent.h>
#include <rewind/ops/recurrent_layer.h>

namespace rw::detail {

/// What takes part in a call of `op`; c is undefined but for LSTM.
struct RecurrentCall {
  const char* op;
  Cell cell;
  Tensor h, c;  ///< [L D, B, P] and [L D, B, H]
  std::vector<Tensor> params;
  RecurrentOptions options;

  int64_t directions() const { return options.bidirectional ? 2 : 1; }
  bool has_projection() const { return c.defined() && h.size(-1) != c.size(-1); }
  /// Those of one direction of a layer.
  RecurrentWeights weights(int64_t layer, int64_t direction) const;
};

/// hx as {h, c}.
RecurrentState lstm_state(const char* op, const std::vector<Tensor>& hx);
/// Throws unless all fits an input of `features` per step, of `batch` sequences.
void check_recurrent_call(const RecurrentCall& call, const Tensor& input, int64_t batch,
                          int64_t features);
/// Throws unless weights and state (of one layer, [B, …]) are of input's dtype and fit `features`.
void check_recurrent_layer(const char* op, Cell cell, const Tensor& input, int64_t features,
                           const RecurrentState& first, const RecurrentWeights& weights,
                           bool projected);
/// Throws unless there is one, of this rank and a floating dtype; `sizes` says of what sizes.
void check_recurrent_input(const char* op, const Tensor& input, int rank, const char* sizes);
/// Those of packed sequences, which `data` has rows for.
std::vector<int64_t> checked_batch_sizes(const char* op, const Tensor& data,
                                         const Tensor& batch_sizes);

}  // namespace rw::detail
