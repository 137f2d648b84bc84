#pragma once

#include <rewind/ops/pointwise.h>
#include <rewind/tensor/tensor.h>

// Activations beside those of ops/pointwise.h. They write over a temporary that they are given
// (TensorArg), where they are one function of each element. Floating dtypes only, unless it says
// otherwise.

#pragma GCC visibility push(default)

namespace rw {

///@{
/// x between min_val and max_val, or between 0 and 6, of integers too. The gradient passes strictly
/// within. Throws unless min_val <= max_val.
Tensor hardtanh(TensorArg x, double min_val = -1, double max_val = 1);
Tensor relu6(TensorArg x);
///@}
///@{
/// Sigmoid and silu by straight lines: (x + 3) / 6 between 0 and 1, and x times that (Howard et
/// al., "Searching for MobileNetV3", 2019).
Tensor hardsigmoid(TensorArg x);
Tensor hardswish(TensorArg x);
///@}
/// x tanh(softplus(x)) (Misra, "Mish", 2020).
Tensor mish(TensorArg x);
/// log(sigmoid(x))
Tensor logsigmoid(TensorArg x);
/// x / (1 + |x|); integers give the default dtype.
Tensor softsign(TensorArg x);
/// x - tanh(x); integers give the default dtype.
Tensor tanhshrink(const Tensor& x);
///@{
/// 0 where |x| <= lambd; beyond, x, or in the soft form x brought closer to 0 by lambd, which is
/// not negative there.
Tensor hardshrink(TensorArg x, double lambd = 0.5);
Tensor softshrink(TensorArg x, double lambd = 0.5);
///@}
/// x where it is above the threshold, `value` elsewhere; of integers too.
Tensor threshold(TensorArg x, double threshold, double value);

/// The first half of a dimension times the sigmoid of the other one, "gated linear units". Throws
/// where the size is odd.
Tensor glu(const Tensor& x, int64_t dim = -1);
/// x where positive, weight * x elsewhere; the weight is one number, or a vector with one for each
/// channel (dimension 1) (He et al., "Delving deep into rectifiers", 2015).
Tensor prelu(const Tensor& x, const Tensor& weight);
/// x where positive, elsewhere times a slope: in training one for each element, uniform over
/// [lower, upper) by this thread's generator, otherwise their mean.
Tensor rrelu(const Tensor& x, double lower = 1.0 / 8, double upper = 1.0 / 3,
             bool training = false);

/// softmax(-x, dim, dtype)
Tensor softmin(const Tensor& x, int64_t dim, std::optional<DType> dtype = {});
/// A sample of the distribution with these logits along `dim`, as weights that can be
/// differentiated (Jang et al., "Categorical reparameterization with Gumbel-softmax", 2017). A
/// small tau brings them close to one-hot; `hard` makes them so, with the gradient of the soft
/// ones. Numbers come from this thread's generator.
Tensor gumbel_softmax(const Tensor& logits, double tau = 1, bool hard = false, int64_t dim = -1);

}  // namespace rw

#pragma GCC visibility pop
