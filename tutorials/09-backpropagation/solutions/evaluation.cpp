// Batch norm in evaluation: mean and variance are numbers that do not depend on x, so that only the
// direct path is left.

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(9);
  const Tensor x = randn({4, 3, 5, 6}, float64).requires_grad_();
  const Tensor weight = randn({3}, float64), bias = randn({3}, float64);
  const Tensor mean = randn({3}, float64), variance = rand({3}, float64) + 0.5;
  const Tensor y = batch_norm(x, weight, bias, mean, variance);
  const Tensor g = randn(y.shape(), float64);
  y.backward(g);
  const Tensor factor = weight / (variance + 1e-5).sqrt();
  const Tensor dx = g * factor.view({3, 1, 1});
  tutorial.expect("differs by", (dx - x.grad()).abs().max().item<double>(), 0, 1e-10);
  // Nothing is subtracted: a gradient that is the same everywhere gets through.
  tutorial.expect("sum of the gradient in a channel, at least",
                  dx.sum({0, 2, 3}).abs().max().item<double>(), 0.1, 1000);
}
