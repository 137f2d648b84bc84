// How far into a picture the choice of the padding is felt, after some layers.

#include <rewind/io/png.h>
#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const Tensor grey = (io::read_png(TUTORIAL_PHOTO).to(float64) / 255).mean({0});
  const Tensor blur = ones({1, 1, 3, 3}, float64) / 9;
  Tensor with_zeros = grey.view({1, 1, 150, 225}), mirrored = with_zeros;
  for (int64_t layer = 1; layer <= 5; ++layer) {
    with_zeros = conv2d(with_zeros, blur, {}, {.padding = 1});
    mirrored = conv2d(mirrored, blur, {}, {.padding = 1, .padding_mode = PaddingMode::reflect});
    const Tensor difference = (with_zeros - mirrored).abs()[0][0];
    // Away from the corners, which the sides reach as well.
    const Tensor last = difference.index({layer - 1, Slice(layer, 225 - layer)});
    tutorial.expect("layer " + std::to_string(layer) + ", in the last row that is reached",
                    last.max().item<double>(), 1e-4, 1);
    const Tensor inside =
        difference.narrow(0, layer, 150 - 2 * layer).narrow(1, layer, 225 - 2 * layer);
    tutorial.expect("and further inside", inside.max().item<double>(), 0, 1e-12);
  }
}
