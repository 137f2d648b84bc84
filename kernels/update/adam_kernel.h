#pragma once

#include <cstdint>
#include <vector>

#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// One parameter's part in a step: `n` adjacent elements of everything. The moments have the
/// parameter's dtype, or float32 where that is reduced; `max_square` may be null.
struct AdamUpdate {
  void* param;
  const void* grad;
  void* mean;        // running mean of the gradient
  void* square;      // and of its square
  void* max_square;  // the greatest of the latter so far, for AMSGrad
  int64_t n;
  DType dtype;
  bool maximize;
  double beta1, beta2, eps;
  double weight_decay;  // added to the gradient, times the parameter
  double keep;          // what the parameter is multiplied with first
  double step_size;     // lr / (1 - beta1^t)
  double correction;    // 1 / sqrt(1 - beta2^t)
};

/// All updates, in one parallel pass over their elements.
void adam_step(const std::vector<AdamUpdate>& updates);

}  // namespace rw::kernels
