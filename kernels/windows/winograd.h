#pragma once

#include <rewind/kernels/windows/conv_kernel.h>
#include <rewind/tensor/dtype.h>

namespace rw::kernels {

// Convolution of float32 or bfloat16 images, computed in float32, with filters of 3 x 3, stride 1,
// by the minimal algorithm F(4x4, 3x3): y = A' [(G w G') . (B' x B)] A over tiles of 4 x 4 results,
// where the product in the middle is 36 matrix products over channels: a quarter of the
// multiplications. Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016.
// Images lie in channels-last memory. The results do not depend on the number of threads.
//
// Rounding errors go with the largest pixel of a tile. Tiles where that could take digits from
// results whose window does not hold it (winograd_even-inl.h), or with a number that is not finite,
// are computed directly (winograd_direct.h), in about four times the time. So each result is within
// 1e-4 of the sum of |x w| over its window, for dense filters: those with few weights that count
// may lose digits of results where these meet small pixels, as may the gradient of a filter's
// channel that is zero but for a few pixels of an image where others are not.

// Whether the convolution can be computed this way, and is faster then, as measured for float32.
// It depends on the sizes alone, not on a measurement at run time: the same program gives the same
// digits in every run.
bool winograd_pays(const ConvSizes& s);  ///< forward, and backward for the weight
bool winograd_pays_backward_input(const ConvSizes& s);
bool winograd_pays_forward(const ConvSizes& s);  ///< forward, where no gradients will be asked for

/// y = conv2d(x, w) + bias, which may be null. The weight lies by its strides. T is float or
/// BFloat16. With `relu` it is relu(y + add) instead, where `add` may be null.
template <class T>
void winograd_forward(const ConvSizes& s, const T* x, const float* weight,
                      const Strides& weight_strides, const float* bias, T* y, bool relu = false,
                      const T* add = nullptr);
template <class T>
void winograd_backward_input(const ConvSizes& s, const T* g, const float* weight,
                             const Strides& weight_strides, T* dx);
/// `dweight` is row-major.
template <class T>
void winograd_backward_weight(const ConvSizes& s, const T* x, const T* g, float* dweight);

}  // namespace rw::kernels
