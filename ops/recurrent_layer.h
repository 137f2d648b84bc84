#pragma once
// Private to ops: a recurrent layer in one direction, and one step of it.

#include <vector>

#include <rewind/kernels/recurrent/cell_kernel.h>
#include <rewind/tensor/tensor.h>

namespace rw::detail {

using kernels::Cell;

/// What a layer knows of each sequence; LSTM alone has c.
struct RecurrentState {
  Tensor h, c;
};

/// w_ih [G H, I], w_hh [G H, P], b_ih and b_hh [G H] or undefined; w_hr [P, H] where LSTM projects
/// its state, undefined otherwise. G is the number of gates.
struct RecurrentWeights {
  Tensor w_ih, w_hh, b_ih, b_hh, w_hr;
};

struct RecurrentResult {
  Tensor output;
  RecurrentState last;
};

/// A layer over x [N, I], whose rows are those of all steps, as kernels::Recurrence has them; the
/// output is [N, P]. One node on the tape, called `name`. Shapes and dtypes are checked before.
RecurrentResult recurrent_layer(const char* name, Cell cell, const Tensor& x,
                                const RecurrentState& first, const RecurrentWeights& weights,
                                const std::vector<int64_t>& batch_sizes, bool reverse);

/// The same by other ops, step by step: what second derivatives are made of.
RecurrentResult recurrent_layer_by_ops(Cell cell, const Tensor& x, const RecurrentState& first,
                                       const RecurrentWeights& weights,
                                       const std::vector<int64_t>& batch_sizes, bool reverse);

}  // namespace rw::detail
