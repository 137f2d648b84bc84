// The filters of the tutorial, learned from noise, whose neighbouring pixels have nothing in
// common.

#include <rewind/io/png.h>
#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

// Steps until all weights are within 0.02 of what they should be.
int steps_needed(const Tensor& image) {
  const Tensor sobel = from<float>({{-1, 0, 1}, {-2, 0, 2}, {-1, 0, 1}});
  const Tensor sharpen = from<float>({{0, -1, 0}, {-1, 5, -1}, {0, -1, 0}});
  const Tensor wanted = stack({ones({3, 3}) / 9, sharpen, sobel, sobel.t()}).unsqueeze(1);
  const Tensor target = conv2d(image, wanted);
  Tensor weight = 0.3 * randn({4, 1, 3, 3});
  weight.requires_grad_();
  optim::Adam adam({weight}, {.lr = 0.1});
  int step = 0;
  while ((weight.detach() - wanted).abs().max().item<double>() > 0.02 && step < 10000) {
    adam.zero_grad();
    mse_loss(conv2d(image, weight), target).backward();
    adam.step();
    ++step;
  }
  return step;
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(5);
  const Tensor photo = (io::read_png(TUTORIAL_PHOTO).to(float32) / 255).mean({0});
  tutorial.expect("steps on noise", steps_needed(randn({1, 1, 150, 225})), 20, 400);
  tutorial.expect("steps on the photo", steps_needed(photo.view({1, 1, 150, 225})), 1000, 6000);
}
