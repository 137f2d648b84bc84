#pragma once

#include <cstdint>
#include <vector>

#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// One parameter's part in a step: `n` adjacent elements of everything. `momentum_buffer` may be
/// null; `first` says that it holds nothing yet.
struct SgdUpdate {
  void* param;
  const void* grad;
  void* momentum_buffer;
  int64_t n;
  DType dtype;
  bool first;
  bool nesterov;
  bool maximize;
  double lr, momentum, dampening, weight_decay;
};

/// All updates, in one parallel pass over their elements.
void sgd_step(const std::vector<SgdUpdate>& updates);

}  // namespace rw::kernels
