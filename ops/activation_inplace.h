#pragma once

#include <rewind/tensor/tensor.h>

// Activations and dropout in place, beside Tensor::relu_: x is changed and returned. Of the same
// dtypes as the functions without the underscore, and differentiable as they are. A leaf that
// requires a gradient can't be changed.

#pragma GCC visibility push(default)

namespace rw {

///@{
/// The function of this name, in place.
Tensor& relu_(Tensor& x);
Tensor& relu6_(Tensor& x);
Tensor& hardtanh_(Tensor& x, double min_val = -1, double max_val = 1);
Tensor& hardsigmoid_(Tensor& x);
Tensor& hardswish_(Tensor& x);
Tensor& leaky_relu_(Tensor& x, double negative_slope = 0.01);
Tensor& rrelu_(Tensor& x, double lower = 1.0 / 8, double upper = 1.0 / 3, bool training = false);
Tensor& threshold_(Tensor& x, double threshold, double value);
Tensor& elu_(Tensor& x, double alpha = 1);
Tensor& celu_(Tensor& x, double alpha = 1);
Tensor& selu_(Tensor& x);
Tensor& silu_(Tensor& x);
Tensor& mish_(Tensor& x);
Tensor& dropout_(Tensor& x, double p = 0.5, bool training = true);
Tensor& dropout1d_(Tensor& x, double p = 0.5, bool training = true);
Tensor& dropout2d_(Tensor& x, double p = 0.5, bool training = true);
Tensor& dropout3d_(Tensor& x, double p = 0.5, bool training = true);
Tensor& alpha_dropout_(Tensor& x, double p = 0.5, bool training = false);
Tensor& feature_alpha_dropout_(Tensor& x, double p = 0.5, bool training = false);
///@}

}  // namespace rw

#pragma GCC visibility pop
