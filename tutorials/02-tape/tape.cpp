// The tape: what is recorded while a program computes, and how gradients run back through it.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

#include <rewind/rewind.h>

#include "drawing.h"
#include "tutorial.h"

using namespace rw;

namespace {

Tensor leaf(double number) {
  return scalar_tensor(number, {.dtype = float64, .requires_grad = true});
}
double value(const Tensor& t) { return t.item<double>(); }

// y = sin(a b) + a^2. Each step has a name, so that we can look at it.
struct Expression {
  Tensor a = leaf(2), b = leaf(0.5);
  Tensor p = a * b, s = p.sin(), q = a.square(), y = s + q;
};

void compare_with_paper(const Tutorial& tutorial) {
  const double a = 2, b = 0.5;
  const double p = a * b, s = std::sin(p), q = a * a, y = s + q;
  const double dy = 1;
  const double ds = dy, dq = dy;            // y = s + q
  const double dp = ds * std::cos(p);       // s = sin(p)
  const double db = dp * a;                 // p = a b
  const double da = dp * b + dq * (2 * a);  // p = a b, and q = a^2

  const Expression e;
  e.y.backward();
  std::printf("y = %.4f, da = %.4f, db = %.4f\n", value(e.y), value(e.a.grad()), value(e.b.grad()));
  tutorial.expect("greatest difference from paper",
                  std::max({std::fabs(value(e.y) - y), std::fabs(value(e.a.grad()) - da),
                            std::fabs(value(e.b.grad()) - db)}),
                  0, 1e-10);
}

void draw_tape(const Tutorial& tutorial) {
  const Expression e;
  const std::string dot = graph_to_dot(e.y, {{"a", e.a}, {"b", e.b}});
  std::printf("%s", dot.c_str());
  std::ofstream(tutorial.picture("tape.dot")) << dot;
  const auto g = grad({e.y}, {e.b, e.p, e.s, e.q, e.y}, {.retain_graph = true});
  const Tensor a_by_p = grad({e.p}, {e.a}, {g[1]})[0];  // what reaches a through p alone
  const Tensor a_by_q = grad({e.q}, {e.a}, {g[3]})[0];

  Drawing drawing(800, 270);
  const auto node = [&](Point center, const std::string& label, const char* color = "") {
    drawing.box({center.x - 45, center.y - 24}, 90, 48, label, color);
  };
  const auto edge = [&](Point from, Point to, const Tensor& forward, const Tensor& backward) {
    drawing.arrow({from.x + 48, from.y}, {to.x - 48, to.y});
    const double aside = to.y > from.y ? 26 : to.y < from.y ? -26 : 0;  // of a slanting arrow
    const Point middle{(from.x + to.x) / 2, (from.y + to.y) / 2};
    char text[2][32];
    std::snprintf(text[0], sizeof text[0], "%.5g", value(forward));
    std::snprintf(text[1], sizeof text[1], "%.5g", value(backward));
    drawing.text({middle.x + aside, middle.y - 8}, text[0], Drawing::Align::middle, 13, series(0));
    drawing.text({middle.x - aside, middle.y + 18}, text[1], Drawing::Align::middle, 13, series(1));
  };
  const Point a{70, 90}, b{70, 220}, q{250, 90}, p{250, 220}, s{420, 220}, y{590, 155};
  node(a, "leaf a", series(2));
  node(b, "leaf b", series(2));
  node(q, "square\nq = a²");
  node(p, "mul\np = a b");
  node(s, "sin\ns = sin p");
  node(y, "add\ny = s + q");
  edge(a, q, e.a, a_by_q);
  edge(a, p, e.a, a_by_p);
  edge(b, p, e.b, g[0]);
  edge(p, s, e.p, g[1]);
  edge(s, y, e.s, g[2]);
  edge(q, y, e.q, g[3]);
  edge(y, {y.x + 200, y.y}, e.y, g[4]);
  drawing.text({24, 32}, "values: forward, to the right", Drawing::Align::left, 13, series(0));
  drawing.text({776, 32}, "gradients: backward, to the left", Drawing::Align::right, 13, series(1));
  drawing.write(tutorial.picture("tape.svg"));
}

void leave_out(const Tutorial& tutorial) {
  const Tensor a = leaf(2);
  (a * a).backward();
  tutorial.expect("gradient of a * a", value(a.grad()), 4, 4);
  (a * a).backward();
  tutorial.expect("after another backward", value(a.grad()), 8, 8);
  a.set_grad({});
  (a * a.detach()).backward();
  tutorial.expect("gradient of a * a.detach()", value(a.grad()), 2, 2);
  const Tensor y = a * a;
  {
    no_grad guard;
    tutorial.expect("nothing is recorded under no_grad", !(a * a).requires_grad());
  }
  y.backward();
  try {
    y.backward();
  } catch (const AutogradError& error) {
    std::printf("%s\n", error.what());
  }
}

// The square root of c by Newton's method, with as many steps as c happens to need.
void run_loop(const Tutorial& tutorial) {
  for (const double number : {2.0, 1000.0}) {
    const Tensor c = leaf(number);
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

void draw_circle(Drawing& drawing, double x, double y, double radius, const char* color) {
  std::vector<Point> points;
  for (double angle = 0; angle < 6.35; angle += 0.07)
    points.push_back({x + radius * std::cos(angle), y + radius * std::sin(angle)});
  drawing.line(points, color, 2);
}

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
                   Drawing::Align::left, 13, series(drawn));
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
  draw_chart(drawing, {400, 20}, 350, 360, {curve}, {.x = "step", .log_y = true});
  drawing.write(tutorial.picture("circle.svg"));
  tutorial.expect("x of the center", value(center[0]), 3.9, 4.1);
  tutorial.expect("y of the center", value(center[1]), 2.9, 3.1);
  tutorial.expect("radius", value(radius), 2.4, 2.6);
  tutorial.expect("last loss", curve.points.back().y, 0.008, 0.02);
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(2);
  compare_with_paper(tutorial);
  draw_tape(tutorial);
  leave_out(tutorial);
  run_loop(tutorial);
  fit_circle(tutorial);
}
