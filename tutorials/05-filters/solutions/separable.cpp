// A blur in two steps: along rows, then along columns.

#include <rewind/io/png.h>
#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const Tensor grey = (io::read_png(TUTORIAL_PHOTO).to(float32) / 255).mean({0});
  const Tensor image = grey.view({1, 1, grey.size(0), grey.size(1)});
  const int64_t k = 15;
  const double share = 1.0 / static_cast<double>(k);

  const Tensor at_once = conv2d(image, full({1, 1, k, k}, share * share));
  const Tensor rows = conv2d(image, full({1, 1, 1, k}, share));
  const Tensor both = conv2d(rows, full({1, 1, k, 1}, share));
  tutorial.expect("two steps differ from one by at most",
                  (both - at_once).abs().max().item<double>(), 0, 1e-5);
  // 225 multiplications for each pixel at once, 30 in two steps. The product of a column and a row
  // is a matrix of rank 1: most filters can't be split.
  tutorial.expect("multiplications saved", static_cast<double>(k * k) / static_cast<double>(2 * k),
                  7.5, 7.5);
}
