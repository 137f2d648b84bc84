// f''(x) by (f(x + h) - 2 f(x) + f(x - h)) / h^2, over the step h.

#include <algorithm>
#include <cmath>

#include <rewind/rewind.h>

#include "drawing.h"
#include "tutorial.h"

using namespace rw;

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const auto f = [](const Tensor& x) { return x.sin().exp(); };
  const Tensor x = linspace(0, 1, 50, float64);
  const Tensor exact = f(x) * (x.cos().square() - x.sin());
  Series error{"second difference", {}};
  for (double exponent = -8; exponent <= 0; exponent += 0.25) {
    const double h = std::pow(10, exponent);
    const Tensor found = (f(x + h) - 2 * f(x) + f(x - h)) / (h * h);
    error.points.push_back({exponent, (found - exact).abs().mean().item<double>()});
  }
  Drawing(640, 360)
      .chart({error}, {.title = "error of f''", .x = "log10 of the step h", .log_y = true})
      .write(tutorial.picture("second_difference.svg"));
  const Point best = *std::min_element(error.points.begin(), error.points.end(),
                                       [](Point a, Point b) { return a.y < b.y; });
  // Truncation is proportional to h^2, rounding to 1e-16 / h^2: they meet at h = 1e-4, where both
  // are 1e-8. Differences of gradients, as gradgradcheck takes them, are much better.
  tutorial.expect("log10 of the best step", best.x, -4.75, -3.25);
  tutorial.expect("its error", best.y, 1e-10, 1e-7);
}
