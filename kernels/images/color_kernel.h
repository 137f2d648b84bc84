#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

// Colors of images of uint8, float32 or float64, on the calling thread. Numbers are from 0 to 255
// or from 0 to 1; bytes are computed with as float32 and rounded towards zero. `x` and `y` are
// dense, an image [3, pixels].

namespace rw::kernels {

/// y = x scale + shift within the range, n numbers.
void scale_and_shift(DType dtype, int64_t n, double scale, double shift, const void* x, void* y);
/// The lightness 0.2989 r + 0.587 g + 0.114 b of one image, [pixels].
void grayscale(DType dtype, int64_t pixels, const void* x, void* y);
/// The mean of it, each pixel rounded towards zero first where they are bytes.
double mean_lightness(DType dtype, int64_t pixels, const void* x);
/// y = x ratio + lightness (1 - ratio) within the range, one image.
void blend_with_lightness(DType dtype, int64_t pixels, double ratio, const void* x, void* y);
/// Turns hues by a share `turn` of the circle, one image. Computed in float32.
void turn_hues(DType dtype, int64_t pixels, double turn, const void* x, void* y);
/// y = x factor + b (1 - factor) within the range, where b is a plane's mean over 3 x 3 pixels
/// with a weight of 5 in the middle. The outermost pixels stay.
void sharpen(DType dtype, int64_t planes, int64_t height, int64_t width, double factor,
             const void* x, void* y);

}  // namespace rw::kernels
