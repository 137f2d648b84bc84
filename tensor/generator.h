#pragma once

#include <cstdint>

#pragma GCC visibility push(default)

namespace rw {

/// Counter-based random numbers (Philox4x32-10; Salmon et al., "Parallel random numbers: as easy
/// as 1, 2, 3", 2011). The n-th number depends on the seed and n alone, so results do not depend
/// on the number of threads. Cheap to copy; a copy repeats the sequence.
class Generator {
 public:
  explicit Generator(uint64_t seed = 5489) : seed_(seed) {}

  void manual_seed(uint64_t seed) {
    seed_ = seed;
    counter_ = 0;
  }
  uint64_t seed() const { return seed_; }
  uint64_t counter() const { return counter_; }
  void set_counter(uint64_t counter) { counter_ = counter; }
  /// Sets aside `blocks` counters (four 32-bit numbers each) and returns the first.
  uint64_t reserve(uint64_t blocks) {
    const uint64_t first = counter_;
    counter_ += blocks;
    return first;
  }
  /// The next number, uniform over 64 bits.
  uint64_t next();

 private:
  uint64_t seed_;
  uint64_t counter_ = 0;
};

/// This thread's generator, used where none is given.
Generator& default_generator();
/// Seeds this thread's generator.
void manual_seed(uint64_t seed);

/// Four numbers of Philox4x32-10 for a seed and counter.
struct Philox4 {
  uint32_t v[4];
};
Philox4 philox(uint64_t seed, uint64_t counter);

}  // namespace rw

#pragma GCC visibility pop
