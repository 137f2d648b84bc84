#pragma once

#include <cstdint>

#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// Where the random numbers of a fill come from: those of philox(seed, first), philox(seed,
/// first + 1), … in order. The results are the same on every vector target.
struct RandomBlocks {
  uint64_t seed, first;
};
/// The numbers of `count` blocks, four 32-bit words each. `count` is a multiple of eight.
void random_words(RandomBlocks blocks, int64_t count, uint32_t* words);

/// How many blocks a fill of n values of a floating dtype takes.
uint64_t random_blocks(DType dtype, int64_t n);

/// low + range * u with u in [0, 1), but at most `last`.
struct UniformRange {
  double low, range, last;
};
void fill_uniform(DType dtype, RandomBlocks blocks, UniformRange range, void* y, int64_t n);
/// Normal numbers; Box and Muller, "A note on the generation of random normal deviates", 1958.
void fill_normal(DType dtype, RandomBlocks blocks, double mean, double std, void* y, int64_t n);

}  // namespace rw::kernels
