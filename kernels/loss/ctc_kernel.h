#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// One sequence of log-probabilities by class, the classes of a step lying side by side, and the
/// labels that it is to say.
struct CtcSequence {
  DType dtype;  // float32 or float64
  const void* log_probs;
  int64_t steps, step_stride, classes, blank;
  const int64_t* labels;
  int64_t length;  // of the labels
};

/// -log of the probability of all paths through the labels, with blanks around each. alpha, of
/// steps (2 length + 3) numbers, is for the way back.
double ctc_forward(const CtcSequence& sequence, double* alpha);
/// dx [steps, classes], its steps `step_stride` apart: g (exp(log_probs) - the share of the paths
/// that are at this class then). Other steps are left as they are.
void ctc_backward(const CtcSequence& sequence, const double* alpha, double loss, double g, void* dx,
                  int64_t step_stride);

}  // namespace rw::kernels
