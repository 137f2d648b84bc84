#pragma once

#include <rewind/tensor/tensor.h>

namespace rw {

struct BatchNormOptions {
  bool training = false;
  double momentum = 0.1;  ///< share of the new statistics in the running ones
  double eps = 1e-5;
};

/// (x - mean) / sqrt(var + eps) * weight + bias per channel (Ioffe and Szegedy, "Batch
/// normalization", 2015). x is [N, C] or [N, C, …] (channels-last memory is kept); weight and bias
/// [C] or undefined. In training the statistics are those of the batch (var divided by n), and
/// running_mean and running_var, where defined, are updated (with n - 1); otherwise they are those
/// two. For bfloat16 x the others may be float32. Differentiable to any order.
Tensor batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, Tensor running_mean,
                  Tensor running_var, const BatchNormOptions& options = {});

}  // namespace rw
