// Three ways to write an op: are they right, and does a network learn with it? times.cpp tells how
// fast they are.

#include <cmath>

#include "drawing.h"
#include "swish.h"
#include "times.h"
#include "tutorial.h"

using namespace rw;

namespace {

void draw_swish(const Tutorial& tutorial) {
  const Tensor x = linspace(-4, 4, 161);
  std::vector<Series> values, slopes;
  for (const char* number : {"0.5", "1", "10"}) {
    const Tensor beta = scalar_tensor(std::stod(number));
    const auto sum = [&](const Tensor& t) { return swish(t, beta).sum(); };
    values.push_back(curve(std::string("beta ") + number, x, swish(x, beta)));
    slopes.push_back(curve(std::string("beta ") + number, x, grad(sum)(x)));
  }
  Drawing drawing(840, 340);
  drawing.chart(values, {.title = "swish", .x = "x"}, {0, 0}, 420, 340);
  drawing.chart(slopes, {.title = "its derivative", .x = "x"}, {420, 0}, 420, 340);
  drawing.write(tutorial.picture("swish.svg"));
}

double slope_at(Op op, double x) {
  const auto f = [&](const Tensor& t) { return op(t, ones({})); };
  return grad(f)(scalar_tensor(x)).item<double>();
}

double recorded_ops(Op op) {
  const Tensor x = randn({8}).requires_grad_(), beta = ones({}).requires_grad_();
  profile p;
  op(x, beta).backward(ones({8}));
  double count = 0;
  for (const profile::Row& row : p.rows())
    if (row.phase == profile_scope::Phase::pullback) count += static_cast<double>(row.calls);
  return count;
}

// dy / dx, dy / dbeta, and a sum of second derivatives, as one vector.
Tensor derivatives(Op op, const Tensor& x, const Tensor& beta) {
  const auto f = [&](const Tensor& t, const Tensor& b) { return op(t, b).sum(); };
  const auto slope = [&](const Tensor& t, const Tensor& b) { return grad(f)(t, b).square().sum(); };
  const auto first = grad(f, {0, 1})(x, beta), second = grad(slope, {0, 1})(x, beta);
  Tensor all = zeros({0}, float64);
  for (const auto& list : {first, second})
    for (const Tensor& t : list) all = cat({all, t.flatten().to(float64)});
  return all;
}

void check(const Tutorial& tutorial) {
  tutorial.expect("composed: ops on the tape", recorded_ops(composed_swish), 5, 5);
  tutorial.expect("swish: ops on the tape", recorded_ops(swish), 1, 1);
  tutorial.expect("composed: the derivative at -100 is no number",
                  std::isnan(slope_at(composed_swish, -100)));
  tutorial.expect("swish: the derivative at -100", slope_at(swish, -100), -1e-30, 1e-30);

  const Tensor x = randn({3, 4}, float64).requires_grad_();
  const Tensor beta = randn({4}, float64).requires_grad_();
  const auto f = [](const std::vector<Tensor>& in) { return swish(in[0], in[1]); };
  tutorial.expect("gradcheck", gradcheck(f, {x, beta}).ok);
  tutorial.expect("gradgradcheck", gradgradcheck(f, {x, beta}).ok);

  const Tensor many = 3 * randn({1000}), one = scalar_tensor(1.5);
  const Tensor exact = derivatives(swish, many.to(float64), one.to(float64));
  const Tensor error = (derivatives(fast_swish, many, one) - exact).abs() / (exact.abs() + 1);
  tutorial.expect("fast_swish: relative error", error.max().item<double>(), 0, 1e-5);
}

void learn(const Tutorial& tutorial) {
  manual_seed(1);
  nn::Sequential net(nn::Linear(1, 32), Swish(), nn::Linear(32, 32), Swish(), nn::Linear(32, 1));
  const Tensor x = linspace(-2, 2, 128).unsqueeze(1), y = (4 * x).sin();
  optim::Adam adam(net.parameters(), {.lr = 0.01});
  Tensor loss;
  for (int step = 0; step < 1000; ++step) {
    adam.zero_grad();
    loss = mse_loss(net(x), y);
    loss.backward();
    adam.step();
  }
  tutorial.expect("loss", loss.item<double>(), 0, 0.01);
  tutorial.expect("the first beta", net.at<Swish>(1).beta.item<double>(), 1.1, 10);
  tutorial.expect("the second beta", net.at<Swish>(3).beta.item<double>(), 1.1, 10);
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(1);
  draw_swish(tutorial);
  check(tutorial);
  measure_times(tutorial);
  learn(tutorial);
}
