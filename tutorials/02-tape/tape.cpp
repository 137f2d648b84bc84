// The tape: what is recorded, and how gradients run back through it. loops.cpp puts it to use.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

#include <fmt/format.h>
#include <rewind/rewind.h>

#include "drawing.h"
#include "loops.h"
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
  const auto node = [&](Point center, const char* op, const char* formula) {
    drawing.box({center.x - 45, center.y - 24}, 90, 48, "");
    drawing.text({center.x, center.y - 3.5}, op);
    drawing.text({center.x, center.y + 12.5}, formula);
  };
  const auto edge = [&](Point from, Point to, const Tensor& forward, const Tensor& backward) {
    drawing.arrow({from.x + 48, from.y}, {to.x - 48, to.y});
    const double aside = to.y > from.y ? 26 : to.y < from.y ? -26 : 0;  // of a slanting arrow
    const Point middle{(from.x + to.x) / 2, (from.y + to.y) / 2};
    drawing.text({middle.x + aside, middle.y - 8}, fmt::format("{:.5g}", value(forward)),
                 Align::middle, 13, series(0));
    drawing.text({middle.x - aside, middle.y + 18}, fmt::format("{:.5g}", value(backward)),
                 Align::middle, 13, series(1));
  };
  const Point a{70, 90}, b{70, 220}, q{250, 90}, p{250, 220}, s{420, 220}, y{590, 155};
  drawing.box({a.x - 45, a.y - 24}, 90, 48, "leaf a", series(2));
  drawing.box({b.x - 45, b.y - 24}, 90, 48, "leaf b", series(2));
  node(q, "square", "q = a²");
  node(p, "mul", "p = a b");
  node(s, "sin", "s = sin p");
  node(y, "add", "y = s + q");
  edge(a, q, e.a, a_by_q);
  edge(a, p, e.a, a_by_p);
  edge(b, p, e.b, g[0]);
  edge(p, s, e.p, g[1]);
  edge(s, y, e.s, g[2]);
  edge(q, y, e.q, g[3]);
  edge(y, {y.x + 200, y.y}, e.y, g[4]);
  drawing.text({24, 32}, "values: forward, to the right", Align::left, 13, series(0));
  drawing.text({776, 32}, "gradients: backward, to the left", Align::right, 13, series(1));
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

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(2);
  compare_with_paper(tutorial);
  draw_tape(tutorial);
  leave_out(tutorial);
  run_newton(tutorial);
  fit_circle(tutorial);
}
