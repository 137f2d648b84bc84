#pragma once

#include <optional>
#include <vector>

#include <rewind/tensor/options.h>
#include <rewind/tensor/tensor.h>

// The windows of torch.signal.windows: of `m` elements, symmetric unless not `sym`. Those that are
// not are symmetric ones that are longer by one, without their last element, as spectra want them.
// Of float32 or float64, the default dtype unless given.

#pragma GCC visibility push(default)

namespace rw::signal::windows {

/// exp(-|n - center| / tau), tau > 0; the center is the middle, and can be chosen where not `sym`.
Tensor exponential(int64_t m, std::optional<double> center = {}, double tau = 1, bool sym = true,
                   const TensorOptions& options = {});
/// sin(pi (n + 0.5) / m)
Tensor cosine(int64_t m, bool sym = true, const TensorOptions& options = {});
/// exp(-(n - center)^2 / (2 std^2)), std > 0
Tensor gaussian(int64_t m, double std = 1, bool sym = true, const TensorOptions& options = {});
/// kaiser_window, beta >= 0.
Tensor kaiser(int64_t m, double beta = 12, bool sym = true, const TensorOptions& options = {});
///@{
/// rw::hamming_window, hann_window, blackman_window and bartlett_window.
Tensor hamming(int64_t m, bool sym = true, const TensorOptions& options = {});
Tensor hann(int64_t m, bool sym = true, const TensorOptions& options = {});
Tensor blackman(int64_t m, bool sym = true, const TensorOptions& options = {});
Tensor bartlett(int64_t m, bool sym = true, const TensorOptions& options = {});
///@}
/// a[0] - a[1] cos(2 pi n / (m - 1)) + a[2] cos(4 pi n / (m - 1)) - …
Tensor general_cosine(int64_t m, const std::vector<double>& a, bool sym = true,
                      const TensorOptions& options = {});
/// general_cosine of alpha and 1 - alpha.
Tensor general_hamming(int64_t m, double alpha = 0.54, bool sym = true,
                       const TensorOptions& options = {});
/// general_cosine of 0.3635819, 0.4891775, 0.1365995 and 0.0106411.
Tensor nuttall(int64_t m, bool sym = true, const TensorOptions& options = {});

}  // namespace rw::signal::windows

#pragma GCC visibility pop
