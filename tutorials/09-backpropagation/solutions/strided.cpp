// The gradient of the input of a convolution with a stride, by a convolution without: between the
// numbers of g come zeros.

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(9);
  const int64_t kernel = 3, padding = 1;
  const Tensor backwards = arange(kernel - 1, -1, -1);
  for (const int64_t stride : {1, 2, 3}) {
    const Tensor x = randn({2, 3, 10, 11}, float64).requires_grad_();
    const Tensor weight = randn({4, 3, kernel, kernel}, float64);
    const Tensor y = conv2d(x, weight, {}, {.stride = stride, .padding = padding});
    const Tensor g = randn(y.shape(), float64);
    y.backward(g);

    // As large as the result would be with stride 1; where the stride skipped a place, zero.
    const Tensor wide =
        zeros({2, 4, 10 + 2 * padding - kernel + 1, 11 + 2 * padding - kernel + 1}, float64);
    const Slice steps(0, Slice::none, stride);
    wide.index({Ellipsis, steps, steps}) = g;
    const Tensor turned = weight.index_select(2, backwards).index_select(3, backwards);
    const Tensor dx = conv2d(wide, turned.transpose(0, 1), {}, {.padding = kernel - 1 - padding});
    tutorial.expect("stride " + std::to_string(stride) + ", differs by",
                    (dx - x.grad()).abs().max().item<double>(), 0, 1e-10);
  }
}
