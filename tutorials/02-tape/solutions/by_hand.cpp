// z = (a + b) exp(a b), forward and backward on paper and by the tape.

#include <cmath>

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const double a = 0.5, b = 2;
  const double u = a + b, p = a * b, v = std::exp(p);  // 2.5, 1, 2.7183; z = u v = 6.7957
  const double du = v, dv = u;                         // of z = u v
  const double dp = dv * v;                            // exp is its own derivative
  const double da = du + dp * b, db = du + dp * a;     // 16.3097 and 6.1161

  const TensorOptions options{.dtype = float64, .requires_grad = true};
  const Tensor x = scalar_tensor(a, options), y = scalar_tensor(b, options);
  ((x + y) * (x * y).exp()).backward();
  tutorial.expect("da", da, 16.3096, 16.3098);
  tutorial.expect("db", db, 6.1161, 6.1163);
  tutorial.expect("da by the tape differs by", std::fabs(x.grad().item<double>() - da), 0, 1e-10);
  tutorial.expect("db by the tape differs by", std::fabs(y.grad().item<double>() - db), 0, 1e-10);
}
