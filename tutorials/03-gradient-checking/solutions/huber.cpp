// Huber's function is x^2 / 2 up to |x| = 1, and a straight line from there: |x| - 1/2.

#include <cstdio>

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const auto huber = [](const Tensor& x) {
    return where(x.abs() <= 1, x.square() / 2, x.abs() - 0.5);
  };
  const auto at = [](double x) {
    return scalar_tensor(x, {.dtype = float64, .requires_grad = true});
  };
  // Value and slope agree at 1: the gradient has no jump.
  tutorial.expect("gradcheck at 1", gradcheck(huber, at(1)).ok);
  // The second derivative jumps from 1 to 0; a difference across the place finds 1/2.
  const GradcheckResult second = gradgradcheck(huber, at(1));
  std::printf("%s\n", second.message.c_str());
  tutorial.expect("gradgradcheck fails at 1", !second.ok);
  tutorial.expect("gradgradcheck at 0.9", gradgradcheck(huber, at(0.9)).ok);
  tutorial.expect("gradgradcheck at 1.1", gradgradcheck(huber, at(1.1)).ok);
}
