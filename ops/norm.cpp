#include <rewind/ops/norm.h>

#include <cmath>

#include <rewind/autograd/record.h>
#include <rewind/autograd/traced.h>
#include <rewind/kernels/norm/norm_kernel.h>
#include <rewind/ops/argument_checks.h>
#include <rewind/ops/layout.h>
#include <rewind/ops/normalization.h>
#include <rewind/ops/pointwise.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/factories.h>

namespace rw {
namespace {

using PerChannel = std::vector<double>;

PerChannel read(const Tensor& t, int64_t channels, double otherwise) {
  return t.defined() ? t.to_vector<double>() : PerChannel(static_cast<size_t>(channels), otherwise);
}

Tensor write(const PerChannel& v, DType dtype) {
  Tensor t = empty({static_cast<int64_t>(v.size())}, dtype);
  dispatch_floating(dtype, [&]<class T>() {
    T* p = t.data<T>();
    for (size_t i = 0; i < v.size(); ++i) p[i] = static_cast<T>(v[i]);
  });
  return t;
}

int64_t count_per_channel(const Tensor& x) {
  int64_t n = x.shape()[0];
  for (int d = 2; d < x.dim(); ++d) n *= x.shape()[d];
  return n;
}

void check_arguments(const Tensor& x, const Tensor& weight, const Tensor& bias,
                     const Tensor& running_mean, const Tensor& running_var,
                     const BatchNormOptions& options) {
  detail::check_floating("batch_norm", x);
  check<ShapeError>(x.dim() >= 2,
                    "batch_norm: expected an input [N, C] or [N, C, ...], got shape {}", x.shape());
  const Shape channels = {x.size(1)};
  detail::check_parameter("batch_norm", "a weight", weight, channels, x);
  detail::check_parameter("batch_norm", "a bias", bias, channels, x);
  detail::check_parameter("batch_norm", "a running_mean", running_mean, channels, x);
  detail::check_parameter("batch_norm", "a running_var", running_var, channels, x);
  check(running_mean.defined() == running_var.defined(),
        "batch_norm: expected running_mean and running_var both, or neither");
  check(options.training || running_mean.defined(),
        "batch_norm: expected running_mean and running_var outside of training");
  check<ShapeError>(!options.training || count_per_channel(x) != 1,
                    "batch_norm: expected more than 1 value per channel when training, got input "
                    "size {}",
                    x.shape());
}

kernels::Channels channels_of(const Tensor& x, const detail::Layout& layout) {
  const int64_t c = x.shape()[1], n = count_per_channel(x);
  if (layout.last || n == x.shape()[0]) return {x.dtype(), n, c, 1};
  return {x.dtype(), x.shape()[0], c, n / std::max<int64_t>(x.shape()[0], 1)};
}

/// What the derivatives need besides the input and the weight.
struct Statistics {
  PerChannel mean, inv_std;
  bool training;
  double eps;
};
using StatisticsPtr = std::shared_ptr<const Statistics>;

Dims all_but_channels(const Tensor& x) {
  Dims dims = {0};
  for (int d = 2; d < x.dim(); ++d) dims.push_back(d);
  return dims;
}

// The derivative of batch_norm_backward.
Grads second_order(const Tensor& g, const Tensor& x, const Tensor& weight, const Tensor& gg,
                   const Tensor& gw, const Tensor& gb, const Statistics& s) {
  const Dims dims = all_but_channels(x);
  Shape shape = Shape::filled(x.dim(), 1);
  shape[1] = x.size(1);
  const Tensor w = weight.defined() ? weight.reshape(shape) : ones(shape, x.dtype());
  const Tensor u = gw.reshape(shape), v = gb.reshape(shape);
  if (s.training) {
    Grads grads = detail::second_order({dims, dims, s.eps}, g, x, w, gg, u, v);
    grads[2] = grads[2].reshape(shape[1]);
    return grads;
  }
  const Tensor r = write(s.inv_std, x.dtype()).reshape(shape);
  const Tensor xh = (x - write(s.mean, x.dtype()).reshape(shape)) * r;
  return {w * r * gg + u * xh + v, u * r * g, (gg * g * r).sum(dims)};
}

// With xh = (x - mean) / std over the n values of a channel:   db = sum(g),   dw = sum(g xh),
// dx = w / std (g - db / n - xh dw / n)   in training, where mean and std depend on x, and
// dx = w / std g   otherwise.
std::vector<Tensor> batch_norm_backward(const Tensor& g, const Tensor& x, const Tensor& weight,
                                        const StatisticsPtr& statistics, bool want_dx) {
  const profile_scope scope("batch_norm_backward");
  const Statistics& s = *statistics;
  const detail::Layout layout = detail::layout_of(x, 1);
  const kernels::Channels c = channels_of(x, layout);
  const Tensor dense_g = detail::dense_in(layout, g), dense_x = detail::dense_in(layout, x);
  const auto channels = static_cast<size_t>(c.channels);
  PerChannel db(channels), dw(channels);
  kernels::channel_sums(c, dense_g.raw_data(), dense_x.raw_data(), s.mean.data(), db.data(),
                        dw.data());
  for (size_t i = 0; i < channels; ++i) dw[i] *= s.inv_std[i];

  Tensor dx;
  if (want_dx) {
    dx = detail::empty_in(layout, x.shape(), x.dtype());
    const double share = s.training ? 1 / static_cast<double>(c.per_channel()) : 0;
    PerChannel a = read(weight, c.channels, 1), b(channels), shift(channels);
    for (size_t i = 0; i < channels; ++i) {
      a[i] *= s.inv_std[i];
      b[i] = -a[i] * s.inv_std[i] * dw[i] * share;
      shift[i] = -a[i] * db[i] * share;
    }
    kernels::channel_combine(c, dense_g.raw_data(), dense_x.raw_data(), s.mean.data(), a.data(),
                             b.data(), shift.data(), dx.raw_data());
  }
  const DType dtype = compute_dtype(x.dtype());
  return record("batch_norm_backward", {dx, write(dw, dtype), write(db, dtype)}, {g, x, weight},
                [g = save(g), x = save(x), weight = save(weight), statistics](
                    std::span<const Tensor> grads, Needs) -> Grads {
                  const Tensor t = x.get();
                  const auto or_zero = [&](size_t i, const Shape& shape) {
                    return grads[i].defined() ? grads[i] : zeros(shape, t.dtype());
                  };
                  const Shape channels = {t.size(1)};
                  return second_order(g.get(), t, weight.get(), or_zero(0, t.shape()),
                                      or_zero(1, channels), or_zero(2, channels), *statistics);
                });
}

}  // namespace

namespace detail {

void check_parameter(const char* op, const char* what, const Tensor& t, const Shape& shape,
                     const Tensor& x) {
  if (!t.defined()) return;
  check<ShapeError>(t.shape() == shape, "{}: expected {} of shape {} for an input {}, got {}", op,
                    what, shape, x.shape(), t.shape());
  check<DTypeError>(t.dtype() == x.dtype() || t.dtype() == compute_dtype(x.dtype()),
                    "{}: expected {} of the input's dtype {}, got {}", op, what, x.dtype(),
                    t.dtype());
}

Tensor to_float64(const Tensor& t) { return t.defined() ? t.to(float64) : t; }

bool need_float64(const double* variance, int64_t n, double eps) {
  bool fine = true;
  for (int64_t i = 0; i < n; ++i) fine &= variance[i] + eps > 1e-28 && variance[i] < 1e28;
  return !fine;
}

void update_running(Tensor& running, const std::vector<double>& now, double momentum) {
  PerChannel next = running.to_vector<double>();
  for (size_t i = 0; i < next.size(); ++i) next[i] += momentum * (now[i] - next[i]);
  const no_grad guard;
  running.copy_(write(next, running.dtype()));
}

// With part(t) = t - mean(t) - xh mean(t xh), the derivative of xh by x is r part, and that of dx
// by h as well. By x, h being fixed, with n the number of values, P = sum(h xh), Q = sum(gg xh) and
// A = sum(gg h) - n mean(gg) mean(h),
//   sum(gg dx) = r (A - P Q / n),   dP/dx = r part(h),   dr/dx = -r^2 xh / n.
Grads second_order(const Normalization& norm, const Tensor& g, const Tensor& x, const Tensor& w,
                   const Tensor& gg, const Tensor& gw, const Tensor& gb) {
  const auto mean = [&](const Tensor& t) { return t.mean(norm.statistics, true); };
  const Tensor centered = norm.centered ? x - mean(x) : x;
  const Tensor r = (mean(centered.square()) + norm.eps).rsqrt();
  const Tensor xh = centered * r, h = g * w;
  const Tensor p = mean(h * xh), q = mean(gg * xh);
  const auto part = [&](const Tensor& t, const Tensor& along_xh) {
    return (norm.centered ? t - mean(t) : t) - xh * along_xh;
  };
  const Tensor h_part = part(h, p), gg_part = part(gg, q);
  Tensor both = mean(gg * h) - p * q;
  if (norm.centered) both = both - mean(gg) * mean(h);
  const Tensor by_gw = g * gw;
  return {w * r * gg_part + gw * xh + gb,
          r * (part(by_gw, mean(by_gw * xh)) - r * (q * h_part + p * gg_part + both * xh)),
          (g * r * gg_part).sum(norm.parameters, true)};
}

}  // namespace detail

namespace {

Tensor normalize(const Tensor& x, const Tensor& weight, const Tensor& bias, Tensor running_mean,
                 Tensor running_var, const BatchNormOptions& options) {
  const detail::Layout layout = detail::layout_of(x, 1);
  const kernels::Channels c = channels_of(x, layout);
  const Tensor dense_x = detail::dense_in(layout, x);
  const auto channels = static_cast<size_t>(c.channels);

  PerChannel mean(channels), variance(channels);
  if (!options.training) {
    mean = running_mean.to_vector<double>();
    variance = running_var.to_vector<double>();
  } else {
    kernels::channel_moments(c, dense_x.raw_data(), mean.data(), variance.data());
    if (x.dtype() != float64 && x.numel() > 0 &&
        detail::need_float64(variance.data(), c.channels, options.eps))
      return normalize(x.to(float64), detail::to_float64(weight), detail::to_float64(bias),
                       running_mean, running_var, options)
          .to(x.dtype());
  }
  PerChannel inv_std(channels), scale = read(weight, c.channels, 1);
  for (size_t i = 0; i < channels; ++i) {
    inv_std[i] = 1 / std::sqrt(variance[i] + options.eps);
    scale[i] *= inv_std[i];
  }
  Tensor y = detail::empty_in(layout, x.shape(), x.dtype());
  kernels::channel_scale(c, dense_x.raw_data(), mean.data(), scale.data(),
                         read(bias, c.channels, 0).data(), y.raw_data());

  if (options.training && running_mean.defined() && c.per_channel() > 0 &&
      !detail::is_recomputing) {
    const auto n = static_cast<double>(c.per_channel());
    detail::update_running(running_mean, mean, options.momentum);
    for (double& v : variance) v *= n / (n - 1);
    detail::update_running(running_var, variance, options.momentum);
  }
  const auto statistics = std::make_shared<const Statistics>(
      Statistics{std::move(mean), std::move(inv_std), options.training, options.eps});
  return record(
      "batch_norm", y, {x, weight, bias},
      [x = save(x), weight = save(weight), statistics](const Tensor& g, Needs needs) -> Grads {
        return batch_norm_backward(g, x.get(), weight.get(), statistics,
                                   needs[0] || is_grad_enabled());
      });
}

}  // namespace

Tensor batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, Tensor running_mean,
                  Tensor running_var, const BatchNormOptions& options) {
  detail::check_defined("batch_norm", x);
  // As PyTorch takes it: a vector of nothing has no channels.
  if (x.dim() == 1 && x.numel() == 0)
    return batch_norm(x.view({0, 0}), weight, bias, running_mean, running_var, options).view(0);
  const profile_scope scope("batch_norm");
  check_arguments(x, weight, bias, running_mean, running_var, options);
  return detail::traced(
      "batch_norm", normalize(x, weight, bias, running_mean, running_var, options),
      {x, weight, bias, running_mean, running_var}, [&] {
        return detail::Attributes{{"training", options.training}, {"eps", options.eps}};
      });
}

}  // namespace rw
