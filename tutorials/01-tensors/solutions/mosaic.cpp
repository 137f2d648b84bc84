// The photo in tiles of 15 by 15 pixels, each of one color.

#include <rewind/io/png.h>
#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const Tensor photo = io::read_png(TUTORIAL_PHOTO).to(float32) / 255;  // [3, 150, 225]
  // Rows are counted by tile and by row within the tile, and so are columns.
  const Tensor tiles = photo.view({3, 10, 15, 15, 15});
  const Tensor means = tiles.mean({2, 4}, /*keepdim=*/true);  // [3, 10, 1, 15, 1]
  const Tensor mosaic = means.expand({3, 10, 15, 15, 15}).reshape({3, 150, 225});
  io::write_png(tutorial.picture("mosaic.png"), mosaic);

  // Average pooling computes the same means; tutorial 07 is about it.
  const Tensor pooled = avg_pool2d(photo.unsqueeze(0), 15)[0];
  tutorial.expect("the means differ from those of pooling by",
                  (means.view({3, 10, 15}) - pooled).abs().max().item<double>(), 0, 1e-5);
  tutorial.expect("mean of the photo less that of the mosaic",
                  (photo.mean() - mosaic.mean()).abs().item<double>(), 0, 1e-5);
}
