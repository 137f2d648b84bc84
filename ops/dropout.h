#pragma once

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// In training, each element is zeroed with probability p and the others are divided by 1 - p;
/// otherwise x itself. Draws from this thread's generator; backward draws the same mask again from
/// its seed, so none is stored (Srivastava et al., "Dropout", 2014).
Tensor dropout(const Tensor& x, double p = 0.5, bool training = true);
///@{
/// The same with whole channels: all that lies at an index of the batch and one of dimension 1 is
/// zeroed or kept together (Tompson et al., "Efficient object localization using convolutional
/// networks", 2015). dropout1d takes [N, C, L] or [C, L], dropout2d [N, C, H, W] or [N, C, L],
/// dropout3d [N, C, D, H, W] or [C, D, H, W].
Tensor dropout1d(const Tensor& x, double p = 0.5, bool training = true);
Tensor dropout2d(const Tensor& x, double p = 0.5, bool training = true);
Tensor dropout3d(const Tensor& x, double p = 0.5, bool training = true);
///@}
///@{
/// Dropout beside selu: what is dropped becomes the value that selu has far below 0, and all is
/// scaled and moved so that mean and variance stay 0 and 1 (Klambauer et al., "Self-normalizing
/// neural networks", 2017). By elements, or by channels: [N, C, …].
Tensor alpha_dropout(const Tensor& x, double p = 0.5, bool training = false);
Tensor feature_alpha_dropout(const Tensor& x, double p = 0.5, bool training = false);
///@}

}  // namespace rw

#pragma GCC visibility pop
