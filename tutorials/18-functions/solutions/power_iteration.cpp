// The greatest curvature at the minimum, without the Hessian, and the learning rate that it allows.

#include <cmath>
#include <cstdio>

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

Tensor height(const Tensor& p) {
  return (1 - p[0]).square() + 100 * (p[1] - p[0].square()).square();
}

// How far 1000 steps of gradient descent lead away from the minimum, or to it.
double distance_after(double lr) {
  Tensor p = from({1 + 1e-6, 1.0});
  for (int step = 0; step < 1000; ++step) p = p - lr * grad(height)(p);
  return (p - 1).square().sum().sqrt().item<double>();
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  set_default_dtype(float64);
  // H v, again and again, turns any v towards the direction of the greatest curvature.
  const Tensor minimum = ones({2});
  Tensor v = from({1.0, 0.0});
  double curvature = 0;
  for (int i = 0; i < 10; ++i) {
    const auto [value, hv] = hvp(height, minimum, v);
    curvature = hv.square().sum().sqrt().item<double>();
    v = hv / curvature;
  }
  // By hand: H = (802 -400; -400 200), whose eigenvalues add up to 1002 and multiply to 400.
  tutorial.expect("differs from the greater eigenvalue by",
                  std::fabs(curvature - (1002 + std::sqrt(1002.0 * 1002 - 4 * 400)) / 2), 0, 1e-10);
  const double limit = 2 / curvature;
  tutorial.expect("greatest learning rate", limit, 0.00199, 0.002);
  tutorial.expect("distance with 99 % of it", distance_after(0.99 * limit), 0, 1e-6);
  tutorial.expect("distance with 101 % of it", distance_after(1.01 * limit), 1e-3, 10);
}
