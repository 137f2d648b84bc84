// Solves a differential equation with a network that is never shown a solution: a physics-informed
// network (Raissi, Perdikaris and Karniadakis, "Physics-informed neural networks", 2019). Of the
// oscillator
//
//   u'' = -u,   u(0) = 0,   u'(0) = 1
//
// the solution is sin(x). The loss says how far a network u(x) is from meeting these equations on
// [0, 2 pi], which takes its second derivative by x. That is the gradient of a gradient, and since
// the network's parameters require gradients, backward() goes through it like through any op.

#include <cmath>
#include <cstdio>
#include <numbers>

#include <rewind/rewind.h>

using namespace rw;

namespace {

constexpr double pi = std::numbers::pi;

struct Solution : nn::Module {
  nn::Linear in = add("in", nn::Linear(1, 64));
  nn::Linear hidden = add("hidden", nn::Linear(64, 64));
  nn::Linear out = add("out", nn::Linear(64, 1));

  Tensor forward(const Tensor& x) override { return out(tanh(hidden(tanh(in(x))))); }
};

// Mean square violation of the equation at the points x, a column, and of the initial values.
Tensor violation(Solution& net, const Tensor& x) {
  // A sum over the points: each has a value of its own, so that the gradient of the sum holds the
  // derivative at every point.
  const auto u = [&](const Tensor& t) { return net(t).sum(); };
  const auto du = grad(u);
  const auto d2u = grad([&](const Tensor& t) { return du(t).sum(); });

  const auto [u0, du0] = value_and_grad(u)(zeros({1, 1}));
  return (d2u(x) + net(x)).square().mean() + u0.square() + (du0 - 1).square().sum();
}

void train(Solution& net, int steps) {
  const Tensor x = linspace(0, 2 * pi, 64).unsqueeze(1);
  const double lr = 0.01;
  optim::Adam adam(net.parameters(), {.lr = lr});
  for (int step = 0; step <= steps; ++step) {
    adam.groups()[0].options.lr = lr * (1 + std::cos(pi * step / steps)) / 2;  // a cosine, to 0
    adam.zero_grad();
    const Tensor loss = violation(net, x);
    loss.backward();
    adam.step();
    if (step % 1000 == 0) std::printf("  step %4d   loss %.2e\n", step, loss.item<double>());
  }
}

// The greatest error on [0, 2 pi]; prints some values.
double compare(Solution& net) {
  const no_grad guard;
  const Tensor x = linspace(0, 2 * pi, 1001).unsqueeze(1);
  const Tensor u = net(x), expected = x.sin();
  std::printf("\n       x       u(x)     sin(x)\n");
  for (int64_t i = 0; i <= 1000; i += 125)
    std::printf("%8.4f  %9.5f  %9.5f\n", x[i].item<double>(), u[i].item<double>(),
                expected[i].item<double>());
  return (u - expected).abs().max().item<double>();
}

}  // namespace

int main() {
  manual_seed(1);
  Solution net;
  std::printf("u'' = -u, u(0) = 0, u'(0) = 1 on [0, 2 pi], by a network of %ld parameters\n\n",
              static_cast<long>(net.num_parameters()));
  train(net, 6000);
  const double error = compare(net);
  const double goal = 1e-3;
  std::printf("\ngreatest error %.1e: %s than %.0e\n", error, error < goal ? "less" : "not less",
              goal);
  return error < goal ? 0 : 1;
}
