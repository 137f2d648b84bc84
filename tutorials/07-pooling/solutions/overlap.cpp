// Where windows overlap, a pixel may win in several of them: the gradients add up.

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  Tensor x = zeros({1, 7, 7}, float64);
  x.index({0, 4, 4}) = 1;
  x.requires_grad_();
  for (const int64_t stride : {1, 2, 3}) {
    x.set_grad({});
    const Tensor y = max_pool2d(x, 3, {.stride = stride});
    y.sum().backward();
    // The windows that hold the peak, counted by their results.
    const double windows = y.detach().sum().item<double>();
    tutorial.expect("stride " + std::to_string(stride) + ", gradient of the peak",
                    x.grad().index({0, 4, 4}).item<double>(), windows, windows);
    tutorial.expect("gradients in total are the number of windows",
                    x.grad().sum().item<double>() == static_cast<double>(y.numel()));
  }
}
