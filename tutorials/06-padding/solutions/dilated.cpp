// A dilated filter is a larger one with zeros in between.

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(6);
  const Tensor x = randn({1, 1, 20, 30}, float64), filter = randn({1, 1, 3, 3}, float64);
  for (const int64_t d : {2, 3, 4}) {
    const int64_t extent = d * 2 + 1;
    const Slice steps(0, Slice::none, d);
    Tensor with_holes = zeros({1, 1, extent, extent}, float64);
    with_holes.index({0, 0, steps, steps}) = filter[0][0];
    // d = extent / 2 rounded down: the padding that keeps the size.
    const Tensor dilated = conv2d(x, filter, {}, {.padding = d, .dilation = d});
    const Tensor large = conv2d(x, with_holes, {}, {.padding = d});
    tutorial.expect("dilation " + std::to_string(d) + " keeps the size",
                    dilated.shape() == x.shape());
    tutorial.expect("and differs from the filter with zeros by at most",
                    (dilated - large).abs().max().item<double>(), 0, 1e-10);
  }
}
