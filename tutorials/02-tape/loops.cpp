// Loops on the tape: a root by Newton's method, and a circle through points by gradient descent.

#include "loops.h"

#include <cmath>
#include <cstdio>

#include <rewind/rewind.h>

#include "drawing.h"

using namespace rw;

namespace {

double value(const Tensor& t) { return t.item<double>(); }

}  // namespace

// The square root of c by Newton's method, with as many steps as c happens to need.
void run_newton(const Tutorial& tutorial) {
  for (const double number : {2.0, 1000.0}) {
    const Tensor c = scalar_tensor(number, {.dtype = float64, .requires_grad = true});
    Tensor x = c / 2;
    int steps = 0;
    for (; std::fabs(value(x * x) / number - 1) > 1e-14; ++steps) x = (x + c / x) / 2;
    x.backward();
    std::printf("c = %g: %d steps, x = %.6f, dx/dc = %.6f\n", number, steps, value(x),
                value(c.grad()));
    tutorial.expect("the gradient is 1 / (2 sqrt c)",
                    std::fabs(value(c.grad()) - 0.5 / std::sqrt(number)) < 1e-10);
  }
}

namespace {

void draw_circle(Drawing& drawing, double x, double y, double radius, const char* color) {
  std::vector<Point> points;
  for (double angle = 0; angle < 6.35; angle += 0.07)
    points.push_back({x + radius * std::cos(angle), y + radius * std::sin(angle)});
  drawing.line(points, color, 2);
}

}  // namespace

void fit_circle(const Tutorial& tutorial) {
  const Tensor angle = linspace(-0.6, 3.6, 60);
  const Tensor points =
      stack({4 + 2.5 * angle.cos(), 3 + 2.5 * angle.sin()}, 1) + 0.12 * randn({60, 2});  // [60, 2]
  Tensor center = from<float>({1, 1}).requires_grad_(), radius = ones({}).requires_grad_();
  Series curve{"loss", {}};
  Drawing drawing(760, 400);
  const auto place = [](double x, double y) { return Point{30 + 46 * x, 330 - 46 * y}; };
  constexpr int shown[] = {0, 3, 10, 100};
  size_t drawn = 0;
  for (int step = 0; step <= 100; ++step) {
    const Tensor distance = (points - center).square().sum({1}).sqrt();  // of each point
    const Tensor loss = (distance - radius).square().mean();
    curve.points.push_back({static_cast<double>(step), value(loss)});
    if (step == shown[drawn]) {
      const Point at = place(value(center[0]), value(center[1]));
      draw_circle(drawing, at.x, at.y, 46 * value(radius), series(drawn));
      drawing.text({30 + 80 * static_cast<double>(drawn), 32}, "step " + std::to_string(step),
                   Align::left, 13, series(drawn));
      ++drawn;
    }
    loss.backward();
    no_grad guard;  // the step itself is not a part of the next loss
    for (Tensor* parameter : {&center, &radius}) {
      *parameter -= 0.3 * parameter->grad();
      parameter->set_grad({});
    }
  }
  for (int64_t i = 0; i < points.size(0); ++i)
    drawing.dot(place(value(points[i][0]), value(points[i][1])), 2.5);
  drawing.chart({curve}, {.x = "step", .log_y = true}, {400, 20}, 350, 360);
  drawing.write(tutorial.picture("circle.svg"));
  tutorial.expect("x of the center", value(center[0]), 3.9, 4.1);
  tutorial.expect("y of the center", value(center[1]), 2.9, 3.1);
  tutorial.expect("radius", value(radius), 2.4, 2.6);
  tutorial.expect("last loss", curve.points.back().y, 0.008, 0.02);
}
