// A differential equation, solved by a network whose loss holds its derivatives.

#include "networks.h"

#include <cmath>
#include <numbers>

#include <rewind/rewind.h>

#include "drawing.h"

using namespace rw;

namespace {

constexpr double pi = std::numbers::pi;

// How far u is from u'' = -u at the points x, a column, and from u(0) = 0, u'(0) = 1.
Tensor violation(nn::Module& net, const Tensor& x) {
  // A sum over the points: each has a value of its own, so that the gradient of the sum holds the
  // derivative at every point.
  const auto u = [&](const Tensor& t) { return net(t).sum(); };
  const auto du = grad(u);
  const auto d2u = grad([&](const Tensor& t) { return du(t).sum(); });

  const auto [u0, du0] = value_and_grad(u)(zeros({1, 1}));
  return (d2u(x) + net(x)).square().mean() + u0.square() + (du0 - 1).square().sum();
}

}  // namespace

void solve_equation(const Tutorial& tutorial) {
  nn::Sequential net(nn::Linear(1, 32), nn::Tanh(), nn::Linear(32, 32), nn::Tanh(),
                     nn::Linear(32, 1));
  const Tensor x = linspace(0, 2 * pi, 64).unsqueeze(1), shown = linspace(0, 2 * pi, 201);
  const auto draw = [&](const std::string& name, const Tensor& y) {
    return curve(name, shown / pi, y.flatten());
  };
  const int steps = tutorial.full_or_quick(6000, 1500);
  optim::Adam adam(net.parameters());
  std::vector<Series> curves;
  for (int step = 0; step < steps; ++step) {
    if (step == 100 || step == 300)
      curves.push_back(draw(std::to_string(step) + " steps", net(shown.unsqueeze(1))));
    adam.groups()[0].options.lr = 0.005 * (1 + std::cos(pi * step / steps));  // falls to 0
    adam.zero_grad();
    violation(net, x).backward();
    adam.step();
  }
  const Tensor u = net(shown.unsqueeze(1)).flatten(), error = (u - shown.sin()).abs();
  tutorial.expect("greatest error of u", error.max().item<double>(), 0,
                  tutorial.full_or_quick(1e-3, 5e-2));

  const Tensor some = shown.slice(0, 0, 201, 5);
  curves.push_back(draw("the end", u));
  curves.push_back(curve("sin(x)", some / pi, some.sin(), true));
  Drawing drawing(640, 620);
  drawing.chart(
      curves, {.title = "a network that is only told u'' = -u, u(0) = 0, u'(0) = 1", .x = "x / pi"},
      {0, 0}, 640, 350);
  drawing.chart({draw("|u(x) - sin(x)|", error + 1e-8)},
                {.title = "its error in the end", .x = "x / pi", .log_y = true}, {0, 350}, 640,
                270);
  drawing.write(tutorial.picture("equation.svg"));
}
