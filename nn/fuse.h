#pragma once

#include <rewind/nn/module.h>

#pragma GCC visibility push(default)

namespace rw::nn {

class Conv2d;
class BatchNorm2d;

/// Prepares a model in evaluation mode for inference: folds batch norms into the convolutions,
/// transposed ones and linear layers before them, whose weight and bias become
///
///     weight * s   and   (bias - running_mean) * s + bn.bias,   s = bn.weight / sqrt(var + eps),
///
/// computed in float64. Returns how many were folded; they then pass their input on. What follows
/// what is seen by running `model(example)` on the tape, whichever way `forward` is written. A
/// batch norm is folded where all its inputs are results of one layer, and nothing else takes any
/// of these. All others are left as they are, as are those of transposed convolutions in groups and
/// of parametrized layers.
///
/// The fused model is run once more, and where its result differs from the one before by more than
/// rounding (1e-8 of its norm in float64, 1e-4 in float32, 1e-2 in float16, 5e-2 in bfloat16),
/// everything is put back and an Error thrown: then `forward` uses a convolution's result in a way
/// that the tape does not show (by a comparison, or off the tape), or computes something else in
/// each run. An example without elements, or whose result has no finite numbers, is refused, as it
/// shows nothing. From then on it has to lead from these layers to these batch norms for every
/// input.
///
/// Folded batch norms have no parameters and buffers any more, so that the fused model's state_dict
/// fits the fused model alone; they throw in training mode. The convolutions get new tensors: other
/// handles to the old ones keep their values, and an optimizer does not know the new ones.
int64_t fuse(Module& model, const Tensor& example);

/// relu(norm(conv(x)) + residual), for the forward of a model; `residual` may be undefined. Once
/// `fuse` has folded the batch norm, the sum and the ReLU of float32 and bfloat16 take one pass
/// over memory, or none, where nothing is recorded and neither layer has hooks.
///
///     Tensor forward(const Tensor& x) override {
///       return nn::conv_norm_relu(conv2, bn2, nn::conv_norm_relu(conv1, bn1, x), x);
///     }
Tensor conv_norm_relu(Conv2d& conv, BatchNorm2d& norm, const Tensor& x,
                      const Tensor& residual = {});

}  // namespace rw::nn

#pragma GCC visibility pop
