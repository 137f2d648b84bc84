#pragma once

#include <rewind/data/images.h>

#pragma GCC visibility push(default)

namespace rw::data {

/// Made-up pictures in the format of MNIST, for where that can't be had: `n` images, 28 x 28, of
/// ten classes (circle, ring, square, …) in turn, of random place, size, tilt, brightness and
/// noise. An image depends on the seed and its number alone.
ImageDataset make_shapes(int64_t n, uint64_t seed = 0);

}  // namespace rw::data

#pragma GCC visibility pop
