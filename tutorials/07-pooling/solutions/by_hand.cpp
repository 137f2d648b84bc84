// Max pooling by the maximum of four pictures, and what it does to equal pixels.

#include <rewind/io/png.h>
#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

Tensor pooled_by_hand(const Tensor& x) {
  const auto pixels = [&](int64_t row, int64_t column) {
    return x.index({Ellipsis, Slice(row, Slice::none, 2), Slice(column, Slice::none, 2)});
  };
  return maximum(maximum(pixels(0, 0), pixels(0, 1)), maximum(pixels(1, 0), pixels(1, 1)));
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const Tensor photo = io::read_png(TUTORIAL_PHOTO).to(float64).narrow(2, 0, 224);
  tutorial.expect("the same pixels", pooled_by_hand(photo).equal(max_pool2d(photo, 2)));

  const Tensor equal_pixels = ones({1, 2, 2}, float64).requires_grad_();
  pooled_by_hand(equal_pixels).sum().backward();
  const Tensor by_hand = equal_pixels.grad();
  equal_pixels.set_grad({});
  max_pool2d(equal_pixels, 2).sum().backward();
  // maximum() can't know which of two equal numbers is meant, and gives each a half.
  tutorial.expect("by hand, each of four equal pixels gets a quarter",
                  by_hand.equal(full({1, 2, 2}, 0.25, float64)));
  const Tensor first = from<double>({{1, 0}, {0, 0}}).unsqueeze(0);
  tutorial.expect("max_pool2d gives it all to the first", equal_pixels.grad().equal(first));
}
