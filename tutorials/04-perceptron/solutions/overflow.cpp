// Softmax of large scores, in float32.

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

Tensor naive(const Tensor& z) { return z.exp() / z.exp().sum({1}, true); }

// The greatest score becomes 0: no exponential is greater than 1, and one of them is 1.
Tensor safe(const Tensor& z) { return naive(z - z.amax({1}, true)); }

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const Tensor z = from<float>({{1000, 1001, 1002}, {0, 1, 2}});
  // exp(1000) is infinite in float32 (and in float64), and infinity / infinity is no number.
  tutorial.expect("elements that are no number", naive(z).isnan().sum().item<double>(), 3, 3);
  tutorial.expect("softmax differs from ours by",
                  (safe(z) - softmax(z, 1)).abs().max().item<double>(), 0, 1e-6);
  // e^(z + c) = e^c e^z: the factor e^c cancels, so that both rows are the same.
  tutorial.expect("the rows differ by", (safe(z)[0] - safe(z)[1]).abs().max().item<double>(), 0, 0);
}
