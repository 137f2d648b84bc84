#include <algorithm>
#include <numeric>
#include <optional>

#include <rewind/autograd/traced.h>
#include <rewind/kernels/norm/norm_kernel.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduced.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/statistics.h>
#include <rewind/tensor/factories.h>

namespace rw {
namespace {

using kernels::Fold;

using detail::fold;
using detail::fold_in;
using detail::kept_strides;
using detail::make_result;
using detail::put_back;
using detail::Reduced;
using detail::reduced_floating;

// What the sum of squares is divided by; of a gradient without a limit, as in PyTorch.
double variance_divisor(const Reduced& r, double correction) {
  return std::max(0.0, static_cast<double>(r.count) - correction);
}

// x less its mean. That is rounded like x itself: in float64, what this takes from what is left is
// taken off as well.
Tensor centered(const Tensor& x, const Dims& dims) {
  Tensor rest = x - mean(x, dims, true);
  if (x.dtype() != float64) return rest;
  const Tensor lost = mean(rest, dims, true);
  return std::move(rest) - lost;
}

// Variances and means, in float64.
struct Variances {
  Tensor variance, mean;
};

// Whether means rounded to `dtype` leave deviations that are accurate, and whose squares `dtype`
// holds.
bool suffices(DType dtype, const Variances& of) {
  const double least = dtype == float64 ? 1e-280 : 1e-28, most = 1 / least;
  const double share = dtype == float64 ? 1e-15 : 1e-4;
  const auto* v = static_cast<const double*>(of.variance.raw_data());
  const auto* m = static_cast<const double*>(of.mean.raw_data());
  bool enough = true;
  for (int64_t i = 0; i < of.variance.numel(); ++i)
    enough &= v[i] > least && v[i] < most && v[i] > share * m[i] * m[i];
  return enough;
}

// Dense x as [outer, channels, inner] in memory, where what is kept lies together: the channels.
// None where it does not, or where a pass over each is cheap; nor of float64, where the means of
// parts would be rounded as x is.
std::optional<kernels::Channels> channels_of(const Tensor& x, const Reduced& r) {
  constexpr int64_t large = 1 << 12, most_channels = 1 << 12, most_last = 1 << 10;
  if (x.numel() < large || x.dtype() == float64 || !detail::is_dense(x)) return std::nullopt;
  int order[Shape::max_rank];
  const int rank = x.dim();
  std::iota(order, order + rank, 0);
  std::stable_sort(order, order + rank,
                   [&](int a, int b) { return x.strides()[a] > x.strides()[b]; });
  kernels::Channels c{x.dtype(), 1, 1, 1};
  bool has_channels = false;
  for (int i = 0; i < rank; ++i) {
    const int64_t size = x.shape()[order[i]];
    if (size == 1) continue;
    if ((r.mask >> order[i] & 1) == 0) {
      if (c.inner > 1) return std::nullopt;
      c.channels *= size;
      has_channels = true;
    } else {
      (has_channels ? c.inner : c.outer) *= size;
    }
  }
  return c.channels <= (c.inner > 1 ? most_channels : most_last) ? std::optional(c) : std::nullopt;
}

// In one pass over memory, or in two: the mean, then the squares of what is left of x. Of float64
// with the mean's own error taken off where that counts.
Variances variances_of(const Tensor& x, const Dims& dims, const Reduced& r, double correction) {
  const no_grad guard;
  const double divisor = variance_divisor(r, correction);
  Variances y;
  if (const auto channels = channels_of(x, r)) {
    y.mean = make_result(r, kept_strides(x, r.kept), float64);
    y.variance = empty_like(y.mean);
    kernels::channel_moments(*channels, x.raw_data(), static_cast<double*>(y.mean.raw_data()),
                             static_cast<double*>(y.variance.raw_data()));
    y.variance = std::move(y.variance) * (static_cast<double>(r.count) / divisor);
  } else {
    y.mean = fold_in(float64, Fold::sum_in_float64, x, r, static_cast<double>(r.count));
    y.variance = fold_in(float64, Fold::sum_deviations, x, r, divisor, y.mean);
  }
  if (x.dtype() == float64 && !suffices(float64, y))
    y.variance = fold(Fold::sum_squares, centered(x, dims), r, divisor);
  return y;
}

// The type for the gradient with respect to x.
DType gradient_type(const Tensor& x, const Variances& v) {
  return detail::is_recorded(x) && suffices(float32, v) ? compute_dtype(x.dtype()) : float64;
}

// The gradient f(g, x), computed in `dtype`.
template <class F>
Tensor computed_in(DType dtype, const Tensor& g, const Tensor& x, const F& f) {
  return f(g.to(dtype), x.to(dtype)).to(x.dtype());
}

// y = sum x / n, as variances have it.   dx = g / n
Tensor recorded_mean(const Tensor& x, const Reduced& r, const Variances& of) {
  return record("mean", of.mean.to(x.dtype()), {x},
                [r, shape = x.shape()](const Tensor& g, Needs) -> Grads {
                  return put_back(g / static_cast<double>(r.count), r).expand(shape);
                });
}

// y = sum (x - mean x)^2 / (n - correction).   dx = g 2 (x - mean x) / (n - correction)
Tensor recorded_var(const Tensor& x, const Dims& dims, const Reduced& r, double correction,
                    const Variances& of) {
  return record("var", of.variance.to(x.dtype()), {x},
                [r, dims, correction, dtype = gradient_type(x, of), x = save(x)](const Tensor& g,
                                                                                 Needs) -> Grads {
                  return computed_in(dtype, g, x.get(), [&](const Tensor& h, const Tensor& t) {
                    const double factor = 2 / (static_cast<double>(r.count) - correction);
                    return put_back(h * factor, r) * centered(t, dims);
                  });
                });
}

// y = sqrt(var x).   dx = g (x - mean x) / y / (n - correction), 0 where nothing varies
Tensor recorded_std(const Tensor& x, const Dims& dims, const Reduced& r, double correction,
                    const Variances& of) {
  const Tensor y = sqrt(of.variance).to(x.dtype());
  return record("std", y, {x},
                [r, dims, correction, dtype = gradient_type(x, of), x = save(x),
                 y = save_result(y)](const Tensor& g, Needs) -> Grads {
                  return computed_in(dtype, g, x.get(), [&](const Tensor& h, const Tensor& t) {
                    const Tensor size = y.get().to(h.dtype());
                    const Tensor flat = eq(size, 0), divisor = where(flat, 1, size);
                    const Tensor share = h / divisor / (static_cast<double>(r.count) - correction);
                    return put_back(where(flat, 0, share), r) * centered(t, dims);
                  });
                });
}

// What a variance goes by, for traced().
auto corrected(const Reduced& r, double correction) {
  return [&r, correction] {
    detail::Attributes all = detail::reduction_of(r)();
    all.emplace_back("correction", correction);
    return all;
  };
}
Tensor traced_mean(const Tensor& x, const Reduced& r, const Variances& of) {
  return detail::traced("mean", recorded_mean(x, r, of), {x}, detail::reduction_of(r));
}

}  // namespace

Tensor var(const Tensor& x, const Dims& dims, Scalar c, bool keepdim) {
  const profile_scope scope("var");
  const Reduced r = reduced_floating("var", x, dims, keepdim);
  const double correction = c.to_double();
  const Tensor y = recorded_var(x, dims, r, correction, variances_of(x, dims, r, correction));
  return detail::traced("var", y, {x}, corrected(r, correction));
}

Tensor std(const Tensor& x, const Dims& dims, Scalar c, bool keepdim) {
  const profile_scope scope("std");
  const Reduced r = reduced_floating("std", x, dims, keepdim);
  const double correction = c.to_double();
  const Tensor y = recorded_std(x, dims, r, correction, variances_of(x, dims, r, correction));
  return detail::traced("std", y, {x}, corrected(r, correction));
}

std::pair<Tensor, Tensor> var_mean(const Tensor& x, const Dims& dims, Scalar c, bool keepdim) {
  const profile_scope scope("var_mean");
  const Reduced r = reduced_floating("var_mean", x, dims, keepdim);
  const double correction = c.to_double();
  const Variances of = variances_of(x, dims, r, correction);
  const Tensor y = recorded_var(x, dims, r, correction, of);
  return {detail::traced("var", y, {x}, corrected(r, correction)), traced_mean(x, r, of)};
}

std::pair<Tensor, Tensor> std_mean(const Tensor& x, const Dims& dims, Scalar c, bool keepdim) {
  const profile_scope scope("std_mean");
  const Reduced r = reduced_floating("std_mean", x, dims, keepdim);
  const double correction = c.to_double();
  const Variances of = variances_of(x, dims, r, correction);
  const Tensor y = recorded_std(x, dims, r, correction, of);
  return {detail::traced("std", y, {x}, corrected(r, correction)), traced_mean(x, r, of)};
}

}  // namespace rw
