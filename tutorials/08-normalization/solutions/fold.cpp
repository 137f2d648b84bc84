// In evaluation a batch norm multiplies and adds per channel, as the convolution before it can.

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(8);
  nn::Conv2d conv(3, 8, 3);
  nn::BatchNorm2d bn(8);
  conv.to(float64);
  bn.to(float64);
  for (int step = 0; step < 20; ++step) bn(conv(1 + randn({4, 3, 9, 9}, float64)));
  bn.eval();

  const no_grad guard;
  const Tensor factor = bn.weight / (bn.running_var + 1e-5).sqrt();  // [8]
  const Tensor weight = conv.weight * factor.view({8, 1, 1, 1});
  const Tensor bias = (conv.bias - bn.running_mean) * factor + bn.bias;

  const Tensor x = randn({2, 3, 9, 9}, float64);
  tutorial.expect("one convolution differs from both layers by",
                  (conv2d(x, weight, bias) - bn(conv(x))).abs().max().item<double>(), 0, 1e-10);
}
