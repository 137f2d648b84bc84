// y = x - mean(x) in each row: the mean depends on all elements of its row, so that each of these
// reaches all results.

#include <cstdio>

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

Tensor center(const Tensor& x, bool knows_of_mean) {
  const auto forward = [&] {
    no_grad guard;
    return x - x.mean({1}, true);
  };
  return record("center", forward(), {x}, [knows_of_mean](const Tensor& g, Needs) -> Grads {
    if (!knows_of_mean) return g;
    return g - g.mean({1}, true);
  });
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(3);
  const Tensor x = randn({2, 4}, float64).requires_grad_();
  const auto wrong = [](const Tensor& t) { return center(t, false); };
  const auto right = [](const Tensor& t) { return center(t, true); };
  const GradcheckResult result = gradcheck(wrong, x);
  std::printf("%s\n", result.message.c_str());
  tutorial.expect("g alone is found to be wrong", !result.ok);
  tutorial.expect("g - mean(g) passes", gradcheck(right, x).ok);
  tutorial.expect("its second derivatives as well", gradgradcheck(right, x).ok);
}
