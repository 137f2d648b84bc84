#pragma once

#include <optional>

#include <rewind/tensor/tensor.h>

// Normalizations. Numbers whose squares float32 can't hold are computed in float64.

#pragma GCC visibility push(default)

namespace rw {

/// What batch_norm takes by name.
struct BatchNormOptions {
  bool training = false;  ///< by the statistics of the batch, and not the running ones
  double momentum = 0.1;  ///< share of the new statistics in the running ones
  double eps = 1e-5;      ///< added to the variance
};

/// (x - mean) / sqrt(var + eps) * weight + bias per channel (Ioffe and Szegedy, "Batch
/// normalization", 2015). x is [N, C] or [N, C, …] (channels-last memory is kept); weight and bias
/// [C] or undefined. In training the statistics are those of the batch (var divided by n), and
/// running_mean and running_var, where defined, are updated (with n - 1); otherwise they are those
/// two. For reduced types of x the others may be float32. Differentiable to any order.
Tensor batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, Tensor running_mean,
                  Tensor running_var, const BatchNormOptions& options = {});

/// (x - mean) / sqrt(var + eps) * weight + bias, mean and var (divided by n) being those over the
/// last dimensions, of sizes `normalized_shape` (Ba, Kiros and Hinton, "Layer normalization",
/// 2016). weight and bias have these sizes or are undefined; for reduced types of x they may be
/// float32. Differentiable to any order.
Tensor layer_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight = {},
                  const Tensor& bias = {}, double eps = 1e-5);

/// x / sqrt(mean(x^2) + eps) * weight, the mean being that over the last dimensions, of sizes
/// `normalized_shape` (Zhang and Sennrich, "Root mean square layer normalization", 2019). weight is
/// as for layer_norm. eps is by default the epsilon of float64 for that dtype, of float32 for
/// others. Differentiable to any order.
Tensor rms_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight = {},
                std::optional<double> eps = {});

/// layer_norm's formula for x [N, C, …] over each of `num_groups` groups of neighbouring channels
/// in each sample, with weight and bias [C] (Wu and He, "Group normalization", 2018). Channels-last
/// memory is kept.
Tensor group_norm(const Tensor& x, int64_t num_groups, const Tensor& weight = {},
                  const Tensor& bias = {}, double eps = 1e-5);

/// What instance_norm takes by name.
struct InstanceNormOptions {
  bool use_input_stats = true;  ///< otherwise the running ones, which have to be given
  double momentum = 0.1;        ///< share of the new statistics in the running ones
  double eps = 1e-5;            ///< added to the variance
};
/// The same for x [N, C, L, …] over each channel of each sample (Ulyanov, Vedaldi and Lempitsky,
/// "Instance normalization", 2016). running_mean and running_var [C], where defined, are updated
/// with the samples' averages (var divided by n - 1).
Tensor instance_norm(const Tensor& x, const Tensor& weight = {}, const Tensor& bias = {},
                     Tensor running_mean = {}, Tensor running_var = {},
                     const InstanceNormOptions& options = {});

/// x / (k + alpha mean(x^2))^beta, the mean being that over the `size` channels around each of x
/// [N, C, L, …], from size / 2 before it on; those that are not there count as 0 (Krizhevsky,
/// Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks", 2012).
/// Channels-last memory is kept. An int64 input gives the default dtype, its means rounded down.
/// Differentiable to any order.
Tensor local_response_norm(const Tensor& x, int64_t size, double alpha = 1e-4, double beta = 0.75,
                           double k = 1);

}  // namespace rw

#pragma GCC visibility pop
