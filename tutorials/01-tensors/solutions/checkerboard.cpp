// A checkerboard without a loop.

#include <rewind/io/png.h>
#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const Slice even(0, Slice::none, 2), odd(1, Slice::none, 2);
  const Tensor board = zeros({8, 8});
  board.index({even, odd}) = 1;
  board.index({odd, even}) = 1;
  tutorial.expect("white fields", board.sum().item<double>(), 32, 32);

  // The same by broadcasting: a column and a row of numbers, added up.
  const Tensor sums = arange(8).view({8, 1}) + arange(8);
  tutorial.expect("a field is white where its numbers add up to an odd one",
                  equal(board, (sums % 2).to(float32)));

  // Each field 16 pixels wide and high: a view of two more dimensions, expanded with stride 0.
  const Tensor large = board.view({8, 1, 8, 1}).expand({8, 16, 8, 16}).reshape({128, 128});
  io::write_png(tutorial.picture("checkerboard.png"), large);
  tutorial.expect("pixels that are white", large.mean().item<double>(), 0.5, 0.5);
}
