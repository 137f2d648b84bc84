// The gradients of convolution: of the input, the weights and the bias.

#include <algorithm>

#include <rewind/rewind.h>

#include "drawing.h"
#include "gradients.h"

using namespace rw;

Gradients conv_backward(const Tensor& x, const Tensor& weight, const Tensor& g, int64_t stride,
                        int64_t padding) {
  Gradients result{zeros_like(x), zeros_like(weight), zeros({weight.size(0)}, float64)};
  const auto xs = x.accessor<const double, 4>(), ws = weight.accessor<const double, 4>(),
             gs = g.accessor<const double, 4>();
  const auto dx = result.x.accessor<double, 4>(), dw = result.weight.accessor<double, 4>();
  const auto db = result.bias.accessor<double, 1>();
  for (int64_t n = 0; n < g.size(0); ++n)
    for (int64_t o = 0; o < g.size(1); ++o)
      for (int64_t i = 0; i < g.size(2); ++i)
        for (int64_t j = 0; j < g.size(3); ++j) {
          db[o] += gs[n][o][i][j];
          for (int64_t c = 0; c < weight.size(1); ++c)
            for (int64_t k = 0; k < weight.size(2); ++k)
              for (int64_t l = 0; l < weight.size(3); ++l) {
                const int64_t row = stride * i + k - padding, column = stride * j + l - padding;
                const bool inside =
                    row >= 0 && row < x.size(2) && column >= 0 && column < x.size(3);
                if (!inside) continue;  // a zero of the padding, whose gradient nobody needs
                dw[o][c][k][l] += gs[n][o][i][j] * xs[n][c][row][column];
                dx[n][c][row][column] += gs[n][o][i][j] * ws[o][c][k][l];
              }
        }
  return result;
}

namespace {

// By half a circle.
Tensor turned(const Tensor& filter) {
  const Tensor backwards = arange(filter.size(-1) - 1, -1, -1);
  return filter.index_select(-1, backwards).index_select(-2, backwards);
}

// The gradient of the input is a correlation as well: of g, with the turned filter.
void show_turned(const Tutorial& tutorial) {
  const Tensor x = zeros({1, 1, 5, 5}, float64);
  const Tensor weight = from<double>({{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}).view({1, 1, 3, 3}) - 4.0;
  const Tensor g = from<double>({{1, 0, -1}, {2, 1, 0}, {0, -1, 3}}).view({1, 1, 3, 3});
  const Tensor dx = conv_backward(x, weight, g, 1, 0).x;
  const Tensor wide = pad(g, {2, 2, 2, 2});
  tutorial.expect("example: the turned filter differs from the loops by",
                  difference(conv2d(wide, turned(weight)), dx), 0, 1e-10);
  tutorial.expect("example: the green cell", dx.index({0, 0, 2, 1}).item<double>(), 9, 9);

  Drawing drawing(720, 330);
  const auto draw = [&](Point corner, const char* title, const Tensor& t) {
    drawing.matrix(corner, 34, title, t[0][0], 1.4 * t.abs().max().item<double>());
  };
  draw({20, 60}, "w", weight);
  draw({20, 205}, "w, turned", turned(weight));
  draw({190, 60}, "g, within zeros", wide);
  draw({500, 94}, "gradient of x", dx);
  drawing.square({20, 205}, 102, "#1a7f37", 3);
  drawing.square({190 + 34, 60 + 34 * 2}, 102, "#1a7f37", 3);
  drawing.square({500 + 34, 94 + 34 * 2}, 34, "#1a7f37", 3);
  drawing.arrow({440, 179}, {488, 179});
  drawing.write(tutorial.picture("turned.svg"));
}

}  // namespace

void check_conv(const Tutorial& tutorial) {
  double worst = 0, worst_turned = 0;
  for (const int64_t stride : {1, 2, 3})
    for (const int64_t padding : {0, 1, 2}) {
      const Tensor x = randn({2, 3, 9, 8}, float64).requires_grad_();
      const Tensor weight = randn({4, 3, 3, 3}, float64).requires_grad_();
      const Tensor bias = randn({4}, float64).requires_grad_();
      const Tensor y = conv2d(x, weight, bias, {.stride = stride, .padding = padding});
      const Tensor g = randn(y.shape(), float64);
      y.backward(g);
      const Gradients by_hand = conv_backward(x, weight, g, stride, padding);
      worst = std::max({worst, difference(by_hand.x, x.grad()),
                        difference(by_hand.weight, weight.grad()),
                        difference(by_hand.bias, bias.grad())});
      if (stride > 1) continue;
      const Tensor filters = turned(weight.detach()).transpose(0, 1);
      const Tensor dx = conv2d(g, filters, {}, {.padding = 2 - padding});
      worst_turned = std::max(worst_turned, difference(dx, x.grad()));
    }
  tutorial.expect("convolution: the loops differ by", worst, 0, 1e-10);
  tutorial.expect("convolution with turned filters differs by", worst_turned, 0, 1e-10);
  show_turned(tutorial);
}
