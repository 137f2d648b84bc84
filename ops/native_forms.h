#pragma once

#include <tuple>
#include <utility>

#include <rewind/ops/pool.h>
#include <rewind/tensor/tensor.h>

// Functions that PyTorch builds others of, with what these leave out of their results.

#pragma GCC visibility push(default)

namespace rw {

/// What layer_norm gives, and the mean and 1 / sqrt(var + eps) of each row, of shape [..., 1, …],
/// off the tape; in the dtype of x, or in float32 where that of weight and bias is.
std::tuple<Tensor, Tensor, Tensor> native_layer_norm(const Tensor& x, const Shape& normalized_shape,
                                                     const Tensor& weight, const Tensor& bias,
                                                     double eps);
/// What group_norm gives for x with n samples of c channels of hxw values in `group` groups, and
/// the mean and 1 / sqrt(var + eps) of each group, [n, group], which are on the tape here.
std::tuple<Tensor, Tensor, Tensor> native_group_norm(const Tensor& x, const Tensor& weight,
                                                     const Tensor& bias, int64_t n, int64_t c,
                                                     int64_t hxw, int64_t group, double eps);
/// What batch_norm gives, and in training the mean and 1 / sqrt(var + eps) of each channel, as
/// native_layer_norm; both are empty otherwise.
std::tuple<Tensor, Tensor, Tensor> native_batch_norm(const Tensor& x, const Tensor& weight,
                                                     const Tensor& bias, const Tensor& running_mean,
                                                     const Tensor& running_var, bool training,
                                                     double momentum, double eps);

/// dropout, and a mask of bool that is true where x was kept: everywhere unless `train`.
std::pair<Tensor, Tensor> native_dropout(const Tensor& x, double p, bool train = true);
/// g * mask * scale
Tensor native_dropout_backward(const Tensor& g, const Tensor& mask, double scale);
/// The gradient by x of what max_pool2d_with_indices gave with these indices and options, where
/// that of its result is g.
Tensor max_pool2d_with_indices_backward(const Tensor& g, const Tensor& x, Size2 kernel,
                                        const MaxPoolOptions<2>& options, const Tensor& indices);

}  // namespace rw

#pragma GCC visibility pop
