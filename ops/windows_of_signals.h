#pragma once

#include <rewind/tensor/options.h>
#include <rewind/tensor/tensor.h>

// Windows that fade a stretch of a signal in and out. Of a floating dtype, the default one unless
// given; `window_length` is not negative. A periodic window is a symmetric one that is longer by
// one, without its last element, as spectra want it.

#pragma GCC visibility push(default)

namespace rw {

///@{
/// The square of half a sine wave.
Tensor hann_window(int64_t window_length, bool periodic = true, const TensorOptions& options = {});
Tensor hann_window(int64_t window_length, const TensorOptions& options);
///@}
///@{
/// alpha - beta cos(2 pi n / (N - 1))
Tensor hamming_window(int64_t window_length, bool periodic = true, double alpha = 0.54,
                      double beta = 0.46, const TensorOptions& options = {});
Tensor hamming_window(int64_t window_length, const TensorOptions& options);
///@}
///@{
/// 0.42 - 0.5 cos(2 pi n / (N - 1)) + 0.08 cos(4 pi n / (N - 1))
Tensor blackman_window(int64_t window_length, bool periodic = true,
                       const TensorOptions& options = {});
Tensor blackman_window(int64_t window_length, const TensorOptions& options);
///@}
///@{
/// A triangle, from 0 to 1 and back.
Tensor bartlett_window(int64_t window_length, bool periodic = true,
                       const TensorOptions& options = {});
Tensor bartlett_window(int64_t window_length, const TensorOptions& options);
///@}
///@{
/// i0(beta sqrt(1 - x^2)) / i0(beta) for x from -1 to 1: the greater beta, the narrower.
Tensor kaiser_window(int64_t window_length, bool periodic = true, double beta = 12,
                     const TensorOptions& options = {});
Tensor kaiser_window(int64_t window_length, bool periodic, const TensorOptions& options);
Tensor kaiser_window(int64_t window_length, const TensorOptions& options);
///@}

}  // namespace rw

#pragma GCC visibility pop
