// An oscillator with friction: u'' = -u - u' / 2.

#include <cmath>
#include <cstdio>
#include <numbers>

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

Tensor violation(nn::Module& net, const Tensor& x) {
  const auto u = [&](const Tensor& t) { return net(t).sum(); };
  const auto du = grad(u);
  const auto d2u = grad([&](const Tensor& t) { return du(t).sum(); });
  const auto [u0, du0] = value_and_grad(u)(zeros({1, 1}));
  return (d2u(x) + net(x) + du(x) / 2).square().mean() + u0.square() + (du0 - 1).square().sum();
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  set_default_dtype(float64);
  manual_seed(1);
  constexpr double pi = std::numbers::pi;
  nn::Sequential net(nn::Linear(1, 32), nn::Tanh(), nn::Linear(32, 32), nn::Tanh(),
                     nn::Linear(32, 1));
  const Tensor x = linspace(0, 2 * pi, 64).unsqueeze(1);
  const int steps = tutorial.full_or_quick(6000, 1500);
  optim::Adam adam(net.parameters());
  for (int step = 0; step < steps; ++step) {
    adam.groups()[0].options.lr = 0.005 * (1 + std::cos(pi * step / steps));
    adam.zero_grad();
    violation(net, x).backward();
    adam.step();
  }
  // exp(-x / 4) sin(w x) / w, where w^2 = 1 - 1 / 16
  const double w = std::sqrt(15.0 / 16);
  const Tensor expected = (-x / 4).exp() * (w * x).sin() / w;
  tutorial.expect("greatest error", (net(x) - expected).abs().max().item<double>(), 0,
                  tutorial.full_or_quick(1e-3, 5e-2));
}
