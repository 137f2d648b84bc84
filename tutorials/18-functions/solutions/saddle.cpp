// Newton's method looks for a gradient of zero, and a saddle has one as well.

#include <cstdio>

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

// Minima at (1, 0) and (-1, 0), a saddle at (0, 0).
Tensor f(const Tensor& p) { return p[0].square().square() / 4 - p[0].square() / 2 + p[1].square(); }

Tensor newton(Tensor p) {
  for (int step = 0; step < 20; ++step) {
    const Tensor g = grad(f)(p), h = hessian(f, p);
    p = p - stack({g[0] / h[0][0], g[1] / h[1][1]});  // no mixed derivatives: h is diagonal
  }
  return p;
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  set_default_dtype(float64);
  const Tensor far = newton(from({2.0, 1.0})), near = newton(from({0.3, 1.0}));
  tutorial.expect("from (2, 1) it ends at x", far[0].item<double>(), 1 - 1e-10, 1 + 1e-10);
  tutorial.expect("from (0.3, 1) it ends at x", near[0].item<double>(), -1e-10, 1e-10);
  // At the saddle the curvature along x is negative. It is a minimum where both are positive.
  tutorial.expect("curvature along x at the saddle", hessian(f, near)[0][0].item<double>(), -1, -1);
}
