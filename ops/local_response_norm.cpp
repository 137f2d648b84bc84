#include <algorithm>
#include <cmath>
#include <memory>

#include <rewind/autograd/record.h>
#include <rewind/kernels/resample/resample_kernel.h>
#include <rewind/ops/layout.h>
#include <rewind/ops/norm.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>

namespace rw {
namespace {

using kernels::AxisWeights;
using WeightsPtr = std::shared_ptr<const AxisWeights>;

// A window of `size` channels around each, all of one weight.
AxisWeights windows(int64_t channels, int64_t size, double weight) {
  AxisWeights w;
  w.sources = channels;
  w.most = std::min(size, channels);
  for (int64_t c = 0; c < channels; ++c) {
    const int64_t begin = std::max<int64_t>(c - size / 2, 0);
    const int64_t end = std::min(c + (size - 1) / 2 + 1, channels);
    w.first.push_back(static_cast<int32_t>(begin));
    w.count.push_back(static_cast<int32_t>(end - begin));
  }
  w.weights.assign(static_cast<size_t>(channels * w.most), weight);
  return w;
}

// Weighted sums of x [N, C, ...] over channels.
Tensor over_channels(const Tensor& x, const WeightsPtr& weights) {
  const profile_scope scope("local_response_norm_sums");
  const detail::Layout layout = detail::layout_of(x, 1);
  const Tensor y = detail::empty_in(layout, x.shape(), x.dtype());
  const Tensor dense = detail::dense_in(layout, x);
  const int64_t inner = x.numel() / (x.size(0) * x.size(1));
  const AxisWeights one = AxisWeights::identity(1);
  if (layout.last)
    kernels::resample(x.dtype(), x.size(0) * inner, one, *weights, 1, dense.raw_data(),
                      y.raw_data());
  else
    kernels::resample(x.dtype(), x.size(0), *weights, one, inner, dense.raw_data(), y.raw_data());
  return record("local_response_norm_sums", y, {x}, [weights](const Tensor& g, Needs) -> Grads {
    return over_channels(g, std::make_shared<const AxisWeights>(weights->transposed()));
  });
}

// Whether squares, or powers of them, may be beyond float32, or the parts of the derivative, which
// have opposite signs, lose digits where they meet.
bool needs_float64(const Tensor& x, double alpha, double k) {
  if (x.dtype() != float32) return false;
  const no_grad guard;
  const double most = abs(x).max().item<double>();
  return !(most <= 1e8 && std::abs(alpha) * most * most <= 100 * std::abs(k));
}

}  // namespace

Tensor local_response_norm(const Tensor& x, int64_t size, double alpha, double beta, double k) {
  detail::check_defined("local_response_norm", x);
  check<DTypeError>(x.is_floating_point() || x.dtype() == int64,
                    "local_response_norm: expected a floating or an int64 input, got {}",
                    x.dtype());
  check<ShapeError>(x.dim() >= 3,
                    "local_response_norm: expected an input [N, C, L, ...], got shape {}",
                    x.shape());
  check(size > 0, "local_response_norm: expected a size of at least 1, got {}", size);
  if (x.numel() == 0) return x.clone();
  if (const DType dtype = needs_float64(x, alpha, k) ? float64 : compute_dtype(x.dtype());
      dtype != x.dtype())
    return local_response_norm(x.to(dtype), size, alpha, beta, k).to(x.dtype());
  const bool whole = x.dtype() == int64;
  const double share = 1 / static_cast<double>(size);
  const auto weights =
      std::make_shared<const AxisWeights>(windows(x.size(1), size, whole ? 1 : share));
  const Tensor means =
      whole ? floor(over_channels(x.to(float64).square(), weights) * share).to(get_default_dtype())
            : over_channels(x.square(), weights);
  const Tensor divisor = means * alpha + k;
  // A factor in place of a divisor, whose square the derivative would divide by; integers have
  // none.
  return whole ? x / pow(divisor, beta) : x * pow(divisor, -beta);
}

}  // namespace rw
