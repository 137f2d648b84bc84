// Gradient checking: derivatives by differences, how far they can be trusted, and the mistakes that
// they find.

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <rewind/rewind.h>

#include "drawing.h"
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
  write_chart(tutorial.picture("steps.svg"), all,
              {.title = "error of a difference", .x = "log10 of the step h", .log_y = true});
  const double expected[] = {2e-4, 1e-5, 1e-8, 1e-11}, steps[] = {-3.5, -2.5, -8, -5};
  for (size_t i = 0; i < all.size(); ++i) {
    const Point best = *std::min_element(all[i].points.begin(), all[i].points.end(),
                                         [](Point a, Point b) { return a.y < b.y; });
    tutorial.expect(all[i].name + ": least error", best.y, expected[i] / 10, expected[i] * 10);
    tutorial.expect("at a log10 of h of", best.x, steps[i] - 1, steps[i] + 1);
  }
}

// y = x sigmoid(b x), with a factor b for each column of x.
using Pullback = Grads (*)(const Tensor& g, const Tensor& x, const Tensor& b);
Tensor swish(const Tensor& x, const Tensor& b, Pullback pullback) {
  const auto forward = [&] {
    no_grad guard;
    return x * (b * x).sigmoid();
  };
  return record("swish", forward(), {x, b},
                [pullback, x = save(x), b = save(b)](const Tensor& g, Needs) {
                  return pullback(g, x.get(), b.get());
                });
}

// As if x were in front of the sigmoid only.
Grads forgetful(const Tensor& g, const Tensor& x, const Tensor& b) {
  const Tensor s = (b * x).sigmoid();
  return {g * s, g * x.square() * s * (1 - s)};
}

// The right numbers, but s counts as a constant when they are differentiated.
Grads constant(const Tensor& g, const Tensor& x, const Tensor& b) {
  const Tensor s = (b * x).sigmoid().detach();
  return {g * (s + b * x * s * (1 - s)), g * x.square() * s * (1 - s)};
}

Grads correct(const Tensor& g, const Tensor& x, const Tensor& b) {
  const Tensor s = (b * x).sigmoid();
  return {g * (s + b * x * s * (1 - s)), g * x.square() * s * (1 - s)};
}

OneResultFunction swish_with(Pullback pullback) {
  return [pullback](const std::vector<Tensor>& in) { return swish(in[0], in[1], pullback); };
}

void find_mistakes(const Tutorial& tutorial) {
  const Tensor x = randn({2, 3}, float64).requires_grad_();
  const Tensor b = from<double>({0.5, 1, 2}).requires_grad_();

  const GradcheckResult first = gradcheck(swish_with(forgetful), {x, b});
  std::printf("gradcheck of forgetful: %s\n", first.message.c_str());
  tutorial.expect("forgetful is found", !first.ok);

  tutorial.expect("constant passes gradcheck", gradcheck(swish_with(constant), {x, b}).ok);
  const GradcheckResult second = gradgradcheck(swish_with(constant), {x, b});
  std::printf("gradgradcheck of constant: %s\n", second.message.c_str());
  tutorial.expect("constant is found", !second.ok);

  tutorial.expect("correct passes gradcheck", gradcheck(swish_with(correct), {x, b}).ok);
  tutorial.expect("correct passes gradgradcheck", gradgradcheck(swish_with(correct), {x, b}).ok);
  try {
    gradcheck(swish_with(correct), {randn({2, 3}).requires_grad_(), b});
  } catch (const DTypeError& error) {
    std::printf("%s\n", error.what());
  }
}

Series curve(const char* name, const Tensor& x, const Tensor& y, bool dots = false) {
  Series out{name, {}, dots};
  const auto a = x.to_vector<double>(), b = y.to_vector<double>();
  for (size_t i = 0; i < a.size(); ++i) out.points.push_back({a[i], b[i]});
  return out;
}

// Gradients of swish, b = 1, by both pullbacks and by differences.
void draw_mistake(const Tutorial& tutorial) {
  const Tensor x = linspace(-6, 6, 61, float64).requires_grad_(), b = ones({1}, float64);
  const double h = 1e-5;
  const auto f = swish_with(correct);
  const Tensor difference = (f({x + h, b}) - f({x - h, b})).detach() / (2 * h);
  const Tensor wrong = grad({swish(x, b, forgetful).sum()}, {x})[0];
  const Tensor right = grad({swish(x, b, correct).sum()}, {x})[0];
  write_chart(tutorial.picture("mistake.svg"),
              {curve("correct", x, right), curve("forgetful", x, wrong),
               curve("differences", x, difference, true)},
              {.title = "gradient of x sigmoid(x)", .x = "x"});
  tutorial.expect("correct is off by", (right - difference).abs().max().item<double>(), 0, 1e-8);
  tutorial.expect("forgetful is off by", (wrong - difference).abs().max().item<double>(), 0.2, 0.3);
}

void meet_kink(const Tutorial& tutorial) {
  const auto f = [](const Tensor& x) { return x.relu(); };
  const TensorOptions options{.dtype = float64, .requires_grad = true};
  const GradcheckResult result = gradcheck(f, zeros({}, options));
  std::printf("gradcheck of relu at 0: %s\n", result.message.c_str());
  tutorial.expect("relu passes at 0.001", gradcheck(f, full({}, 0.001, options)).ok);

  const Tensor x = linspace(-1, 1, 201, float64).requires_grad_();
  const double h = 0.2;
  write_chart(tutorial.picture("kink.svg"),
              {curve("backward", x, grad({f(x).sum()}, {x})[0]),
               curve("central difference, h = 0.2", x, (f(x + h) - f(x - h)).detach() / (2 * h))},
              {.title = "gradient of relu", .x = "x"});
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
