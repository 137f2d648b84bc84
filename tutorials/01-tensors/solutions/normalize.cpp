// Each channel of the photo with mean 0 and standard deviation 1.

#include <rewind/io/png.h>
#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const Tensor photo = io::read_png(TUTORIAL_PHOTO).to(float64) / 255;  // [3, H, W]
  // [3, 1, 1] with keepdim, so that it broadcasts to [3, H, W].
  const Tensor mean = photo.mean({1, 2}, /*keepdim=*/true);
  const Tensor deviation = photo.std({1, 2}, /*correction=*/0, /*keepdim=*/true);
  const Tensor normalized = (photo - mean) / deviation;
  tutorial.expect("greatest mean of a channel", normalized.mean({1, 2}).abs().max().item<double>(),
                  0, 1e-10);
  tutorial.expect("greatest variance less 1",
                  (normalized.var({1, 2}, 0) - 1).abs().max().item<double>(), 0, 1e-10);

  // [3] without keepdim is aligned at the right, with W, and W is not 3.
  bool thrown = false;
  try {
    photo - photo.mean({1, 2});
  } catch (const ShapeError&) {
    thrown = true;
  }
  tutorial.expect("without keepdim the shapes do not fit", thrown);
}
