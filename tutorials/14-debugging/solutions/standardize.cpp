// A division of zero by zero: a feature that is the same in all samples has no spread.

#include <cstdio>

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

Tensor standardized(const Tensor& x, double eps) {
  return (x - x.mean({0}, true)) / (x.var({0}, 0, true) + eps).sqrt();
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(1);
  Tensor x = randn({16, 4});
  x.select(1, 2).fill_(0.5);
  x.requires_grad_();

  std::string message;
  try {
    const detect_anomaly guard;
    standardized(x, 0).square().sum().backward();
  } catch (const AutogradError& e) {
    message = e.what();
    std::printf("%s\n", e.what());
  }
  tutorial.expect("it names div", message.find("the result of 'div'") != message.npos);

  // The epsilon of batch normalization is there for this.
  const detect_anomaly guard;
  standardized(x, 1e-5).square().sum().backward();
  tutorial.expect("with an epsilon all is finite", x.grad().isfinite().all().item<bool>());
}
