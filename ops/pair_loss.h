#pragma once
// Private to ops: losses of pairs of elements, of an input and a target, that kernels know.

#include <rewind/kernels/loss/loss_kernel.h>
#include <rewind/ops/loss_reduction.h>
#include <rewind/tensor/tensor.h>

namespace rw::detail {

/// The derivative of a loss, written with ops for derivatives of it.
using Slope = Tensor (*)(const Tensor& x, const Tensor& t, kernels::Parameters p);

struct PairLoss {
  const char* name;
  kernels::LossOp op;
  Slope slope;         ///< by x
  Slope target_slope;  ///< by the target; null where it is -slope
  kernels::Parameters p = {};
};

/// In one pass each way, in the dtype in which x and t meet.
Tensor losses_of(const PairLoss& loss, const Tensor& x, const Tensor& t, Reduction reduction);

/// Throws unless both are floating and of one shape.
void check_pair(const char* op, const Tensor& x, const Tensor& target, Reduction reduction);
/// The same where they broadcast, and the target may be of integers.
void check_broadcast(const char* op, const Tensor& x, const Tensor& target, Reduction reduction);

}  // namespace rw::detail
