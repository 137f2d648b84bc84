// The gradients of normalization: batch, layer, instance and group norm differ only in what is
// normalized together.

#include <algorithm>
#include <cmath>

#include <rewind/rewind.h>

#include "gradients.h"

using namespace rw;

Gradients norm_backward(const Tensor& x, const Tensor& weight, const Tensor& g, const Sets& sets,
                        double eps) {
  const int64_t samples = x.size(0), channels = x.size(1), pixels = x.size(2) * x.size(3);
  Gradients result{zeros({samples, channels, pixels}, float64), zeros_like(weight),
                   zeros_like(weight)};
  const Tensor x_rows = x.reshape({samples, channels, pixels});
  const Tensor g_rows = g.reshape({samples, channels, pixels});
  const auto xs = x_rows.accessor<const double, 3>(), gs = g_rows.accessor<const double, 3>();
  const auto w = weight.accessor<const double, 1>();
  const auto dx = result.x.accessor<double, 3>();
  const auto dw = result.weight.accessor<double, 1>(), db = result.bias.accessor<double, 1>();

  const double size = static_cast<double>(x.numel()) / static_cast<double>(sets.count);
  const std::vector<double> none(static_cast<size_t>(sets.count), 0.0);
  auto mean = none, variance = none, mean_h = none, mean_hx = none;
  const auto each = [&](const auto& visit) {
    for (int64_t n = 0; n < samples; ++n)
      for (int64_t c = 0; c < channels; ++c)
        for (int64_t i = 0; i < pixels; ++i) visit(static_cast<size_t>(sets.of(n, c)), n, c, i);
  };
  each([&](size_t s, int64_t n, int64_t c, int64_t i) { mean[s] += xs[n][c][i] / size; });
  each([&](size_t s, int64_t n, int64_t c, int64_t i) {
    const double centered = xs[n][c][i] - mean[s];
    variance[s] += centered * centered / size;
  });
  const auto r = [&](size_t s) { return 1 / std::sqrt(variance[s] + eps); };
  const auto normalized = [&](size_t s, int64_t n, int64_t c, int64_t i) {
    return (xs[n][c][i] - mean[s]) * r(s);
  };
  each([&](size_t s, int64_t n, int64_t c, int64_t i) {
    const double h = gs[n][c][i] * w[c];
    mean_h[s] += h / size;
    mean_hx[s] += h * normalized(s, n, c, i) / size;
    dw[c] += gs[n][c][i] * normalized(s, n, c, i);
    db[c] += gs[n][c][i];
  });
  each([&](size_t s, int64_t n, int64_t c, int64_t i) {
    const double h = gs[n][c][i] * w[c];
    dx[n][c][i] = r(s) * (h - mean_h[s] - normalized(s, n, c, i) * mean_hx[s]);
  });
  result.x = result.x.view(x.shape());
  return result;
}

Sets batch_sets(const Tensor& x) {
  return {x.size(1), [](int64_t, int64_t c) { return c; }};
}

void check_norm(const Tutorial& tutorial) {
  const int64_t samples = 4, channels = 6, groups = 2;
  const Tensor x = randn({samples, channels, 5, 3}, float64).requires_grad_();
  const Tensor weight = randn({channels}, float64).requires_grad_();
  const Tensor bias = randn({channels}, float64).requires_grad_();
  const Tensor g = randn(x.shape(), float64);
  const auto check = [&](const char* name, const Tensor& y, const Sets& sets) {
    for (const Tensor& t : {x, weight, bias}) t.set_grad({});
    y.backward(g);
    const Gradients by_hand = norm_backward(x, weight, g, sets);
    tutorial.expect(
        std::string(name) + ": the loops differ by",
        std::max({difference(by_hand.x, x.grad()), difference(by_hand.weight, weight.grad()),
                  difference(by_hand.bias, bias.grad())}),
        0, 1e-10);
    return by_hand.x;
  };
  const Tensor dx =
      check("batch norm", batch_norm(x, weight, bias, {}, {}, {.training = true}), batch_sets(x));
  check("instance norm", instance_norm(x, weight, bias),
        {samples * channels, [&](int64_t n, int64_t c) { return n * channels + c; }});
  check("group norm", group_norm(x, groups, weight, bias),
        {samples * groups,
         [&](int64_t n, int64_t c) { return n * groups + c / (channels / groups); }});
  // layer_norm's own weight has one number for each element; here it is one for each channel.
  const Shape each_sample{channels, 5, 3};
  const Tensor layer =
      layer_norm(x, each_sample) * weight.view({channels, 1, 1}) + bias.view({channels, 1, 1});
  check("layer norm", layer, {samples, [](int64_t n, int64_t) { return n; }});

  tutorial.expect("batch norm: sums of the input's gradient in each channel, at most",
                  dx.sum({0, 2, 3}).abs().max().item<double>(), 0, 1e-10);
}
