// An op with a mistake in its derivative: how gradcheck finds it, and what it looks like.

#include "mistakes.h"

#include <cstdio>

#include <rewind/rewind.h>

#include "drawing.h"

using namespace rw;

namespace {

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

}  // namespace

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

// Gradients of swish, b = 1, by both pullbacks and by differences.
void draw_mistake(const Tutorial& tutorial) {
  const Tensor x = linspace(-6, 6, 61, float64).requires_grad_(), b = ones({1}, float64);
  const double h = 1e-5;
  const auto f = swish_with(correct);
  const Tensor difference = (f({x + h, b}) - f({x - h, b})).detach() / (2 * h);
  const Tensor wrong = grad({swish(x, b, forgetful).sum()}, {x})[0];
  const Tensor right = grad({swish(x, b, correct).sum()}, {x})[0];
  Drawing(640, 360)
      .chart({curve("correct", x, right), curve("forgetful", x, wrong),
              curve("differences", x, difference, true)},
             {.title = "gradient of x sigmoid(x)", .x = "x"})
      .write(tutorial.picture("mistake.svg"));
  tutorial.expect("correct is off by", (right - difference).abs().max().item<double>(), 0, 1e-8);
  tutorial.expect("forgetful is off by", (wrong - difference).abs().max().item<double>(), 0.2, 0.3);
}
