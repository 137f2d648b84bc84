#include <rewind/ops/signal_windows.h>

#include <rewind/autograd/grad_mode.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/windows_of_signals.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::signal::windows {
namespace {

constexpr double pi = 3.141592653589793;

DType checked(const char* op, int64_t m, const TensorOptions& options) {
  check(m >= 0, "{}: expected m >= 0, got {}", op, m);
  const DType dtype = options.dtype.value_or(get_default_dtype());
  check<DTypeError>(dtype == float32 || dtype == float64, "{}: expected float32 or float64, got {}",
                    op, dtype);
  return dtype;
}

// f of 0 … m - 1, and of how many intervals there are, computed in float64 and rounded once.
template <class F>
Tensor window(const char* op, int64_t m, bool sym, const TensorOptions& options, const F& f) {
  const DType dtype = checked(op, m, options);
  const auto make = [&] {
    const no_grad guard;
    return f(arange(m, float64), static_cast<double>(sym || m <= 1 ? m - 1 : m)).to(dtype);
  };
  return make().requires_grad_(options.requires_grad);
}

}  // namespace

Tensor exponential(int64_t m, std::optional<double> center, double tau, bool sym,
                   const TensorOptions& options) {
  check(tau > 0, "exponential: expected a positive tau, got {}", tau);
  check(!sym || !center, "exponential: a symmetric window takes no center");
  return window("exponential", m, sym, options, [&](const Tensor& n, double intervals) {
    return exp(abs(n - center.value_or(intervals / 2)) / -tau);
  });
}

Tensor cosine(int64_t m, bool sym, const TensorOptions& options) {
  return window("cosine", m, sym, options, [](const Tensor& n, double intervals) {
    return sin((n + 0.5) * (pi / (intervals + 1)));
  });
}

Tensor gaussian(int64_t m, double std, bool sym, const TensorOptions& options) {
  check(std > 0, "gaussian: expected a positive std, got {}", std);
  return window("gaussian", m, sym, options, [&](const Tensor& n, double intervals) {
    return exp(square((n - intervals / 2) / std) * -0.5);
  });
}

Tensor general_cosine(int64_t m, const std::vector<double>& a, bool sym,
                      const TensorOptions& options) {
  check(!a.empty(), "general_cosine: expected coefficients, got none");
  return window("general_cosine", m, sym, options, [&](const Tensor& n, double intervals) {
    if (m <= 1) return ones_like(n);
    Tensor sum = full_like(n, a[0]);
    for (size_t i = 1; i < a.size(); ++i) {
      const double turn = 2 * pi * static_cast<double>(i) / intervals;
      sum = sum + cos(n * turn) * (i % 2 == 1 ? -a[i] : a[i]);
    }
    return sum;
  });
}

Tensor general_hamming(int64_t m, double alpha, bool sym, const TensorOptions& options) {
  return general_cosine(m, {alpha, 1 - alpha}, sym, options);
}

Tensor nuttall(int64_t m, bool sym, const TensorOptions& options) {
  return general_cosine(m, {0.3635819, 0.4891775, 0.1365995, 0.0106411}, sym, options);
}

Tensor kaiser(int64_t m, double beta, bool sym, const TensorOptions& options) {
  checked("kaiser", m, options);
  check(beta >= 0, "kaiser: expected beta >= 0, got {}", beta);
  return kaiser_window(m, !sym, beta, options);
}
Tensor hamming(int64_t m, bool sym, const TensorOptions& options) {
  checked("hamming", m, options);
  return hamming_window(m, !sym, 0.54, 0.46, options);
}
Tensor hann(int64_t m, bool sym, const TensorOptions& options) {
  checked("hann", m, options);
  return hann_window(m, !sym, options);
}
Tensor blackman(int64_t m, bool sym, const TensorOptions& options) {
  checked("blackman", m, options);
  return blackman_window(m, !sym, options);
}
Tensor bartlett(int64_t m, bool sym, const TensorOptions& options) {
  checked("bartlett", m, options);
  return bartlett_window(m, !sym, options);
}

}  // namespace rw::signal::windows
