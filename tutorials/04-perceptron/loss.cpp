// Softmax, cross-entropy and its gradient, p - y, as the formulas say.

#include "loss.h"

#include <rewind/rewind.h>

using namespace rw;

void show_gradient(const Tutorial& tutorial) {
  const Tensor z = randn({5, 10}, float64).requires_grad_();  // scores of five pictures
  const Tensor labels = randint(0, 10, {5});
  const Tensor y = one_hot(labels, 10).to(float64);

  const Tensor p = z.exp() / z.exp().sum({1}, true);
  const Tensor loss = -(y * p.log()).sum({1}).mean();
  loss.backward();
  tutorial.expect("cross_entropy differs from the formula by",
                  (loss - cross_entropy(z, labels)).abs().item<double>(), 0, 1e-10);
  tutorial.expect("the gradient differs from (p - y) / N by",
                  (z.grad() - (p.detach() - y) / 5).abs().max().item<double>(), 0, 1e-10);
}
