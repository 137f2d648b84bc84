#include <rewind/ops/windows_of_signals.h>

#include <cmath>

#include <rewind/autograd/record.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/special_functions.h>
#include <rewind/tensor/factories.h>

namespace rw {

using namespace detail;

namespace {

// f of the places of the window's elements, from 0 to 1, computed in float64 and rounded once.
template <class F>
Tensor window(const char* op, int64_t n, bool periodic, const TensorOptions& options, F f) {
  const profile_scope scope(op);
  check(n >= 0, "{}: expected window_length >= 0, got {}", op, n);
  const DType dtype = options.dtype.value_or(get_default_dtype());
  check<DTypeError>(is_floating(dtype), "{}: expected a floating dtype, got {}", op, dtype);
  Tensor made = [&] {
    const no_grad guard;
    if (n <= 1) return ones(n, dtype);
    const Tensor places = arange(n, float64) / static_cast<double>(periodic ? n : n - 1);
    return f(places).to(dtype);
  }();
  if (options.requires_grad) made.requires_grad_();
  return made;
}

// cos(2 pi x), whose two halves agree in every bit.
Tensor wave(const Tensor& x) { return cos(minimum(x, 1 - x) * 6.283185307179586); }

}  // namespace

Tensor hann_window(int64_t n, bool periodic, const TensorOptions& options) {
  return window("hann_window", n, periodic, options,
                [](const Tensor& x) { return square(sin(minimum(x, 1 - x) * 3.141592653589793)); });
}
Tensor hamming_window(int64_t n, bool periodic, double alpha, double beta,
                      const TensorOptions& options) {
  return window("hamming_window", n, periodic, options,
                [=](const Tensor& x) { return alpha - wave(x) * beta; });
}
Tensor blackman_window(int64_t n, bool periodic, const TensorOptions& options) {
  return window("blackman_window", n, periodic, options, [](const Tensor& x) {
    const Tensor c = wave(x);  // cos(2 t) = 2 cos(t)^2 - 1
    return 0.34 - c * 0.5 + square(c) * 0.16;
  });
}
Tensor bartlett_window(int64_t n, bool periodic, const TensorOptions& options) {
  return window("bartlett_window", n, periodic, options,
                [](const Tensor& x) { return minimum(x, 1 - x) * 2; });
}
// By the scaled function, which doesn't overflow.
Tensor kaiser_window(int64_t n, bool periodic, double beta, const TensorOptions& options) {
  return window("kaiser_window", n, periodic, options, [size = std::abs(beta)](const Tensor& x) {
    const Tensor near = minimum(x, 1 - x), t = sqrt(near * (1 - near)) * (2 * size);
    return special::i0e(t) / special::i0e(full({}, size, float64)) * exp(t - size);
  });
}

Tensor hann_window(int64_t n, const TensorOptions& options) {
  return hann_window(n, true, options);
}
Tensor hamming_window(int64_t n, const TensorOptions& options) {
  return hamming_window(n, true, 0.54, 0.46, options);
}
Tensor blackman_window(int64_t n, const TensorOptions& options) {
  return blackman_window(n, true, options);
}
Tensor bartlett_window(int64_t n, const TensorOptions& options) {
  return bartlett_window(n, true, options);
}
Tensor kaiser_window(int64_t n, bool periodic, const TensorOptions& options) {
  return kaiser_window(n, periodic, 12, options);
}
Tensor kaiser_window(int64_t n, const TensorOptions& options) {
  return kaiser_window(n, true, 12, options);
}

}  // namespace rw
