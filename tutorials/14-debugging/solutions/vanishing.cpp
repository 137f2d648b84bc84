// Gradients that get smaller from layer to layer.

#include <cstdio>

#include <rewind/nn/module_debug.h>
#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

// The norm of the gradient of the first layer's weight, in parts of that of the last one's.
template <class Activation>
double first_to_last() {
  manual_seed(1);
  nn::Sequential net;
  for (int i = 0; i < 10; ++i) net.append(nn::Linear(32, 32)).append(Activation());
  net.append(nn::Linear(32, 1));
  net(randn({64, 32})).sum().backward();
  const GradReport report = nn::grad_report(net);
  std::printf("%s", report.table().c_str());
  return report.rows[0].norm / report.rows[20].norm;  // weights and biases of 11 layers
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  // The derivative of the sigmoid is 1/4 at most, of ten one after another 1e-6.
  const double sigmoid = first_to_last<nn::Sigmoid>(), relu = first_to_last<nn::ReLU>();
  tutorial.expect("sigmoid, first layer to last", sigmoid, 0, 1e-6);
  tutorial.expect("ReLU is better by a factor of", relu / sigmoid, 10, 1e12);
}
