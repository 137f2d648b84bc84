// Gradient checking: derivatives by differences, and how far they can be trusted. mistakes.cpp has
// the mistakes that they find.

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <rewind/rewind.h>

#include "drawing.h"
#include "mistakes.h"
#include "tutorial.h"

using namespace rw;

namespace {

Tensor f(const Tensor& x) { return x.sin().exp(); }

// The mean error of differences of f at 50 places, over the decimal logarithm of the step.
Series errors(const char* name, DType dtype, bool central) {
  const Tensor exact_x = linspace(0, 1, 50, float64), x = exact_x.to(dtype);
  const Tensor exact = f(exact_x) * exact_x.cos();
  Series out{name, {}};
  for (double exponent = -14; exponent <= 0; exponent += 0.25) {
    const double h = std::pow(10, exponent);
    const Tensor slope = central ? (f(x + h) - f(x - h)) / (2 * h) : (f(x + h) - f(x)) / h;
    out.points.push_back({exponent, (slope - exact).abs().mean().item<double>()});
  }
  return out;
}

void vary_step(const Tutorial& tutorial) {
  const std::vector<Series> all{
      errors("float32 forward", float32, false), errors("float32 central", float32, true),
      errors("float64 forward", float64, false), errors("float64 central", float64, true)};
  Drawing(640, 360)
      .chart(all, {.title = "error of a difference", .x = "log10 of the step h", .log_y = true})
      .write(tutorial.picture("steps.svg"));
  const double expected[] = {2e-4, 1e-5, 1e-8, 1e-11}, steps[] = {-3.5, -2.5, -8, -5};
  for (size_t i = 0; i < all.size(); ++i) {
    const Point best = *std::min_element(all[i].points.begin(), all[i].points.end(),
                                         [](Point a, Point b) { return a.y < b.y; });
    tutorial.expect(all[i].name + ": least error", best.y, expected[i] / 10, expected[i] * 10);
    tutorial.expect("at a log10 of h of", best.x, steps[i] - 1, steps[i] + 1);
  }
}

void meet_kink(const Tutorial& tutorial) {
  const auto f = [](const Tensor& x) { return x.relu(); };
  const TensorOptions options{.dtype = float64, .requires_grad = true};
  const GradcheckResult result = gradcheck(f, zeros({}, options));
  std::printf("gradcheck of relu at 0: %s\n", result.message.c_str());
  tutorial.expect("relu passes at 0.001", gradcheck(f, full({}, 0.001, options)).ok);

  const Tensor x = linspace(-1, 1, 201, float64).requires_grad_();
  const double h = 0.2;
  Drawing(640, 360)
      .chart({curve("backward", x, grad({f(x).sum()}, {x})[0]),
              curve("central difference, h = 0.2", x, (f(x + h) - f(x - h)).detach() / (2 * h))},
             {.title = "gradient of relu", .x = "x"})
      .write(tutorial.picture("kink.svg"));
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(3);
  vary_step(tutorial);
  find_mistakes(tutorial);
  draw_mistake(tutorial);
  meet_kink(tutorial);
}
