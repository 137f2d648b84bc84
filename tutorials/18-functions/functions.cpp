// Functions of functions: gradients and Hessians, and Newton's method with them.

#include <cmath>
#include <cstdio>

#include <rewind/io/pictures.h>
#include <rewind/rewind.h>

#include "drawing.h"
#include "networks.h"
#include "tutorial.h"

using namespace rw;

namespace {

// Rosenbrock's valley. The least value is 0, at (1, 1).
Tensor valley(const Tensor& x, const Tensor& y) {
  return (1 - x).square() + 100 * (y - x.square()).square();
}
// The same as a function of a vector of two elements.
Tensor height(const Tensor& p) { return valley(p[0], p[1]); }

void show_derivatives(const Tutorial& tutorial) {
  const Tensor x = scalar_tensor(-1.2), y = scalar_tensor(1);
  const auto by_x = grad(valley);              // a function of x and y, as valley is
  const auto by_y = grad(valley, 1);           // and the derivative by the other one
  const auto by_x_twice = grad(grad(valley));  // which can be differentiated again
  const auto [value, both] = value_and_grad(valley, {0, 1})(x, y);
  std::printf("f %.2f   df/dx %.2f   df/dy %.2f   d2f/dx2 %.2f\n", value.item<double>(),
              by_x(x, y).item<double>(), by_y(x, y).item<double>(),
              by_x_twice(x, y).item<double>());
  tutorial.expect("df/dx differs from the formula by",
                  (both[0] - (2 * (x - 1) - 400 * x * (y - x * x))).abs().item<double>(), 0, 1e-10);

  const Tensor p = stack({x, y}), v = from({0.6, 0.8});
  const Tensor h = hessian(height, p);  // [2, 2]
  const auto [height_at_p, hv] = hvp(height, p, v);
  const auto [gradient, change] = jvp(grad(height), p, v);
  tutorial.expect("H v and hvp differ by", (matmul(h, v) - hv).abs().max().item<double>(), 0,
                  1e-10);
  tutorial.expect("hvp and the change of the gradient differ by",
                  (hv - change).abs().max().item<double>(), 0, 1e-10);
}

Point place(const Tensor& p) { return {p[0].item<double>(), p[1].item<double>()}; }
double distance(Point p) { return std::hypot(p.x - 1, p.y - 1); }

// The way to within 1e-6 of the minimum.
template <class Step>
std::vector<Point> descend(Tensor p, Step step) {
  std::vector<Point> path{place(p)};
  while (distance(path.back()) > 1e-6) {
    p = p - step(p);
    path.push_back(place(p));
  }
  return path;
}

void draw_paths(const Tutorial& tutorial, const std::vector<Point>& slow,
                const std::vector<Point>& newton) {
  const Tensor x = linspace(-1.5, 1.5, 180), y = linspace(2.5, -1.5, 240).unsqueeze(1);
  const Tensor bands = ((valley(x, y) + 1e-3).log() / std::log(2.0)).floor();
  const auto on_map = [](Point p) { return Point{275 + 150 * p.x, 415 - 150 * p.y}; };
  std::vector<Point> line, jumps;
  for (size_t i = 0; i < slow.size(); i += i < 50 ? 1 : 50) line.push_back(on_map(slow[i]));
  for (const Point& p : newton) jumps.push_back(on_map(p));

  Drawing drawing(550, 690);
  drawing.image({50, 40}, 450, 600, io::heat_map(bands));
  drawing.line(line, "#ff5a4f", 2.5);
  drawing.line(jumps, "#ffffff", 2.5);
  for (const Point& p : jumps) drawing.dot(p, 5, "#ffffff");
  drawing.text({275, 26}, "f is low where it is dark, and doubles from band to band");
  drawing.text({165, 110}, "start", Align::middle, 13, "#24292f");
  drawing.text({275, 660}, "x from -1.5 to 1.5, y from -1.5 to 2.5");
  drawing.write(tutorial.picture("newton.svg"));
}

void descend_twice(const Tutorial& tutorial) {
  const Tensor start = from({-0.5, 2.0});
  const auto gradient = grad(height);
  const auto slow = descend(start, [&](const Tensor& p) { return 1e-3 * gradient(p); });
  const auto newton = descend(
      start, [&](const Tensor& p) { return linalg::solve(hessian(height, p), gradient(p)); });
  for (size_t i = 0; i < newton.size(); ++i)
    std::printf("Newton, step %zu: distance %.1e\n", i, distance(newton[i]));
  tutorial.expect("steps of Newton's method", static_cast<double>(newton.size() - 1), 5, 5);
  tutorial.expect("steps of gradient descent", static_cast<double>(slow.size() - 1), 34000, 35000);
  draw_paths(tutorial, slow, newton);
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  set_default_dtype(float64);
  manual_seed(1);
  show_derivatives(tutorial);
  descend_twice(tutorial);
  solve_equation(tutorial);
  find_wrong_labels(tutorial);
}
