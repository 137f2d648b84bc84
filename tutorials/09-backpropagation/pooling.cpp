// The gradients of pooling, by the maximum and by the average.

#include <rewind/rewind.h>

#include "gradients.h"

using namespace rw;

Tensor max_pool_backward(const Tensor& x, const Tensor& g, int64_t kernel, int64_t stride) {
  const Tensor result = zeros_like(x);
  const auto xs = x.accessor<const double, 4>(), gs = g.accessor<const double, 4>();
  const auto dx = result.accessor<double, 4>();
  for (int64_t n = 0; n < g.size(0); ++n)
    for (int64_t c = 0; c < g.size(1); ++c)
      for (int64_t i = 0; i < g.size(2); ++i)
        for (int64_t j = 0; j < g.size(3); ++j) {
          int64_t row = stride * i, column = stride * j;
          for (int64_t k = stride * i; k < stride * i + kernel; ++k)
            for (int64_t l = stride * j; l < stride * j + kernel; ++l)
              if (xs[n][c][k][l] > xs[n][c][row][column]) row = k, column = l;
          dx[n][c][row][column] += gs[n][c][i][j];
        }
  return result;
}

Tensor avg_pool_backward(const Tensor& x, const Tensor& g, int64_t kernel, int64_t stride) {
  const Tensor result = zeros_like(x);
  const auto gs = g.accessor<const double, 4>();
  const auto dx = result.accessor<double, 4>();
  for (int64_t n = 0; n < g.size(0); ++n)
    for (int64_t c = 0; c < g.size(1); ++c)
      for (int64_t i = 0; i < g.size(2); ++i)
        for (int64_t j = 0; j < g.size(3); ++j)
          for (int64_t k = stride * i; k < stride * i + kernel; ++k)
            for (int64_t l = stride * j; l < stride * j + kernel; ++l)
              dx[n][c][k][l] += gs[n][c][i][j] / static_cast<double>(kernel * kernel);
  return result;
}

void check_pooling(const Tutorial& tutorial) {
  // Rounded, so that many are equal; kernel 3 and stride 2, so that windows overlap.
  const Tensor x = (2 * randn({2, 3, 9, 8}, float64)).round().requires_grad_();
  const Tensor greatest = max_pool2d(x, 3, {.stride = 2}), g = randn(greatest.shape(), float64);
  greatest.backward(g);
  tutorial.expect("max pooling: the loops differ by",
                  difference(max_pool_backward(x, g, 3, 2), x.grad()), 0, 1e-10);
  x.set_grad({});
  avg_pool2d(x, 3, {.stride = 2}).backward(g);
  tutorial.expect("average pooling: the loops differ by",
                  difference(avg_pool_backward(x, g, 3, 2), x.grad()), 0, 1e-10);
}
