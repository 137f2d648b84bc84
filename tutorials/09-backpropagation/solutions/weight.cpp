// The gradient of the weights is a convolution of x with g, in which samples are what channels are
// otherwise, and the stride is a dilation.

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(9);
  for (const int64_t stride : {1, 2, 3})
    for (const int64_t padding : {0, 1}) {
      const Tensor x = randn({2, 3, 10, 11}, float64);
      const Tensor weight = randn({4, 3, 3, 3}, float64).requires_grad_();
      const Tensor y = conv2d(x, weight, {}, {.stride = stride, .padding = padding});
      const Tensor g = randn(y.shape(), float64);
      y.backward(g);

      const Tensor all = conv2d(x.transpose(0, 1), g.transpose(0, 1), {},
                                {.padding = padding, .dilation = stride});
      // Rows and columns of x that the stride never reached give more than 3 by 3.
      const Tensor dw = all.narrow(2, 0, 3).narrow(3, 0, 3).transpose(0, 1);
      tutorial.expect("stride " + std::to_string(stride) + ", padding " + std::to_string(padding) +
                          ", differs by",
                      (dw - weight.grad()).abs().max().item<double>(), 0, 1e-10);
    }
}
